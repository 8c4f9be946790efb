package dev.holdfast.cli.node;

import ch.qos.logback.classic.Level;
import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.up.Lifeline;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Runs a node in this process until the process is told to stop: by Ctrl-C or SIGTERM, or, where it
 * hangs on a lifeline, by the end of its standard input. Then closes the node, in bounded time.
 */
public final class ServiceDriver {
    /** Longer than a region needs to stop its children. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(40);

    /** A node that runs, until it cannot go on if that can happen. */
    public record Service(String address, AutoCloseable node, Optional<Lasting> lasting) {}

    /** Waits until a node cannot go on; answers why. */
    @FunctionalInterface
    public interface Lasting {
        RuntimeException awaitFailure() throws InterruptedException;
    }

    /** Starts a node, and tells in a few words how far the start is. */
    @FunctionalInterface
    public interface Starter {
        Service start(Consumer<String> progress) throws IOException, InterruptedException;
    }

    @Option(
            names = "--log",
            paramLabel = "FORMAT",
            defaultValue = "auto",
            description =
                    "How lines of the log look, on the standard error: ${COMPLETION-CANDIDATES}"
                            + " (default: ${DEFAULT-VALUE}, text on a terminal and else json).")
    private LogFormat format = LogFormat.AUTO;

    @Option(
            names = Lifeline.OPTION,
            description =
                    "End with the standard input, so as not to outlive the program that started"
                            + " this one; and say \"progress …\" and \"ready\" on the standard output.")
    private boolean lifeline;

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable RuntimeException failure;

    /**
     * Starts and runs it; returns when it has ended by its lifeline. After a signal it does not
     * return: the process is ending.
     *
     * @param kind such as {@code edge}
     * @throws RuntimeException why the node could not go on; it is closed then
     */
    public int run(String kind, Starter starter, PrintWriter out, PrintWriter err)
            throws Exception {
        Logs.start(format, Level.INFO);
        Thread starting = Thread.currentThread();
        Thread hook =
                Thread.ofPlatform()
                        .name("stop")
                        .unstarted(() -> {
                            told.countDown();
                            starting.interrupt(); // a start that is under way cleans up after
                            // itself
                            awaitClosed();
                        });
        Runtime.getRuntime().addShutdownHook(hook);
        if (lifeline) {
            Thread.ofPlatform().daemon().name("lifeline").start(() -> watchInput(starting));
        }
        try {
            Service service = starting(kind, starter, out, err);
            service.lasting().ifPresent(this::watch);
            try (AutoCloseable _ = service.node()) {
                told.await();
            } catch (InterruptedException e) {
                // Told to stop; the node has closed by now.
            }
            RuntimeException why = failure;
            if (why != null) throw why;
            return 0;
        } catch (InterruptedException e) {
            return 0; // told to stop while it started
        } catch (RuntimeException e) {
            if (told.getCount() > 0 || failure != null) throw e;
            return 0; // the same, wrapped by what was interrupted
        } catch (IOException e) {
            throw new Failure(
                    "the " + kind + " cannot start",
                    String.valueOf(e.getMessage()),
                    "end the program that has the port, or change \"http\" in the settings",
                    e);
        } finally {
            closed.countDown();
        }
    }

    private Service starting(String kind, Starter starter, PrintWriter out, PrintWriter err)
            throws IOException, InterruptedException {
        if (lifeline) {
            Service service = starter.start(words -> say(out, new Lifeline.Progress(words)));
            say(out, new Lifeline.Ready());
            return service;
        }
        Service service;
        try (Progress progress = Progress.of("Starting the " + kind, 1, err)) {
            service = starter.start(progress::at);
        }
        out.println("The " + kind + " is ready at " + service.address() + "; Ctrl-C stops it.");
        out.flush();
        return service;
    }

    private void watch(Lasting node) {
        Thread.ofVirtual()
                .name("watch")
                .start(() -> {
                    try {
                        failure = node.awaitFailure();
                        told.countDown();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // nobody has the thread to do that
                    }
                });
    }

    private static void say(PrintWriter out, Lifeline line) {
        out.println(line.line());
        out.flush();
    }

    private void watchInput(Thread starting) {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException e) {
            // As good as its end.
        }
        told.countDown();
        starting.interrupt();
    }

    private void awaitClosed() {
        try {
            closed.await(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
