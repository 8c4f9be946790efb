package dev.holdfast.region.log;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Both outputs of a child, read for as long as it lives: a full pipe would stop it. The last lines
 * are kept for an error message, all of them go to a file that is set aside when it has grown.
 */
final class ChildOutput {
    private static final int LINES_KEPT = 40;
    private static final int LINE_CHARS_MAX = 1_000;
    private static final long FILE_BYTES_MAX = 8 << 20;

    private final Path file;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private long fileBytes;

    ChildOutput(Path file) {
        this.file = file;
    }

    /**
     * Reads both streams to their ends on threads of their own. Not on virtual ones: whoever waits
     * for a pipe to say something holds the processor's thread, and with two processors nothing
     * else that is virtual would go on while the child is silent.
     */
    void drain(Process process) {
        start("broker-stdout", () -> read(process.getInputStream(), true));
        start("broker-stderr", () -> read(process.getErrorStream(), false));
    }

    private static void start(String name, Runnable reading) {
        Thread.ofPlatform().daemon().name(name).start(reading);
    }

    /** Whether the line that says READY came in time. */
    boolean awaitReady(long millis) throws InterruptedException {
        return ready.await(millis, TimeUnit.MILLISECONDS);
    }

    synchronized String lastLines() {
        return String.join("\n", lastLines);
    }

    private void read(InputStream stream, boolean standardOutput) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            String line;
            while ((line = reader.readLine()) != null) {
                keep(line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) : line);
                if (standardOutput && line.startsWith("READY ")) ready.countDown();
            }
        } catch (IOException e) {
            keep("(its output ended: " + e.getMessage() + ")");
        }
    }

    private synchronized void keep(String line) {
        if (lastLines.size() == LINES_KEPT) lastLines.removeFirst();
        lastLines.addLast(line);
        try {
            write(line);
        } catch (IOException e) {
            // A full disk must not stop the reading, or the child would stop too; the ring has it.
        }
    }

    private void write(String line) throws IOException {
        if (fileBytes == 0 && Files.exists(file)) fileBytes = Files.size(file);
        if (fileBytes > FILE_BYTES_MAX) {
            Path old = file.resolveSibling(file.getFileName() + ".1");
            Files.move(file, old, StandardCopyOption.REPLACE_EXISTING);
            fileBytes = 0;
        }
        try (BufferedWriter writer =
                Files.newBufferedWriter(
                        file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            writer.write(line);
            writer.newLine();
        }
        fileBytes += line.length() + 1;
    }
}
