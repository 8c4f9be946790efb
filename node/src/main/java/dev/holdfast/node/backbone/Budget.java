package dev.holdfast.node.backbone;

/**
 * What a costly link may carry in an hour of the clock, and has carried in this one. A machine; not
 * thread-safe.
 */
final class Budget {
    private static final long HOUR_MILLIS = 3_600_000;

    private final long bytesPerHour;
    private long hour;
    private long usedBytes;

    Budget(long bytesPerHour) {
        this.bytesPerHour = bytesPerHour;
    }

    /** What a process before this one has counted. */
    void resume(long hour, long usedBytes) {
        this.hour = hour;
        this.usedBytes = usedBytes;
    }

    void count(long bytes, long wallMillis) {
        turn(wallMillis);
        usedBytes += bytes;
    }

    boolean isOpen(long wallMillis) {
        turn(wallMillis);
        return usedBytes < bytesPerHour;
    }

    private void turn(long wallMillis) {
        long now = Math.floorDiv(wallMillis, HOUR_MILLIS);
        if (now == hour) return;
        hour = now;
        usedBytes = 0;
    }

    long hour() {
        return hour;
    }

    long usedBytes() {
        return usedBytes;
    }
}
