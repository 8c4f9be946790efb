package dev.holdfast.store;

/**
 * What a store has that no other node is known to have.
 *
 * @param bytes of batches, and of transactions that are in none yet
 * @param oldestMillis when the oldest of it came, by this machine's clock; 0 where there is nothing
 */
public record Backlog(long operations, long bytes, long oldestMillis) {
    Backlog and(Backlog other) {
        return new Backlog(
                operations + other.operations,
                bytes + other.bytes,
                oldestMillis == 0 || other.oldestMillis == 0
                        ? Math.max(oldestMillis, other.oldestMillis)
                        : Math.min(oldestMillis, other.oldestMillis));
    }
}
