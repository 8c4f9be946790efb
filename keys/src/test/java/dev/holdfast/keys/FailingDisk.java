package dev.holdfast.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A disk on which a flush really fails: a file system in a sparse image that lies on a small one in
 * memory. When the small one is full, writes still go into the cache, and only their flush finds
 * out.
 */
public final class FailingDisk implements AutoCloseable {
    private final Path below;
    private final Path image;
    private final Path filler;
    private final Path mount;

    private FailingDisk(Path folder) throws IOException {
        below = Files.createDirectories(folder.resolve("below"));
        mount = Files.createDirectories(folder.resolve("disk"));
        image = below.resolve("image");
        filler = below.resolve("filler");
    }

    /** Makes one below {@code folder}; skips the test where that is not allowed. */
    public static FailingDisk make(Path folder) throws IOException {
        FailingDisk disk = new FailingDisk(folder);
        Assumptions.assumeTrue(
                isDone("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.below.toString()),
                "nothing can be mounted here, so no flush can be made to fail");
        boolean made =
                isDone("truncate", "-s", "128m", disk.image.toString())
                        && isDone(
                                "mkfs.ext4",
                                "-q",
                                "-F",
                                "-O",
                                "^has_journal",
                                "-m",
                                "0",
                                disk.image.toString());
        if (!made || !disk.isMounted()) {
            disk.close();
            Assumptions.abort("there are no loop devices here, so no flush can be made to fail");
        }
        return disk;
    }

    private boolean isMounted() {
        return isDone("mount", "-o", "loop", image.toString(), mount.toString());
    }

    public Path folder() {
        return mount;
    }

    /** From now on a flush of anything new fails. */
    public void fail() {
        isDone("sync", "-f", mount.toString());
        isDone("dd", "if=/dev/zero", "of=" + filler, "bs=4k"); // ends where there is no room
    }

    /** As after a power cut: what was flushed is there, and there is room again. */
    public void mend() throws IOException {
        isDone("umount", mount.toString());
        Files.delete(filler);
        if (!isMounted()) throw new IllegalStateException("the disk cannot be mounted again");
    }

    @Override
    public void close() {
        // Lazily: another process may look at its mounts in this very moment.
        isDone("umount", "-l", mount.toString());
        isDone("umount", "-l", below.toString());
    }

    private static boolean isDone(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
