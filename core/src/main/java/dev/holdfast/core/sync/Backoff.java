package dev.holdfast.core.sync;

import java.util.function.DoubleSupplier;

/**
 * How long to wait before trying again: exponential with full jitter (Brooker, "Exponential backoff
 * and jitter", 2015), so that those who lost a node together do not come back together. Not
 * thread-safe.
 */
public final class Backoff {
    private final long firstMillis;
    private final long mostMillis;
    private final DoubleSupplier random;
    private int failures;

    /**
     * Waits up to {@code firstMillis} after one failure, twice that after two, and never over
     * {@code mostMillis}.
     *
     * @param random from 0 inclusive to 1 exclusive
     */
    public Backoff(long firstMillis, long mostMillis, DoubleSupplier random) {
        this.firstMillis = firstMillis;
        this.mostMillis = mostMillis;
        this.random = random;
    }

    /** Counts a failure; answers the wait. */
    public long failed() {
        long bound = Math.min(mostMillis, firstMillis << Math.min(failures, 30));
        failures++;
        return (long) (random.getAsDouble() * bound);
    }

    public void succeeded() {
        failures = 0;
    }
}
