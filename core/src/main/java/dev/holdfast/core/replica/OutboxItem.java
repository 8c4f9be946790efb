package dev.holdfast.core.replica;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;

/**
 * A batch that this node still answers for.
 *
 * @param number its place in this node's feed
 * @param level how far it is known to have got
 * @param sinceMillis when it came into the outbox, by this node's clock: what an edge vouches for
 *     when a grant has run out meanwhile
 */
public record OutboxItem(long number, Batch batch, Durability level, long sinceMillis) {}
