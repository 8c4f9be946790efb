package dev.holdfast.steer.pool;

import java.time.Instant;

/** Whether an endpoint is to be named in answers to one line's users, and why. */
public sealed interface Standing {
    /** A sentence for those who ask why. */
    String reason();

    /** It works, as far as those can see who judge for the line. */
    record Up(Instant since, String reason) implements Standing {}

    /** It does not. */
    record Down(Instant since, String reason) implements Standing {}

    /** Nobody has judged yet; named like one that works. */
    record Unjudged(String reason) implements Standing {}

    /** An operator took it out: named only where nothing else is left at all. */
    record Drained(Instant since, String reason) implements Standing {}
}
