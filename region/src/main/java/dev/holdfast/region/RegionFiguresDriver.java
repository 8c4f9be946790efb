package dev.holdfast.region;

import dev.holdfast.region.log.LogException;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import dev.holdfast.region.worker.WorkerDriver;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a region says about itself. Broker and database are asked every few seconds on a thread of
 * its own, so that whoever asks for figures never waits for either. Thread-safe.
 */
final class RegionFiguresDriver implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    private final Transactor store;
    private final List<WorkerDriver> workers;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("figures").unstarted(this::run);
    private volatile double backlog = Double.NaN;
    private volatile double quarantined = Double.NaN;
    private volatile @Nullable String databaseFailure;

    private RegionFiguresDriver(Transactor store, List<WorkerDriver> workers) {
        this.store = store;
        this.workers = workers;
    }

    static RegionFiguresDriver start(
            Transactor store, List<WorkerDriver> workers, MeterRegistry meters) {
        RegionFiguresDriver figures = new RegionFiguresDriver(store, List.copyOf(workers));
        meters.gauge("holdfast.region.backlog", figures, f -> f.backlog);
        meters.gauge("holdfast.region.quarantined", figures, f -> f.quarantined);
        meters.gauge(
                "holdfast.region.database.up", figures, f -> f.databaseFailure == null ? 1 : 0);
        FunctionCounter.builder(
                        "holdfast.region.applied",
                        figures,
                        f -> f.workers.stream().mapToLong(WorkerDriver::operations).sum())
                .description("operations applied by this process")
                .register(meters);
        figures.thread.start();
        return figures;
    }

    /** Records in the shards of this process that are not applied; NaN while unknown. */
    double backlog() {
        return backlog;
    }

    /** Why the database cannot be used; empty while it can. */
    Optional<String> databaseFailure() {
        return Optional.ofNullable(databaseFailure);
    }

    /** Why a worker does nothing; empty while they all work. */
    Optional<String> workerFailure() {
        for (WorkerDriver worker : workers) {
            String waiting = worker.waiting();
            if (waiting != null) return Optional.of(waiting);
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            do {
                askDatabase();
                askLog();
            } while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void askDatabase() {
        try {
            quarantined = store.<Long>read(RegionTables::quarantineSize);
            databaseFailure = null;
        } catch (StoreException e) {
            quarantined = Double.NaN;
            databaseFailure = e.getMessage();
        }
    }

    private void askLog() {
        try {
            backlog = workers.stream().mapToLong(WorkerDriver::backlog).sum();
        } catch (LogException e) {
            backlog = Double.NaN;
        }
    }
}
