package dev.holdfast.node.backbone;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * How much data may be on its way over one link: as much as keeps the link busy, and no more, since
 * all that waits in buffers of the kernel and of routers delays what is urgent, probes too. It
 * grows while what arrives arrives soon, and shrinks when the delay grows by more than is good (by
 * delay, as LEDBAT, RFC 6817). A machine; times are microseconds. Not thread-safe.
 */
final class LinkWindow {
    static final long LEAST_BYTES = 2L * Frame.MAX_DATA_BYTES;
    static final long MOST_BYTES = 2 << 20;

    /** What waiting may add to the shortest delay that was seen. */
    private static final long GOOD_QUEUEING_MICROS = 250_000;

    private record Sent(long upTo, long at) {}

    private final Queue<Sent> underWay = new ArrayDeque<>();
    private long sentBytes;
    private long tookBytes;
    private long windowBytes = 8L * Frame.MAX_DATA_BYTES;
    private long leastDelay = Long.MAX_VALUE;
    private long shrunkAt;

    boolean hasRoom() {
        return sentBytes - tookBytes < windowBytes;
    }

    void sent(int bytes, long now) {
        sentBytes += bytes;
        underWay.add(new Sent(sentBytes, now));
    }

    /**
     * The other end has so much, of all that was ever sent.
     *
     * @return when the newest of it was sent; empty where it is nothing new
     */
    Optional<Long> took(long upTo, long now) {
        if (upTo <= tookBytes || upTo > sentBytes) return Optional.empty();
        long newest = -1;
        for (Sent next = underWay.peek();
                next != null && next.upTo() <= upTo;
                next = underWay.peek()) {
            underWay.remove();
            newest = next.at();
        }
        long bytes = upTo - tookBytes;
        tookBytes = upTo;
        if (newest < 0) return Optional.empty();
        long delay = now - newest;
        leastDelay = Math.min(leastDelay, delay);
        if (delay - leastDelay <= GOOD_QUEUEING_MICROS) {
            windowBytes = Math.min(MOST_BYTES, windowBytes + bytes);
        } else if (newest >= shrunkAt) {
            // Once for all that was sent before: it met the same queue.
            windowBytes = Math.max(LEAST_BYTES, windowBytes * 7 / 10);
            shrunkAt = now;
        }
        return Optional.of(newest);
    }

    long windowBytes() {
        return windowBytes;
    }
}
