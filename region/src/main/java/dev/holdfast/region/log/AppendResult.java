package dev.holdfast.region.log;

import java.time.Duration;

/** What became of an append. */
public sealed interface AppendResult {
    /** Every record of the call is flushed to the broker's disk: REGION is true. */
    record Stored() implements AppendResult {}

    /**
     * Not all of them are known to be stored. Some may be, so the caller sends all of them again
     * and the reader gets used to seeing a record twice.
     *
     * @param reason for people
     * @param retryAfter when a further attempt makes sense
     */
    record NotStored(String reason, Duration retryAfter) implements AppendResult {}
}
