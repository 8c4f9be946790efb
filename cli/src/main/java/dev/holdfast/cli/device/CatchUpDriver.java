package dev.holdfast.cli.device;

import dev.holdfast.device.Subscription;
import dev.holdfast.store.link.LinkStatus;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Takes in what others wrote before a command reads: waits until a node is reached and nothing more
 * has come for a moment, or until the time is over. Nobody can know that there is no more, so a
 * pause has to do.
 */
final class CatchUpDriver {
    /** Several round trips of a local network. */
    private static final Duration QUIET = Duration.ofMillis(300);

    private static final Duration LOOK = Duration.ofMillis(20);

    private CatchUpDriver() {}

    /**
     * @param collection the one that will be read
     */
    static void run(OpenDevice open, String collection) throws InterruptedException {
        if (open.offline()) return;
        long end = System.nanoTime() + open.timeout().toNanos();
        while (!(open.device().status().link() instanceof LinkStatus.Connected)) {
            if (System.nanoTime() - end >= 0) return;
            Thread.sleep(LOOK);
        }
        Semaphore news = new Semaphore(0);
        try (Subscription _ =
                open.scope().watch(open.scope().query(collection), found -> news.release())) {
            long left = end - System.nanoTime();
            while (left > 0
                    && news.tryAcquire(Math.min(left, QUIET.toNanos()), TimeUnit.NANOSECONDS)) {
                left = end - System.nanoTime();
            }
        }
    }
}
