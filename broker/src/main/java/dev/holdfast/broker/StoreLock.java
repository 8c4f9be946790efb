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
final class StoreLock {
    private StoreLock() {}

    /**
     * Waits, since a predecessor whose parent was killed needs seconds to go.
     *
     * @return to be referred to for as long as the lock is needed: the collector closes a channel
     *     that nobody knows, and the lock is gone
     */
    static FileChannel acquire(Path file, Duration patience)
            throws IOException, InterruptedException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            FileLock lock = channel.tryLock();
            if (lock != null) return channel;
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

    /** Somebody else is using the store. */
    static final class HeldException extends IOException {
        HeldException(String message) {
            super(message);
        }
    }
}
