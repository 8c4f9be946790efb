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

/**
 * One data folder, one {@code up}: a lock of the operating system, which ends with the process
 * however it ends, on a file that says who has it. The file is emptied by a clean end.
 */
final class DataLock implements AutoCloseable {
    private final FileChannel channel;
    private final boolean afterCrash;

    private DataLock(FileChannel channel, boolean afterCrash) {
        this.channel = channel;
        this.afterCrash = afterCrash;
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
            String holder = Files.readString(file).strip();
            if (!locked(channel)) {
                channel.close();
                throw taken(data, holder);
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(
                            Long.toString(ProcessHandle.current().pid())
                                    .getBytes(StandardCharsets.US_ASCII)),
                    0);
            return new DataLock(channel, !holder.isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException("locking " + file, e);
        }
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

    /**
     * Whether the one before ended without {@link #close}: its children may be on their way out.
     */
    boolean afterCrash() {
        return afterCrash;
    }

    @Override
    public void close() {
        try {
            channel.truncate(0);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("unlocking the data folder", e);
        }
    }
}
