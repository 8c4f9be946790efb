package dev.holdfast.steer.pool;

/**
 * How every endpoint stands, at one moment. Immutable, so that all of one answer is of one moment;
 * thread-safe.
 */
public interface Standings {
    /** The line of users that no network of another line holds. */
    String EVERYBODY_ELSE = "default";

    /** Knows nothing yet. */
    Standings NONE =
            new Standings() {
                @Override
                public long version() {
                    return 0;
                }

                @Override
                public Standing of(EndpointName endpoint, String line) {
                    return new Standing.Unjudged("not checked yet");
                }
            };

    /** Grows with every change, so that what was made of older ones can be told from it. */
    long version();

    /**
     * How {@code endpoint} stands for the users of {@code line}; {@link Standing.Unjudged} for an
     * endpoint that nobody knows.
     */
    Standing of(EndpointName endpoint, String line);
}
