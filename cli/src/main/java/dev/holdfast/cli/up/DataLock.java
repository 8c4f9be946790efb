package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One data folder, one {@code up}: a lock of the operating system, which ends with the process
 * however it ends, on a file that names this process and, below it, its children. The file is
 * emptied by a clean end; what a killed one left in it are the children that may still be about to
 * end.
 */
final class DataLock implements AutoCloseable {
    private final Path data;
    private final FileChannel channel;
    private final List<ProcessHandle> leftovers;

    private DataLock(Path data, FileChannel channel, List<ProcessHandle> leftovers) {
        this.data = data;
        this.channel = channel;
        this.leftovers = leftovers;
    }

    /**
     * Takes the folder.
     *
     * @throws Failure naming the process that has it
     */
    static DataLock take(Path data) {
        Path file = data.resolve("up.lock");
        try {
            Files.createDirectories(data);
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            List<String> lines = Files.readAllLines(file);
            if (!locked(channel)) {
                channel.close();
                throw taken(data, lines.isEmpty() ? "" : lines.getFirst().split(" ", 2)[0]);
            }
            List<ProcessHandle> leftovers =
                    lines.stream()
                            .map(DataLock::parse)
                            .flatMap(Optional::stream)
                            .filter(each -> !each.equals(ProcessHandle.current()))
                            .toList();
            channel.truncate(0);
            DataLock lock = new DataLock(data, channel, leftovers);
            lock.note(ProcessHandle.current());
            return lock;
        } catch (IOException e) {
            throw new UncheckedIOException("locking " + file, e);
        }
    }

    /** Remembers a process that would be left over if this one were killed. */
    synchronized void note(ProcessHandle process) {
        try {
            if (!channel.isOpen()) return; // closed already; the process is about to be stopped
            byte[] line = (line(process) + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(line), channel.size());
        } catch (IOException e) {
            throw new UncheckedIOException("noting a process in " + data, e);
        }
    }

    /** Whether a killed predecessor's children are still about to end. */
    boolean hasLeftovers() {
        return leftovers.stream().anyMatch(ProcessHandle::isAlive);
    }

    /**
     * Waits until they have.
     *
     * @throws Failure when that takes longer than {@code patience}
     */
    void awaitLeftovers(Duration patience) throws InterruptedException {
        CompletableFuture<?> ended =
                CompletableFuture.allOf(
                        leftovers.stream()
                                .map(ProcessHandle::onExit)
                                .toArray(CompletableFuture<?>[]::new));
        try {
            ended.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            List<String> alive =
                    leftovers.stream()
                            .filter(ProcessHandle::isAlive)
                            .map(each -> Long.toString(each.pid()))
                            .toList();
            throw new Failure(
                    "what a killed system left on " + data + " has not ended",
                    "process " + String.join(", ", alive) + " still uses the folder",
                    "wait a little, or: kill -9 " + String.join(" ", alive),
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for a process failed", e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            channel.truncate(0);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("unlocking " + data, e);
        }
    }

    /** With its start, since numbers of processes come again. */
    private static String line(ProcessHandle process) {
        return process.pid() + " " + start(process);
    }

    private static Optional<ProcessHandle> parse(String line) {
        String[] parts = line.strip().split(" ", -1);
        if (parts.length != 2 || !parts[0].matches("[0-9]{1,18}")) return Optional.empty();
        return ProcessHandle.of(Long.parseLong(parts[0]))
                .filter(found -> parts[1].equals(start(found)));
    }

    private static String start(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toString).orElse("?");
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // by this very process
        }
    }

    private static Failure taken(Path data, String holder) {
        return new Failure(
                "a system runs on " + data + " already",
                "process " + holder + " has it",
                "use it as it is; stop it with Ctrl-C there, or: kill "
                        + holder
                        + "; or run another beside it: holdfast up --data OTHER --port-base 7800");
    }
}
