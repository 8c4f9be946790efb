package dev.holdfast.region.worker;

import dev.holdfast.node.settings.Default;

/**
 * How fast a worker goes.
 *
 * @param operationsPerTransaction after which a transaction takes no further batch
 * @param operationsPerSecond on average, so that a backlog leaves the database time for others; 0
 *     for as fast as it can
 */
public record Pace(
        @Default("500") int operationsPerTransaction, @Default("0") int operationsPerSecond) {
    public static final Pace FAST = new Pace(500, 0);

    public Pace {
        if (operationsPerTransaction < 1 || operationsPerSecond < 0)
            throw new IllegalArgumentException(
                    "operations-per-transaction is at least 1, operations-per-second at least 0");
    }

    /** How long work of that many operations is to take. */
    long nanos(int operations) {
        return operationsPerSecond == 0 ? 0 : operations * 1_000_000_000L / operationsPerSecond;
    }
}
