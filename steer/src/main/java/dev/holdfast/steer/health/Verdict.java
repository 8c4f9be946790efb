package dev.holdfast.steer.health;

import java.time.Instant;
import java.util.Locale;

/**
 * What one node thinks of an endpoint.
 *
 * @param since when it began to think so
 * @param reason for people; of the newest look that bears it out
 */
public record Verdict(State state, Instant since, String reason) {
    private static final int MOST_REASON = 300;

    public Verdict {
        if (reason.length() > MOST_REASON) reason = reason.substring(0, MOST_REASON);
    }

    /** The verdict in one word. */
    public enum State {
        UNJUDGED,
        UP,
        DOWN;

        /** As it stands in files, messages and answers. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * What {@link #word} showed.
         *
         * @throws IllegalArgumentException for another word
         */
        public static State ofWord(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    static Verdict unjudged(Instant now) {
        return new Verdict(State.UNJUDGED, now, "not checked yet");
    }
}
