package dev.holdfast.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * One folder, one process (rule 2): a lock of the operating system, which ends with the process
 * however it ends, and a register within this one, where such locks do not hold.
 */
final class FolderLock implements AutoCloseable {
    private static final Set<Path> HELD = new HashSet<>();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * @throws StoreException {@code LOCKED}, naming the folder, when somebody has it
     */
    static FolderLock take(Path folder) {
        Path real;
        try {
            Files.createDirectories(folder);
            real = folder.toRealPath();
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.IO, "Cannot use the folder " + folder + ": " + e, e);
        }
        synchronized (HELD) {
            if (!HELD.add(real)) throw held(folder);
        }
        FileChannel channel = null;
        try {
            channel =
                    FileChannel.open(
                            real.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) throw held(folder);
            return new FolderLock(real, channel);
        } catch (IOException | OverlappingFileLockException | StoreException e) {
            release(real, channel);
            if (e instanceof StoreException told) throw told;
            throw new StoreException(
                    StoreException.Kind.IO, "Cannot lock the folder " + folder + ": " + e, e);
        }
    }

    @Override
    public void close() {
        release(folder, channel);
    }

    private static void release(
            Path folder, @org.jspecify.annotations.Nullable FileChannel channel) {
        try {
            if (channel != null) channel.close();
        } catch (IOException e) {
            // The lock ends with the process at the latest; nobody could do more about it.
        } finally {
            synchronized (HELD) {
                HELD.remove(folder);
            }
        }
    }

    private static StoreException held(Path folder) {
        return new StoreException(
                StoreException.Kind.LOCKED,
                "The store in " + folder + " is open already, here or in another process");
    }
}
