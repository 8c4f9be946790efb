package dev.holdfast.region.log;

import java.time.Duration;
import java.util.List;

/**
 * One member of a group of readers. Holds a bounded number of records ahead of its caller.
 *
 * <p>The loop it is made for: {@link #poll}, apply in a database transaction, then {@link #commit};
 * or, when the transaction failed, {@link #rewind} and poll again. Polling, committing and
 * rewinding belong to one thread; {@link #backlog} and {@link #close} may come from any.
 */
public interface LogReader extends AutoCloseable {
    /**
     * A record with its place.
     *
     * @param shard number of the shard, the same in every process
     * @param offset place in the shard; grows by one from record to record
     */
    record Delivery(LogRecord record, int shard, long offset) {}

    /**
     * The next records, in order within each shard; waits for the first one only.
     *
     * @return at most {@code max}; none when the time is over or the reader is closed
     */
    List<Delivery> poll(int max, Duration timeout);

    /**
     * Everything that {@link #poll} has returned is applied. Reaches the broker within about a
     * second, so a crash delivers the last of it again.
     */
    void commit();

    /** What {@link #poll} has returned since the last commit will be returned again, in order. */
    void rewind();

    /**
     * Records in this reader's shards that are not committed. Asks the broker.
     *
     * @throws LogException when it does not answer
     */
    long backlog();

    /** Gives the shards back to the group; returns within seconds. */
    @Override
    void close();
}
