package dev.holdfast.store.link;

import java.time.Duration;

/** When a socket was last heard of, by the bytes that came. Not thread-safe. */
final class Hearing {
    /** From one look to the next, a second later: more than what pings come to. */
    private static final int SAYS_SOMETHING_BYTES = 100;

    private long bytes;
    private long atNanos;

    /** Begins to listen, when so many bytes have come. */
    Hearing(long bytes, long nowNanos) {
        this.bytes = bytes;
        this.atNanos = nowNanos;
    }

    /** Looks again; answers whether a part of a message has come, beyond pings. */
    boolean says(long bytesNow, long nowNanos) {
        long came = bytesNow - bytes;
        bytes = bytesNow;
        if (came > 0) atNanos = nowNanos;
        return came > SAYS_SOMETHING_BYTES;
    }

    /** For how long not a byte has come. */
    Duration silence(long nowNanos) {
        return Duration.ofNanos(nowNanos - atNanos);
    }
}
