package dev.holdfast.steer.health;

import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.pool.CheckSettings;
import dev.holdfast.steer.pool.EndpointName;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at endpoints for as long as it is open, each on a virtual thread of its own, so that one
 * that hangs delays none of the others. Thread-safe.
 */
public final class ChecksDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChecksDriver.class);

    /** Each pause is longer or shorter by up to this share, so that looks do not fall in step. */
    private static final double JITTER = 0.1;

    /**
     * How an endpoint does.
     *
     * @param looked when it was looked at last
     * @param took how long the newest good look took
     * @param counts whether anything is looked at; not where the check is {@code none}
     */
    public record Sight(
            Verdict verdict, Optional<Instant> looked, Optional<Duration> took, boolean counts) {}

    /** Is told of each verdict that is another than the one before. */
    @FunctionalInterface
    public interface Listener {
        /** Called on the thread of the endpoint; quick. */
        void changed(EndpointName endpoint, Verdict before, Verdict now);
    }

    private final HealthFile file;
    private final SSLSocketFactory deployment;
    private final Listener listener;
    private final InstantSource clock;
    private final SplittableRandom random;
    private final Executor threads;
    private final Timer looks;
    private final Timer failures;

    /** What an earlier process knew of those that nobody watches yet. */
    private final Map<EndpointName, EndpointHealth.Kept> kept;

    private final Map<EndpointName, Watch> watches = new ConcurrentHashMap<>();

    private ChecksDriver(
            HealthFile file,
            SSLSocketFactory deployment,
            Listener listener,
            InstantSource clock,
            SplittableRandom random,
            Executor threads,
            MeterRegistry meters) {
        this.file = file;
        this.deployment = deployment;
        this.listener = listener;
        this.clock = clock;
        this.random = random;
        this.threads = threads;
        this.looks = meters.timer("holdfast.steer.looks", "seen", "well");
        this.failures = meters.timer("holdfast.steer.looks", "seen", "failed");
        this.kept = new HashMap<>(file.load());
    }

    /**
     * Watches nothing yet.
     *
     * @param state the file that keeps what was down over a restart
     * @param deployment makes connections that believe the deployment's CA
     * @param threads runs each task on a virtual thread of its own
     * @throws KeysException when the file cannot be read
     */
    public static ChecksDriver open(
            Path state,
            SSLSocketFactory deployment,
            Listener listener,
            InstantSource clock,
            SplittableRandom random,
            Executor threads,
            MeterRegistry meters) {
        return new ChecksDriver(
                new HealthFile(state), deployment, listener, clock, random, threads, meters);
    }

    /**
     * Watches these from now on and no others. One whose check is as it was goes on undisturbed;
     * one whose check is another keeps the verdict that it had.
     *
     * @throws KeysException when a CA cannot be read; nothing has changed then
     */
    public synchronized void watch(Map<EndpointName, Watched> wanted) {
        Map<EndpointName, Watch> begun = new HashMap<>();
        wanted.forEach((name, watched) -> {
            Watch now = watches.get(name);
            if (now != null && now.watched.equals(watched)) return;
            Optional<EndpointHealth.Kept> before =
                    Optional.ofNullable(now != null ? now.kept : kept.get(name));
            begun.put(name, new Watch(name, watched, before));
        });
        watches.forEach((name, watch) -> {
            if (wanted.containsKey(name) && !begun.containsKey(name)) return;
            watch.stop();
            if (!wanted.containsKey(name)) watches.remove(name);
        });
        watches.putAll(begun);
        begun.values().forEach(threads::execute);
    }

    /** How each does, at one moment. */
    public Map<EndpointName, Sight> sights() {
        Map<EndpointName, Sight> sights = new HashMap<>();
        watches.forEach((name, watch) -> sights.put(name, watch.sight));
        return Map.copyOf(sights);
    }

    @Override
    public synchronized void close() {
        watches.values().forEach(Watch::stop);
        watches.clear();
    }

    /**
     * A verdict that cannot be stored still stands: it is found out again after a restart, and
     * answers must not stop for a full disk.
     */
    private synchronized void store() {
        watches.forEach((name, watch) -> kept.put(name, watch.kept));
        kept.keySet().retainAll(watches.keySet());
        try {
            file.store(kept);
        } catch (KeysException e) {
            LOG.warn("what is down is not kept over a restart: {}", e.getMessage());
        }
    }

    /** The looks at one endpoint, until it is stopped. */
    private final class Watch implements Runnable {
        private final EndpointName name;
        private final Watched watched;
        private final LookDriver driver;
        private final SplittableRandom jitter = random.split();
        private final EndpointHealth health;
        private final CountDownLatch stopped = new CountDownLatch(1);

        // What others may read of the health, which belongs to the thread that runs.
        private volatile EndpointHealth.Kept kept;
        private volatile Sight sight;

        Watch(EndpointName name, Watched watched, Optional<EndpointHealth.Kept> before) {
            this.name = name;
            this.watched = watched;
            CheckSettings check = watched.check();
            driver = new LookDriver(watched, deployment, threads);
            health =
                    new EndpointHealth(
                            check.every(),
                            check.downAfter(),
                            check.upAfter(),
                            before,
                            clock.instant());
            kept = health.kept();
            sight = new Sight(health.verdict(), Optional.empty(), Optional.empty(), counts());
        }

        private boolean counts() {
            return watched.check().kind() != CheckSettings.Kind.NONE;
        }

        void stop() {
            stopped.countDown();
        }

        @Override
        public void run() {
            try {
                long next = System.nanoTime();
                do {
                    look();
                    // After a look that took longer than the pause the next begins at once.
                    next = Math.max(next + jittered(health.pause()), System.nanoTime());
                } while (!stopped.await(next - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void look() throws InterruptedException {
            long begun = System.nanoTime();
            Seen seen = driver.look();
            (seen instanceof Seen.Well ? looks : failures)
                    .record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
            if (stopped.getCount() == 0) return;
            Verdict before = health.verdict();
            Verdict now = health.step(seen, clock.instant());
            kept = health.kept();
            sight =
                    new Sight(
                            now,
                            Optional.of(clock.instant()),
                            seen instanceof Seen.Well(Duration took)
                                    ? Optional.of(took)
                                    : Optional.empty(),
                            counts());
            if (now.state() == before.state()) return;
            LOG.info("{} is {}: {}", name, now.state().word(), now.reason());
            store();
            listener.changed(name, before, now);
        }

        private long jittered(Duration pause) {
            return (long) (pause.toNanos() * (1 - JITTER + 2 * JITTER * jitter.nextDouble()));
        }
    }
}
