package dev.holdfast.region.worker;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies records of the log to the region's tables. No thread, no clock, no waiting: {@link #step}
 * takes records and the time, and says what became of them; the simulator runs this very class.
 *
 * <ul>
 *   <li>Records may come twice, or fifty times: the context in the tables knows what it has seen,
 *       so the log is committed after the database and never the other way round.
 *   <li>Batches of several records share a transaction, up to a number of operations.
 *   <li>What cannot be applied goes to quarantine with its reason and never holds up another: a
 *       group that fails is halved until the batch that fails is alone.
 *   <li>A database that is away is nobody's failure: nothing is quarantined, the records are to be
 *       given again.
 * </ul>
 *
 * <p>Signatures and grants were judged when the record was written; the log is the region's own.
 * Not thread-safe.
 */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Two transactions that meet again and again are to wait a little. */
    private static final int COLLISIONS = 5;

    private final Transactor tables;
    private final Settings settings;
    private final Application application;

    /**
     * How it works.
     *
     * @param operationsPerTransaction after which a transaction takes no further batch
     * @param home whether this is the region that corrects clocks
     */
    public record Settings(int operationsPerTransaction, boolean home) {
        public Settings {
            if (operationsPerTransaction < 1)
                throw new IllegalArgumentException("a transaction has an operation at least");
        }
    }

    /** What became of the records. */
    public sealed interface Step {
        /**
         * All are dealt with, and the log may forget them.
         *
         * @param operations that were new
         * @param quarantined batches and messages
         * @param receivedMillis when the region took in the oldest of them; 0 where none says
         */
        record Done(List<News> news, int operations, int quarantined, long receivedMillis)
                implements Step {}

        /** Not all of them: give the same ones again, later. */
        record Waiting(String reason) implements Step {}
    }

    public Worker(Transactor tables, RegionAuthor author, Settings settings) {
        this.tables = tables;
        this.settings = settings;
        this.application = new Application(author, settings.home());
    }

    public Step step(List<LogRecord> records, long nowMillis) {
        Outcome outcome = new Outcome();
        try {
            List<Application.Item> group = new ArrayList<>();
            int operations = 0;
            for (LogRecord record : records) {
                for (Application.Item item : decoded(record, nowMillis, outcome)) {
                    group.add(item);
                    operations += item.operations();
                    if (operations < settings.operationsPerTransaction()) continue;
                    apply(group, nowMillis, outcome);
                    group.clear();
                    operations = 0;
                }
            }
            if (!group.isEmpty()) apply(group, nowMillis, outcome);
        } catch (StoreException e) {
            // What was committed before is told again when it comes again.
            return new Step.Waiting(String.valueOf(e.getMessage()));
        }
        return new Step.Done(
                outcome.news, outcome.operations, outcome.quarantined, outcome.receivedMillis);
    }

    private static final class Outcome {
        final List<News> news = new ArrayList<>();
        int operations;
        int quarantined;
        long receivedMillis;

        void received(long millis) {
            if (receivedMillis == 0 || millis < receivedMillis) receivedMillis = millis;
        }
    }

    private List<Application.Item> decoded(LogRecord record, long nowMillis, Outcome outcome) {
        Bytes body = Bytes.wrap(record.body());
        try {
            LogEntry entry = LogEntry.decode(body);
            outcome.received(entry.receivedMillis());
            Map<ReplicaId, Granted> grants = Granted.byReplica(entry.grants());
            List<Application.Item> items = new ArrayList<>();
            for (Batch batch : entry.batches()) {
                items.add(
                        new Application.Item(
                                batch, grants.get(batch.author()), entry.receivedMillis()));
            }
            return items;
        } catch (MalformedException e) {
            String reason = "not a message of this log: " + e.getMessage();
            LOG.warn("scope {}: quarantined a message, {}", record.scope(), reason);
            write(t -> {
                t.quarantineMessage(record.scope(), body, reason, nowMillis);
                return true;
            });
            outcome.quarantined++;
            return List.of();
        }
    }

    /** Applies a group in one transaction, or its halves where it cannot be. */
    private void apply(List<Application.Item> group, long nowMillis, Outcome outcome) {
        RuntimeException failure;
        try {
            add(outcome, write(t -> application.apply(t, group, nowMillis)));
            return;
        } catch (StoreException e) {
            if (e.failure() != DatabaseFailure.ERROR) throw e;
            failure = e;
        } catch (RuntimeException e) {
            // A batch in form that the merge does not bear: a defect, and still no reason to stop.
            failure = e;
        }
        int half = group.size() / 2;
        if (half > 0) {
            apply(List.copyOf(group.subList(0, half)), nowMillis, outcome);
            apply(List.copyOf(group.subList(half, group.size())), nowMillis, outcome);
            return;
        }
        Application.Item item = group.getFirst();
        LOG.error(
                "scope {}, replica {}: quarantined the batch {} to {}",
                item.batch().scope(),
                item.batch().author(),
                item.batch().first(),
                item.batch().last(),
                failure);
        String reason = "it could not be applied: " + failure.getMessage();
        add(
                outcome,
                write(t ->
                        application.refuse(t, item, Rejection.Code.MALFORMED, reason, nowMillis)));
    }

    private static void add(Outcome outcome, Application.Applied applied) {
        outcome.news.addAll(applied.news());
        outcome.operations += applied.operations();
        outcome.quarantined += applied.quarantined();
    }

    private <T> T write(Function<? super RegionTables, T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return tables.write(work);
            } catch (StoreException e) {
                boolean again =
                        e.failure() == DatabaseFailure.COLLISION && attempt <= COLLISIONS
                                // A worker that woke up late finds its work done: what it
                                // remembered was wrong, and is read anew.
                                || e.failure() == DatabaseFailure.ERROR && attempt == 1;
                if (!again) throw e;
            }
        }
    }
}
