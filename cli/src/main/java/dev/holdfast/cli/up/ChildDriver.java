package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A node as a child process: its standard output tells how far its start is, its standard error is
 * its log. Once it has been ready it is started again, after a pause that grows, whenever it dies.
 *
 * <p>The child lives as long as its standard input, so it ends with this process however this
 * process ends. It runs in a session of its own where the machine can do that: Ctrl-C reaches this
 * process alone, which then stops its children in order.
 *
 * <p>Safe for use by several threads.
 */
final class ChildDriver implements AutoCloseable {
    private static final Duration BACKOFF_FIRST = Duration.ofMillis(500);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

    /** A child that lived this long was well; the next pause is short again. */
    private static final Duration WELL_AFTER = Duration.ofMinutes(1);

    /** How long it may take to stop by itself, and how much longer when told to by signal. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(25);

    private static final Duration TERMINATE_PATIENCE = Duration.ofSeconds(5);
    private static final long LOG_BYTES_MAX = 16 << 20;
    private static final int LAST_LINES = 8;
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    /** What happens to the child, told on threads of the driver. */
    interface Listener {
        /** There is a process now. */
        void started(ProcessHandle child);

        /** The start goes on; {@code words} say with what. */
        void progress(String words);

        void ready();

        /** It died, and is started again after {@code pause}. */
        void ended(int status, Duration pause);
    }

    private final String name;
    private final List<String> command;
    private final Path log;
    private final Listener listener;
    private final CountDownLatch firstReadyOrEnd = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread supervisor;
    private final AtomicReference<@Nullable Runnable> replacing = new AtomicReference<>();
    private volatile boolean wasReady;
    private volatile @Nullable Process process;
    private volatile long logStart;

    /**
     * @param command the child's, without the option that ties it to its standard input
     * @param log its standard error is appended here
     */
    ChildDriver(String name, List<String> command, Path log, Listener listener) {
        this.name = name;
        this.command = command;
        this.log = log;
        this.listener = listener;
        // Not a virtual thread: one that reads a silent pipe holds its carrier.
        this.supervisor = Thread.ofPlatform().daemon().name(name).start(this::supervise);
    }

    /**
     * Waits until it is ready for the first time.
     *
     * @throws Failure with its last words when it ends before
     */
    void awaitReady() throws InterruptedException {
        firstReadyOrEnd.await();
        if (!wasReady && closing.getCount() > 0) {
            throw Failure.parse(lastWords())
                    .map(own -> new Failure(name + ": " + own.what(), own.why(), own.remedy()))
                    .orElseGet(() ->
                            new Failure(
                                    name + " did not start",
                                    lastWords(),
                                    "mend that and run this again; the whole story is in " + log));
        }
    }

    /** Of the child of this moment; -1 before the first. */
    long pid() {
        Process now = process;
        return now == null ? -1 : now.pid();
    }

    /**
     * Kills it as {@code kill -9} does, has {@code meanwhile} done once it is gone, and starts it
     * again at once; does not wait for any of that. Only once it has been ready, and not while an
     * earlier call is not over.
     *
     * @param meanwhile runs on the thread of this driver; must not fail
     */
    void replace(Runnable meanwhile) {
        replacing.set(meanwhile);
        Process now = process;
        if (now != null) now.destroyForcibly();
    }

    /** Has it begin to end, without waiting; {@link #close} must follow. */
    void beginStop() {
        closing.countDown();
        Process now = process;
        if (now != null) closeInput(now);
    }

    /** Ends it, gently first; within half a minute. May be called twice. */
    @Override
    public void close() {
        closing.countDown();
        try {
            Process now = process;
            if (now != null) stop(now);
            supervisor.join();
        } catch (InterruptedException e) {
            Process now = process;
            if (now != null) now.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void supervise() {
        Duration pause = BACKOFF_FIRST;
        try {
            while (closing.getCount() > 0) {
                Runnable meanwhile = replacing.getAndSet(null);
                if (meanwhile != null) meanwhile.run();
                long started = System.nanoTime();
                int status = run();
                if (!wasReady || closing.getCount() == 0) return;
                if (replacing.get() != null) {
                    listener.ended(status, Duration.ZERO);
                    continue;
                }
                if (System.nanoTime() - started > WELL_AFTER.toNanos()) pause = BACKOFF_FIRST;
                listener.ended(status, pause);
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) return;
                pause = pause.multipliedBy(2);
                if (pause.compareTo(BACKOFF_MAX) > 0) pause = BACKOFF_MAX;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            firstReadyOrEnd.countDown();
        }
    }

    /** Runs it once; answers its exit status. */
    private int run() throws InterruptedException {
        Process child;
        try {
            Files.createDirectories(log.resolveSibling("."));
            shorten(log);
            logStart = Files.exists(log) ? Files.size(log) : 0;
            child =
                    new ProcessBuilder(inOwnSession())
                            .redirectError(Redirect.appendTo(log.toFile()))
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException("starting " + name, e);
        }
        process = child;
        listener.started(child.toHandle());
        // Else replace() has not seen it.
        if (replacing.get() != null) child.destroyForcibly();
        if (closing.getCount() == 0) {
            // Closed between the check and the start: close() has not seen it.
            stop(child);
            return child.waitFor();
        }
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
            String line;
            while ((line = out.readLine()) != null) heard(line);
        } catch (IOException e) {
            // The pipe broke: it is gone, or about to be.
        }
        return child.waitFor();
    }

    private void heard(String line) {
        switch (Lifeline.read(line)) {
            case Lifeline.Ready _ -> {
                wasReady = true;
                listener.ready();
                firstReadyOrEnd.countDown();
            }
            case Lifeline.Progress(String words) -> listener.progress(words);
        }
    }

    private List<String> inOwnSession() {
        List<String> whole = new ArrayList<>();
        if (Files.isExecutable(SETSID)) whole.add(SETSID.toString());
        whole.addAll(command);
        whole.add(Lifeline.OPTION);
        return whole;
    }

    private static void stop(Process child) throws InterruptedException {
        closeInput(child);
        if (child.waitFor(STOP_PATIENCE)) return;
        child.destroy();
        if (child.waitFor(TERMINATE_PATIENCE)) return;
        child.destroyForcibly().waitFor();
    }

    private static void closeInput(Process child) {
        try {
            child.getOutputStream().close();
        } catch (IOException e) {
            // It is gone already, or will be told by signal.
        }
    }

    /** One older log is kept. */
    private static void shorten(Path log) throws IOException {
        if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
            Files.move(
                    log,
                    log.resolveSibling(log.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private String lastWords() {
        try {
            List<String> lines = new String(tail(), StandardCharsets.UTF_8).lines().toList();
            if (lines.isEmpty()) return "it ended without a word";
            return String.join(
                    "\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException e) {
            return "its log cannot be read: " + e;
        }
    }

    private byte[] tail() throws IOException {
        try (var in = Files.newInputStream(log)) {
            in.skipNBytes(Math.max(logStart, Files.size(log) - 64_000));
            return in.readAllBytes();
        }
    }
}
