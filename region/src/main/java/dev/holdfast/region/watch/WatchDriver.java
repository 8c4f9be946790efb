package dev.holdfast.region.watch;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The thread that has something looked at, at once and then every so often, until it is closed. A
 * look that throws is the last one: whoever looks answers for what may fail.
 */
public final class WatchDriver implements AutoCloseable {
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /** One look. */
    @FunctionalInterface
    public interface Look {
        void look() throws InterruptedException;
    }

    private WatchDriver(String name, Duration interval, Look look) {
        thread = Thread.ofVirtual().name(name).unstarted(() -> run(interval, look));
    }

    /**
     * Begins to look.
     *
     * @param interval between the end of a look and the next
     */
    public static WatchDriver start(String name, Duration interval, Look look) {
        WatchDriver driver = new WatchDriver(name, interval, look);
        driver.thread.start();
        return driver;
    }

    private void run(Duration interval, Look look) {
        try {
            do look.look();
            while (!closing.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the look that is under way. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Interrupts the look that is under way, for one that may take long and harms nothing so. */
    public void breakOff() {
        closing.countDown();
        thread.interrupt();
        close();
    }
}
