package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;

/**
 * What is kept of every applied batch for ever: where it starts and ends, its hash and the one
 * before.
 */
public record BatchHead(long first, long last, Bytes hash, Bytes previous) {}
