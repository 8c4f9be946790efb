package dev.holdfast.drill.bench;

import dev.holdfast.region.log.RocketLog;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.worker.Pace;
import dev.holdfast.region.worker.Worker;
import dev.holdfast.region.worker.WorkerDriver;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A region's own workers, which begin when they are let and are told to stop between two rounds.
 */
final class GatedWorkers implements AutoCloseable {
    private final List<GatedReader> readers = new ArrayList<>();
    private final List<WorkerDriver> drivers = new ArrayList<>();

    private GatedWorkers() {}

    static GatedWorkers start(int count, RegionStore store, RegionAuthor author, RocketLog log) {
        GatedWorkers workers = new GatedWorkers();
        Worker.Settings settings = new Worker.Settings(Pace.FAST.operationsPerTransaction(), true);
        for (int i = 0; i < count; i++) {
            GatedReader reader = new GatedReader(log.reader("bench"));
            workers.readers.add(reader);
            workers.drivers.add(
                    WorkerDriver.start(
                            new Worker(store, author, settings),
                            reader,
                            Pace.FAST,
                            InstantSource.system(),
                            news -> {}));
        }
        return workers;
    }

    void open() {
        readers.forEach(GatedReader::open);
    }

    void shut() {
        readers.forEach(GatedReader::shut);
    }

    long operations() {
        return drivers.stream().mapToLong(WorkerDriver::operations).sum();
    }

    long quarantined() {
        return drivers.stream().mapToLong(WorkerDriver::quarantined).sum();
    }

    long backlog() {
        return drivers.stream().mapToLong(WorkerDriver::backlog).sum();
    }

    /** What they wait for instead of working. */
    List<String> waiting() {
        List<String> reasons = new ArrayList<>();
        for (WorkerDriver driver : drivers) {
            String waiting = driver.waiting();
            if (waiting != null) reasons.add(waiting);
        }
        return reasons;
    }

    @Override
    public void close() {
        drivers.forEach(WorkerDriver::close);
    }
}
