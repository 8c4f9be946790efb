package dev.holdfast.core.replica;

import dev.holdfast.core.operation.Batch;

/** A batch at its place in a node's feed: {@code head} is the feed's head once it was applied. */
public record FeedItem(FeedHead head, Batch batch) {}
