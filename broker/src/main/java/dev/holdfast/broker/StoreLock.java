package dev.holdfast.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * The exclusive right to a store, held until the process ends. RocketMQ has a lock of its own, but
 * takes it only after it has recovered, and so truncated, the commit log.
 */
final class StoreLock implements AutoCloseable {
    private final FileChannel channel;

    private StoreLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits, since a predecessor whose parent was killed needs seconds to go. */
    static StoreLock acquire(Path file, Duration patience)
            throws IOException, InterruptedException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) return new StoreLock(channel);
            if (System.nanoTime() - deadline > 0) {
                channel.close();
                throw new HeldException(
                        "another process has held "
                                + file
                                + " for "
                                + patience.toSeconds()
                                + " s; stop it, or use another data folder");
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The process ends now, and the lock with it.
        }
    }

    /** Somebody else is using the store. */
    static final class HeldException extends IOException {
        HeldException(String message) {
            super(message);
        }
    }
}
