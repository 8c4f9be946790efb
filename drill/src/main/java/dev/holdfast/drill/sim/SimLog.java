package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.log.Log;
import dev.holdfast.region.log.LogReader;
import dev.holdfast.region.log.LogRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * RocketMQ in a simulation: keeps what it said to have stored, delivers some of it again, and now
 * and then stores something without being able to say so.
 */
final class SimLog implements Log {
    private static final double UNCERTAIN = 0.02;
    private static final double COMMIT_LOST = 0.1;
    private static final int MOST_AT_ONCE = 8;

    private final World world;
    private final List<LogRecord> records = new ArrayList<>();
    private final List<List<Batch>> batches = new ArrayList<>();
    private final Set<Bytes> hashes = new TreeSet<>();
    private int committed;

    SimLog(World world) {
        this.world = world;
    }

    @Override
    public AppendResult append(List<LogRecord> appended) {
        boolean uncertain = world.chance(UNCERTAIN);
        if (uncertain) world.coverage.count(Coverage.UNCERTAIN);
        int stored = uncertain ? world.random.nextInt(appended.size() + 1) : appended.size();
        for (LogRecord record : appended.subList(0, stored)) {
            records.add(record);
            List<Batch> all = LogEntry.decode(Bytes.wrap(record.body())).batches();
            batches.add(all);
            for (Batch batch : all) hashes.add(batch.hash());
        }
        return uncertain
                ? new AppendResult.NotStored("a flush timed out", Duration.ofMillis(200))
                : new AppendResult.Stored();
    }

    /** What has not been committed, from the oldest on. */
    List<LogRecord> poll() {
        return List.copyOf(
                records.subList(
                        committed,
                        Math.min(records.size(), committed + world.between(1, MOST_AT_ONCE))));
    }

    /**
     * Forgets that {@code count} records are to be delivered, or a crash of the broker loses the
     * commit.
     */
    void commit(int count) {
        if (!world.chance(COMMIT_LOST)) committed = Math.min(records.size(), committed + count);
    }

    /** Delivers up to {@code count} records once more. */
    void redeliver(int count) {
        committed = Math.max(0, committed - count);
    }

    boolean isDrained() {
        return committed == records.size();
    }

    /** What is still to be delivered. */
    Context pending(String scope) {
        Context pending = new Context();
        for (List<Batch> record : batches.subList(committed, batches.size())) {
            for (Batch batch : record) {
                if (batch.scope().equals(scope))
                    pending.add(batch.author(), batch.first(), batch.last());
            }
        }
        return pending;
    }

    boolean holds(Bytes batchHash) {
        return hashes.contains(batchHash);
    }

    @Override
    public LogReader reader(String group) {
        throw new UnsupportedOperationException("the simulation polls by itself");
    }

    @Override
    public void close() {}
}
