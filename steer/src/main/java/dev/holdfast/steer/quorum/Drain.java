package dev.holdfast.steer.quorum;

import dev.holdfast.core.operation.Hlc;
import dev.holdfast.steer.pool.EndpointName;
import java.time.Instant;
import java.util.Optional;

/**
 * An operator's word that an endpoint is to be out of answers, or in again. Of two about the same
 * endpoint the one with the greater stamp counts, everywhere.
 *
 * @param out whether it takes the endpoint out; else it puts it back
 * @param until when it is in again by itself
 * @param who said so
 * @param why for people; may be empty
 * @param node that was told
 */
public record Drain(
        EndpointName endpoint,
        boolean out,
        Instant at,
        Optional<Instant> until,
        String who,
        String why,
        Hlc stamp,
        String node) {
    private static final int MOST_TEXT = 300;

    public Drain {
        if (who.length() > MOST_TEXT || why.length() > MOST_TEXT || node.length() > MOST_TEXT)
            throw new IllegalArgumentException("who and why have at most 300 characters");
    }

    /** Whether the endpoint is out at {@code now}. */
    public boolean holds(Instant now) {
        return out && (until.isEmpty() || now.isBefore(until.get()));
    }

    boolean beats(Drain other) {
        int order = stamp.compareTo(other.stamp);
        return order > 0 || order == 0 && node.compareTo(other.node) > 0;
    }
}
