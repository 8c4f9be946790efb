package dev.holdfast.keys;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Small files that are there whole or not at all: written beside their place, flushed, moved into
 * it, and the folder flushed, so that a power cut at any moment leaves the old content or the new.
 */
public final class DurableFile {
    /** Who may read the file; only its owner may write it. */
    public enum Readers {
        OWNER("rw-------"),
        EVERYBODY("rw-r--r--");

        private final String permissions;

        Readers(String permissions) {
            this.permissions = permissions;
        }
    }

    private DurableFile() {}

    /**
     * Writes {@code content}, in place of what was there; makes the folder where it is missing.
     *
     * @throws KeysException when that failed; the old content still stands
     */
    public static void write(Path file, byte[] content, Readers readers) {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) throw new KeysException("Cannot write a file at " + target);
        try {
            Files.createDirectories(folder);
            Path beside =
                    Files.createTempFile(
                            folder, "." + target.getFileName(), ".new", access(folder, readers));
            try {
                // Not a channel, which an interrupt would close half way.
                try (FileOutputStream out = new FileOutputStream(beside.toFile())) {
                    out.write(content);
                    out.getFD().sync();
                }
                Files.move(
                        beside,
                        target,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(beside);
            }
            flush(folder);
        } catch (IOException e) {
            throw new KeysException("Cannot write " + file + ": " + reason(e), e);
        }
    }

    /**
     * Makes the entries of {@code folder} durable, or the content of a file; an interrupt is kept
     * for afterwards.
     */
    public static void flush(Path folder) throws IOException {
        if (!posix(folder)) return; // Windows opens no folder, and flushes entries by itself.
        boolean interrupted = Thread.interrupted();
        while (true) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
                break;
            } catch (ClosedByInterruptException e) {
                interrupted |= Thread.interrupted(); // again: only a channel can open a folder
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    static boolean posix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }

    static String reason(IOException e) {
        String kind = e.getClass().getSimpleName().replace("Exception", "");
        return e.getMessage() == null ? kind : kind + " " + e.getMessage();
    }

    private static FileAttribute<?>[] access(Path folder, Readers readers) throws IOException {
        if (!posix(folder)) return new FileAttribute<?>[0];
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString(readers.permissions))
        };
    }
}
