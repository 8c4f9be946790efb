package dev.holdfast.core.sync;

/**
 * How long a link waits for an answer, and how much it sends before it has one: learned from its
 * answers, and kept from one session to the next. Not thread-safe.
 *
 * <p>Impatience is what brings a link back soon after a cut: TCP doubles its own wait with each
 * packet that is lost, to minutes, and a new connection begins anew. Over a thin link, though, what
 * is sent takes its time, and who ends the session too soon sends the same again for ever. So each
 * silence that ended a session doubles the wait and quarters what is sent at once; answers bring
 * both back, the wait never below twice what the last of them took (as TCP does with its timer, RFC
 * 6298, and its window, RFC 5681).
 */
public final class Patience {
    /** No link is more impatient. */
    public static final long LEAST_MILLIS = 5_000;

    static final long MOST_MILLIS = 120_000;
    static final int LEAST_BYTES = 4 << 10;
    static final int FIRST_BYTES = 64 << 10;

    private static final int SLOWLY = 8;

    private long millis = LEAST_MILLIS;
    private int bytes = FIRST_BYTES;

    /** How long a silence may last while an answer is waited for. */
    public long millis() {
        return millis;
    }

    /** How much may be on its way; a batch that is larger goes alone. */
    public int bytes() {
        return bytes;
    }

    /** Something that was sent was answered, {@code tookMillis} after the wait for it began. */
    public void answered(long tookMillis) {
        long slower = Math.max(millis - millis / SLOWLY, 2 * Math.max(0, tookMillis));
        millis = Math.clamp(slower, LEAST_MILLIS, MOST_MILLIS);
        if (tookMillis < LEAST_MILLIS / 2)
            bytes = Math.min(2 * bytes, Message.Pace.OPEN.windowBytes());
    }

    /** There was no answer within {@link #millis}. */
    public void exhausted() {
        millis = Math.min(2 * millis, MOST_MILLIS);
        bytes = Math.max(bytes / 4, LEAST_BYTES);
    }
}
