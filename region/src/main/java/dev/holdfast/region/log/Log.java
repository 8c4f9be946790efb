package dev.holdfast.region.log;

import java.util.List;

/**
 * A durable, sharded log. Records of one scope are always in the same shard, and come out of it in
 * the order in which one caller's appends put them in; between scopes there is no order. A record
 * may be delivered more than once, never less.
 *
 * <p>Safe for use by several threads.
 */
public interface Log extends AutoCloseable {
    /**
     * Appends, and waits until the answer is known; blocks for at most the send timeout.
     *
     * @return {@link AppendResult.Stored} only if every record was flushed to disk
     */
    AppendResult append(List<LogRecord> records);

    /**
     * A reader of its own, of the shards that the group's other readers leave to it. Shards move
     * when readers come and go; what was not committed is then delivered again elsewhere.
     *
     * @param group the name under which commits are remembered; a new group starts at the beginning
     */
    LogReader reader(String group);

    /** Stops the log and the readers that it gave out, within seconds. */
    @Override
    void close();
}
