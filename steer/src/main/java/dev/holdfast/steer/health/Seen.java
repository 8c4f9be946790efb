package dev.holdfast.steer.health;

import java.time.Duration;

/** What one look at an endpoint showed. */
public sealed interface Seen {
    /** It did what it must. */
    record Well(Duration took) implements Seen {}

    /** It did not, or not in time. */
    record Failed(String reason) implements Seen {}
}
