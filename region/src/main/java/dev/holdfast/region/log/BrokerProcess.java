package dev.holdfast.region.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocketMQ (name server and broker) as a child JVM with its own class path. Started again, after a
 * pause that grows, whenever it dies while this object is open.
 *
 * <p>A JVM of its own because RocketMQ keeps global state, hangs when it fails to start and takes
 * long to stop; and because a broker that dies must not take ingest with it. The child lives as
 * long as its standard input: when this process is killed, however hard, the child sees the end of
 * it and goes. A child that is still on its way out is waited for by the next one, which wants the
 * same lock.
 *
 * <p>Safe for use by several threads.
 */
public final class BrokerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerProcess.class);

    /** The child's status when the disk failed it. */
    private static final int FLUSH_FAILED = 4;

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(8);
    private static final Duration BACKOFF_FIRST = Duration.ofMillis(500);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

    /** A child that lived this long was well; the next pause is short again. */
    private static final Duration WELL_AFTER = Duration.ofMinutes(1);

    private final BrokerSettings settings;
    private final CountDownLatch closing;
    private final Thread supervisor;
    private volatile Child child;

    private record Child(Process process, ChildOutput output, long startedNanos) {}

    private BrokerProcess(BrokerSettings settings, CountDownLatch closing, Child child) {
        this.settings = settings;
        this.closing = closing;
        this.child = child;
        this.supervisor = Thread.ofVirtual().name("broker-supervisor").unstarted(this::supervise);
    }

    /**
     * Starts the child and waits until its topics can be used.
     *
     * @param progress told in a few words what is going on, about once a second
     * @throws LogException with the child's last words when it does not become ready in time
     */
    public static BrokerProcess start(BrokerSettings settings, Consumer<String> progress) {
        CountDownLatch closing = new CountDownLatch(1);
        Child child = launch(settings);
        try {
            awaitReady(settings, child, closing, progress);
        } catch (RuntimeException e) {
            child.process().destroyForcibly();
            throw e;
        }
        BrokerProcess broker = new BrokerProcess(settings, closing, child);
        broker.supervisor.start();
        return broker;
    }

    /** The name server's host:port. Stays the same when the child is started again. */
    public String address() {
        return "127.0.0.1:" + settings.namesrvPort();
    }

    /** Of the child of this moment. */
    public long pid() {
        return child.process().pid();
    }

    /** Whether the child of this moment lives and has been ready. */
    public boolean running() {
        Child now = child;
        try {
            return now.process().isAlive() && now.output().awaitReady(0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Stops the child, gently first; returns within about {@code STOP_PATIENCE}. */
    @Override
    public void close() {
        closing.countDown();
        try {
            // First: so that nobody starts another child once this one has gone.
            stop(child);
            supervisor.join();
        } catch (InterruptedException e) {
            child.process().destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void supervise() {
        Duration pause = BACKOFF_FIRST;
        try {
            while (true) {
                Child gone = child;
                int status = gone.process().waitFor();
                if (closing.getCount() == 0) return;
                if (status == FLUSH_FAILED) {
                    // It would only write on, and what it writes could be lost.
                    LOG.error(
                            "the broker ended since its disk failed, and is not started again: look"
                                    + " at the disk of {}, then start this region anew",
                            settings.folder());
                    return;
                }
                if (System.nanoTime() - gone.startedNanos() > WELL_AFTER.toNanos())
                    pause = BACKOFF_FIRST;
                LOG.warn(
                        "the broker ended with status {}; starting it again in {} ms",
                        status,
                        pause.toMillis());
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) return;
                pause = pause.multipliedBy(2);
                if (pause.compareTo(BACKOFF_MAX) > 0) pause = BACKOFF_MAX;
                restart();
                // Closed between the check and the launch: close() has stopped the one before.
                if (closing.getCount() == 0) {
                    stop(child);
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** On failure the child is dead, and the loop above comes round again. */
    private void restart() {
        try {
            Child next = launch(settings);
            child = next;
            awaitReady(settings, next, closing, words -> {});
            LOG.info("the broker runs again, pid {}", next.process().pid());
        } catch (LogException e) {
            child.process().destroyForcibly();
            if (closing.getCount() > 0) LOG.warn("the broker did not start", e);
        }
    }

    private static Child launch(BrokerSettings settings) {
        ChildOutput output = new ChildOutput(settings.folder().resolve("broker.log"));
        try {
            Files.createDirectories(settings.folder());
            Process process = new ProcessBuilder(command(settings)).start();
            output.drain(process);
            return new Child(process, output, System.nanoTime());
        } catch (IOException e) {
            throw new LogException("starting the broker in " + settings.folder(), e);
        }
    }

    private static List<String> command(BrokerSettings settings) {
        if (!Files.isDirectory(settings.libFolder()))
            throw new LogException(
                    "no broker jars in " + settings.libFolder() + "; build the module broker");
        Path java = Path.of(Objects.requireNonNull(System.getProperty("java.home")), "bin", "java");
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("-Xmx" + settings.heapMebibytes() + "m");
        command.add("-XX:MaxDirectMemorySize=" + settings.heapMebibytes() + "m");
        command.add("-XX:+UseSerialGC");
        // A broker without memory is of no use; dead, it is started again.
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        // RocketMQ writes below it whatever it is told.
        command.add("-Duser.home=" + settings.folder());
        command.add("-cp");
        command.add(settings.libFolder().resolve("*").toString());
        command.add("dev.holdfast.broker.BrokerMain");
        command.add("--home=" + settings.folder());
        command.add("--namesrv-port=" + settings.namesrvPort());
        command.add("--broker-port=" + settings.brokerPort());
        command.add("--retention-hours=" + settings.retention().toHours());
        settings.topics()
                .forEach((topic, queues) -> command.add("--topic=" + topic + ":" + queues));
        return command;
    }

    private static void awaitReady(
            BrokerSettings settings,
            Child child,
            CountDownLatch closing,
            Consumer<String> progress) {
        long timeout = settings.startTimeout().toNanos();
        try {
            while (!child.output().awaitReady(1_000)) {
                long waited = System.nanoTime() - child.startedNanos();
                if (!child.process().isAlive())
                    throw new LogException(
                            "the broker ended with status "
                                    + child.process().exitValue()
                                    + " before it was ready:\n"
                                    + child.output().lastLines());
                if (closing.getCount() == 0)
                    throw new LogException("closed while the broker started");
                if (waited > timeout)
                    throw new LogException(
                            "the broker was not ready after "
                                    + settings.startTimeout().toSeconds()
                                    + " s:\n"
                                    + child.output().lastLines());
                progress.accept("starting RocketMQ, " + waited / 1_000_000_000 + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LogException("interrupted while the broker started", e);
        }
    }

    private static void stop(Child child) throws InterruptedException {
        Process process = child.process();
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone already, or will be destroyed below.
        }
        if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            process.waitFor();
        }
    }
}
