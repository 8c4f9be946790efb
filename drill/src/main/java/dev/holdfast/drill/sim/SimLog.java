package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.log.Log;
import dev.holdfast.region.log.LogReader;
import dev.holdfast.region.log.LogRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * RocketMQ in a simulation: keeps what it said to have stored, delivers some of it again, and now
 * and then stores something without being able to say so.
 */
final class SimLog implements Log {
    private static final double UNCERTAIN = 0.02;
    private static final int MOST_AT_ONCE = 8;

    private final World world;
    private final List<LogRecord> records = new ArrayList<>();
    private final List<List<Dot>> dots = new ArrayList<>();
    private int committed;

    SimLog(World world) {
        this.world = world;
    }

    @Override
    public AppendResult append(List<LogRecord> appended) {
        boolean uncertain = world.chance(UNCERTAIN);
        int stored = uncertain ? world.random.nextInt(appended.size() + 1) : appended.size();
        for (LogRecord record : appended.subList(0, stored)) {
            records.add(record);
            dots.add(dotsOf(record));
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
        if (!world.chance(0.1)) committed += count;
    }

    boolean isDrained() {
        return committed == records.size();
    }

    boolean holds(String scope, Dot dot) {
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).scope().equals(scope) && dots.get(i).contains(dot)) return true;
        }
        return false;
    }

    @Override
    public LogReader reader(String group) {
        throw new UnsupportedOperationException("the simulation polls by itself");
    }

    @Override
    public void close() {}

    private static List<Dot> dotsOf(LogRecord record) {
        List<Dot> dots = new ArrayList<>();
        for (Batch batch : LogEntry.decode(Bytes.wrap(record.body())).batches()) {
            for (long seq = batch.first(); seq <= batch.last(); seq++)
                dots.add(new Dot(batch.author(), seq));
        }
        return dots;
    }
}
