package dev.holdfast.region.worker;

import dev.holdfast.region.log.LogException;
import dev.holdfast.region.log.LogReader;
import dev.holdfast.region.log.LogRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one {@link Worker} on a virtual thread: polls, steps, commits the log, tells the news; or
 * rewinds and waits. What it takes from the log at a time is bounded by bytes, since one record may
 * be large. Thread-safe.
 */
public final class WorkerDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerDriver.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY = Duration.ofMillis(500);

    /** Enough for a few transactions; a record is below as much. */
    private static final int TAKEN_BYTES = 2 << 20;

    private static final int TAKEN_RECORDS = 4_000;

    private final Worker worker;
    private final LogReader reader;
    private final Pace pace;
    private final InstantSource clock;
    private final Consumer<News> listener;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicLong operations = new AtomicLong();
    private final AtomicLong quarantined = new AtomicLong();
    private volatile @Nullable String waiting;

    /** When that was taken in which it works on, or cannot; 0 while there is nothing. */
    private volatile long behindSinceMillis;

    private final Thread thread;

    private WorkerDriver(
            Worker worker,
            LogReader reader,
            Pace pace,
            InstantSource clock,
            Consumer<News> listener) {
        this.worker = worker;
        this.reader = reader;
        this.pace = pace;
        this.clock = clock;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("worker").unstarted(this::run);
    }

    /**
     * Starts to work.
     *
     * @param reader this driver's alone; closed with it
     * @param listener told, on the worker's thread, once it is true
     */
    public static WorkerDriver start(
            Worker worker,
            LogReader reader,
            Pace pace,
            InstantSource clock,
            Consumer<News> listener) {
        WorkerDriver driver = new WorkerDriver(worker, reader, pace, clock, listener);
        driver.thread.start();
        return driver;
    }

    /** Operations applied since the start. */
    public long operations() {
        return operations.get();
    }

    /** Batches and messages quarantined since the start. */
    public long quarantined() {
        return quarantined.get();
    }

    /** What it waits for instead of working; null while it works. */
    public @Nullable String waiting() {
        return waiting;
    }

    /** How long ago the region took in what it applied last, while there is more. */
    public Duration lag() {
        long since = behindSinceMillis;
        return since == 0 ? Duration.ZERO : Duration.ofMillis(Math.max(0, clock.millis() - since));
    }

    /** Stops after the transaction under way. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reader.close();
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                List<LogRecord> records = take();
                if (records.isEmpty()) behindSinceMillis = 0;
                else work(records);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            waiting = "the worker has failed: " + e;
            LOG.error("the worker has stopped", e);
        }
    }

    private List<LogRecord> take() {
        List<LogRecord> records = new ArrayList<>();
        int bytes = 0;
        Duration patience = POLL;
        while (bytes < TAKEN_BYTES && records.size() < TAKEN_RECORDS) {
            List<LogReader.Delivery> next = reader.poll(1, patience);
            if (next.isEmpty()) break;
            records.add(next.getFirst().record());
            bytes += next.getFirst().record().body().length;
            patience = Duration.ZERO;
        }
        return records;
    }

    private void work(List<LogRecord> records) throws InterruptedException {
        long started = System.nanoTime();
        switch (worker.step(records, clock.millis())) {
            case Worker.Step.Done done -> {
                if (waiting != null) LOG.info("the database is back");
                waiting = null;
                if (done.receivedMillis() > 0) behindSinceMillis = done.receivedMillis();
                // After the database, never before: what is lost in between comes again and is
                // known by then.
                reader.commit();
                operations.addAndGet(done.operations());
                quarantined.addAndGet(done.quarantined());
                done.news().forEach(this::tell);
                pause(pace.nanos(done.operations()) - (System.nanoTime() - started));
            }
            case Worker.Step.Waiting away -> {
                if (waiting == null) LOG.warn("nothing can be applied: {}", away.reason());
                waiting = away.reason();
                if (behindSinceMillis == 0) behindSinceMillis = clock.millis();
                reader.rewind();
                pause(RETRY.toNanos());
            }
        }
    }

    private void tell(News news) {
        try {
            listener.accept(news);
        } catch (RuntimeException e) {
            // Who misses the news finds the same in the database; the work goes on.
            LOG.warn("scope {}: the news could not be told", news.scope(), e);
        }
    }

    private void pause(long nanos) throws InterruptedException {
        if (nanos > 0) {
            var _ = closing.await(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * Records of this reader's shards that are not applied yet.
     *
     * @throws LogException when the broker does not say
     */
    public long backlog() {
        return reader.backlog();
    }
}
