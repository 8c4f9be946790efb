package dev.holdfast.region.worker;

import dev.holdfast.node.settings.Default;

/**
 * How fast a worker goes.
 *
 * @param operationsPerTransaction after which a transaction takes no further batch. What a
 *     transaction costs whatever its size, its flush above all, is shared by as many; a document
 *     that several of them touch is read and written once. Whoever writes to the same scope waits
 *     for it: tenths of a second on a small machine
 * @param operationsPerSecond on average, so that a backlog leaves the database time for others; 0
 *     for as fast as it can
 */
public record Pace(
        @Default("2000") int operationsPerTransaction, @Default("0") int operationsPerSecond) {
    public static final Pace FAST = new Pace(2_000, 0);

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
