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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a region says about itself, as broker and database said it at the last look: whoever asks
 * for figures never waits for either. Thread-safe, but for {@link #look}.
 */
final class RegionFigures {
    static final Duration INTERVAL = Duration.ofSeconds(3);

    private final Transactor store;
    private final List<WorkerDriver> workers;
    private volatile double backlog = Double.NaN;
    private volatile double quarantined = Double.NaN;
    private volatile @Nullable String databaseFailure;

    RegionFigures(Transactor store, List<WorkerDriver> workers) {
        this.store = store;
        this.workers = List.copyOf(workers);
    }

    void register(MeterRegistry meters) {
        meters.gauge("holdfast.region.backlog", this, f -> f.backlog);
        meters.gauge("holdfast.region.quarantined", this, f -> f.quarantined);
        meters.gauge("holdfast.region.database.up", this, f -> f.databaseFailure == null ? 1 : 0);
        FunctionCounter.builder("holdfast.region.applied", this, RegionFigures::applied)
                .description("operations applied by this process")
                .register(meters);
    }

    private long applied() {
        return workers.stream().mapToLong(WorkerDriver::operations).sum();
    }

    /**
     * The same for the console. What is counted is counted since the start, by this process; what
     * is not known now is left out.
     */
    Map<String, Object> told() {
        Map<String, Object> told = new TreeMap<>();
        double waiting = backlog;
        double kept = quarantined;
        if (!workers.isEmpty()) {
            told.put("applied", applied());
            if (!Double.isNaN(waiting)) told.put("queue", Math.round(waiting));
        }
        if (!Double.isNaN(kept)) told.put("quarantined", Math.round(kept));
        return told;
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

    void look() {
        askDatabase();
        askLog();
    }

    private void askDatabase() {
        try {
            quarantined = store.<Long>read(RegionTables::openQuarantine);
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
