package dev.holdfast.drill.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A process that a drill started and may kill. Its standard output is heard line by line, its
 * standard error goes to a file. It is expected to end with its standard input, so that it does not
 * outlive a drill that was killed itself.
 *
 * <p>Safe for use by several threads; lines are told one at a time, on a thread of this object.
 */
public final class Child implements AutoCloseable {
    private static final int LAST_LINES = 12;

    private final String name;
    private final Path log;
    private final Process process;
    private final Thread listening;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

    private Child(
            String name,
            Path log,
            Process process,
            Predicate<String> readyLine,
            Consumer<String> lines) {
        this.name = name;
        this.log = log;
        this.process = process;
        // Not a virtual thread: one that reads a silent pipe holds its carrier.
        listening = Thread.ofPlatform().daemon().name(name).start(() -> listen(readyLine, lines));
    }

    /**
     * Starts it.
     *
     * @param log its standard error is appended here
     * @param readyLine which line of its output says that it is ready
     * @param lines is told every line of its output
     */
    public static Child start(
            String name,
            List<String> command,
            Path log,
            Predicate<String> readyLine,
            Consumer<String> lines) {
        try {
            Files.createDirectories(log.resolveSibling("."));
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(Redirect.appendTo(log.toFile()))
                            .start();
            return new Child(name, log, process, readyLine, lines);
        } catch (IOException e) {
            throw new DrillException("starting " + name, e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has started itself and runs now, not what that started. */
    public Stream<ProcessHandle> children() {
        return process.children();
    }

    /**
     * Waits until it said that it is ready.
     *
     * @throws DrillException with its last words when it ends before, or takes longer
     */
    public void awaitReady(Duration patience) {
        try {
            if (ready.get(patience.toMillis(), TimeUnit.MILLISECONDS)) return;
            throw new DrillException(name + " ended before it was ready:\n" + lastWords());
        } catch (TimeoutException e) {
            throw new DrillException(
                    name + " was not ready after " + patience.toSeconds() + " s:\n" + lastWords(),
                    e);
        } catch (ExecutionException e) {
            throw new DrillException("waiting for " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillException("interrupted while " + name + " started", e);
        }
    }

    /** Sends it a line on its standard input; false where it is gone. */
    public boolean send(String line) {
        try {
            Writer in = process.outputWriter(StandardCharsets.UTF_8);
            in.write(line + "\n");
            in.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL to it alone; returns when it is dead and all that it ever said has been told. */
    public void kill9() {
        process.destroyForcibly();
        join();
    }

    /** SIGKILL to it and to all that it started, which it gets no time to notice. */
    public void kill9WithChildren() {
        try (Stream<ProcessHandle> children = process.descendants()) {
            List<ProcessHandle> all = children.toList();
            process.destroyForcibly();
            all.forEach(ProcessHandle::destroyForcibly);
        }
        join();
    }

    /** Ends it gently, by the end of its input; by force after {@code patience}. */
    public void stop(Duration patience) {
        try {
            process.outputWriter(StandardCharsets.UTF_8).close();
        } catch (IOException e) {
            // It is gone already.
        }
        try {
            if (!process.waitFor(patience)) kill9WithChildren();
            else join();
        } catch (InterruptedException e) {
            kill9WithChildren();
            Thread.currentThread().interrupt();
        }
    }

    /** By force, at once. */
    @Override
    public void close() {
        kill9WithChildren();
    }

    /** The end of its log. */
    public String lastWords() {
        try {
            List<String> lines = Files.readString(log).lines().toList();
            return String.join(
                    "\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
        } catch (IOException | UncheckedIOException e) {
            return "its log cannot be read: " + e;
        }
    }

    private void join() {
        try {
            process.waitFor();
            listening.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen(Predicate<String> readyLine, Consumer<String> lines) {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String line;
            while ((line = out.readLine()) != null) {
                lines.accept(line);
                if (readyLine.test(line)) ready.complete(true);
            }
        } catch (IOException e) {
            // The pipe broke: it is gone, or about to be.
        } finally {
            ready.complete(false);
        }
    }
}
