package dev.holdfast.drill.rings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a drill must leave nothing of: done once, the newest first, when the drill ends or is told
 * to stop. Thread-safe.
 */
final class TearDown implements AutoCloseable {
    private static final int DELETING_MILLIS = 10_000;

    private final Deque<Runnable> steps = new ArrayDeque<>();
    private final Thread hook;
    private volatile boolean stopping;

    TearDown() {
        hook = Thread.ofPlatform().name("tear-down").unstarted(this::stop);
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            stopping = true; // told to already
        }
    }

    /** Done before all that was added before. */
    synchronized void add(Runnable step) {
        steps.push(step);
    }

    /** Whether the drill was told to stop: whatever fails now fails because of that. */
    boolean isStopping() {
        return stopping;
    }

    private void stop() {
        stopping = true;
        perform();
    }

    private synchronized void perform() {
        while (!steps.isEmpty()) steps.pop().run();
    }

    @Override
    public void close() {
        if (stopping) return;
        Runtime.getRuntime().removeShutdownHook(hook);
        perform();
    }

    /**
     * Deletes a folder with all that is in it. Processes that were killed may still be closing
     * their files: it is tried again for a while, and then left.
     */
    static void delete(Path folder) {
        long until = System.nanoTime() + DELETING_MILLIS * 1_000_000L;
        while (!deleteOnce(folder) && System.nanoTime() < until) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static boolean deleteOnce(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            List<Path> all = found.sorted(Comparator.reverseOrder()).toList();
            for (Path each : all) Files.deleteIfExists(each);
            return true;
        } catch (NoSuchFileException e) {
            return !Files.exists(folder);
        } catch (IOException | java.io.UncheckedIOException e) {
            return false;
        }
    }
}
