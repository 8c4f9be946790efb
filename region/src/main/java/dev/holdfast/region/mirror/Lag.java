package dev.holdfast.region.mirror;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What another region has applied and this one has not. */
public sealed interface Lag {
    /** When it was looked at last. */
    Instant at();

    /**
     * The peer was asked.
     *
     * @param exact whether the figures are all; else there is at least that much
     * @param oldest how long ago the peer applied the oldest of it, by its own clock; empty where
     *     nothing is lacking, or the peer does not know
     */
    record Known(
            Instant at, long operations, long batches, boolean exact, Optional<Duration> oldest)
            implements Lag {}

    /** Nobody can say. */
    record Unknown(Instant at, String reason) implements Lag {}
}
