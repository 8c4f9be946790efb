package dev.holdfast.region.tables;

import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.worker.News;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps rows and documents the same: looks where the application changed rows and
 * where documents changed, and has each {@link TableWork} do a round. It looks at once when this
 * process applied something, and several times a second for what others did. Thread-safe.
 */
public final class TablesDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TablesDriver.class);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final InstantSource clock;
    private final List<TableWork> tables;
    private final Semaphore bell = new Semaphore(0);
    private volatile boolean closing;
    private final Thread thread = Thread.ofVirtual().name("tables").unstarted(this::run);

    private TablesDriver(
            RegionStore store,
            MirroredTables mirrored,
            RegionAuthor author,
            InstantSource clock,
            Consumer<News> listener) {
        this.clock = clock;
        this.tables =
                mirrored.settings().stream()
                        .map(table -> new TableWork(table, store, author, listener))
                        .toList();
    }

    /**
     * Starts to work.
     *
     * @param listener told, on this thread, of what was authored, once it is committed
     */
    public static TablesDriver start(
            RegionStore store,
            MirroredTables mirrored,
            RegionAuthor author,
            InstantSource clock,
            Consumer<News> listener) {
        TablesDriver driver = new TablesDriver(store, mirrored, author, clock, listener);
        driver.thread.start();
        return driver;
    }

    /** Has it look at once. Quick. */
    public void wake() {
        if (bell.availablePermits() == 0) bell.release();
    }

    /** How a table stands, for people. */
    public String words(TableSettings settings) {
        return tables.stream()
                .filter(table -> table.settings().equals(settings))
                .findFirst()
                .orElseThrow()
                .words();
    }

    /** Stops after the transaction under way. */
    @Override
    public void close() {
        closing = true;
        bell.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closing) {
                boolean worked = false;
                boolean failed = false;
                for (TableWork table : tables) {
                    try {
                        worked |= table.round(clock.millis());
                    } catch (StoreException e) {
                        failed = true;
                        if (table.fails("the database: " + e.failure()))
                            LOG.warn("table {}: nothing can be done now", name(table), e);
                    } catch (TableRefusedException e) {
                        failed = true;
                        if (table.fails(String.valueOf(e.getMessage())))
                            LOG.error("{}", e.getMessage());
                    } catch (RuntimeException e) {
                        failed = true;
                        if (table.fails("failed: " + e)) LOG.error("table {}", name(table), e);
                    }
                }
                if (!worked || failed) pause(failed ? RETRY : PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pause(Duration patience) throws InterruptedException {
        if (bell.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) bell.drainPermits();
    }

    private static String name(TableWork table) {
        return table.settings().name();
    }
}
