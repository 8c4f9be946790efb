package dev.holdfast.node.backbone;

/**
 * So many bytes a second on the average, and a second's worth at once. Nobody waits here. A
 * machine; times are microseconds. Not thread-safe.
 */
final class TokenBucket {
    private final long bytesPerSecond;
    private double level;
    private long filledAt;

    TokenBucket(long bytesPerSecond, long now) {
        this.bytesPerSecond = bytesPerSecond;
        this.level = bytesPerSecond;
        this.filledAt = now;
    }

    /** Whether anything may pass now. */
    boolean isOpen(long now) {
        double filled = (now - filledAt) / 1e6 * bytesPerSecond;
        level = Math.min((double) bytesPerSecond, level + filled);
        filledAt = now;
        return level > 0;
    }

    /** So much has passed: more than there was, if need be, and then nothing passes for longer. */
    void take(long bytes) {
        level -= bytes;
    }
}
