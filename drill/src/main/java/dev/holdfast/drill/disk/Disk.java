package dev.holdfast.drill.disk;

import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A file system of its own: XFS in a file, mounted through a loop device. XFS because it can be
 * shut down: from that instant every write and flush fails, nothing more reaches the disk, and what
 * was not flushed is gone, as after a power cut. Mounted again, it recovers from its log.
 *
 * <p>Whatever breaks it first makes sure that it is ours: the file in which it is kept is asked of
 * the kernel.
 */
public final class Disk {
    /** XFS makes none that is smaller. */
    static final int MEBIBYTES_MIN = 320;

    /** The kernel may write one out by itself in the moment before; that was seen. */
    private static final int UNFLUSHED = 8;

    private static final Duration RELEASE_PATIENCE = Duration.ofSeconds(60);
    private static final Duration REMOVE_PATIENCE = Duration.ofSeconds(10);
    private static final String LOOP = "/dev/loop";
    private static final int CANARY_BYTES = 64 * 1024;
    private static final long BLOCK_BYTES = 4096;

    private final Path image;
    private final Path folder;

    /** How often it was shut down. */
    private int shutDowns;

    /** What is to be there, and what is not, once it is mounted again. */
    private boolean isProofDue;

    private volatile boolean frozen;
    private int freezes;

    /** Wants to write while it is frozen. */
    private Optional<Process> waiting = Optional.empty();

    Disk(Path image, Path folder) {
        this.image = image;
        this.folder = folder;
    }

    /** Where it is mounted. */
    public Path folder() {
        return folder;
    }

    void make(int mebibytes) {
        try {
            Files.createDirectory(folder);
            try (FileChannel file =
                    FileChannel.open(
                            image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(1), mebibytes * 1024L * 1024 - 1);
            }
        } catch (IOException e) {
            throw new DrillException("making the disk " + image, e);
        }
        Tool.run("mkfs.xfs", "-q", image.toString());
        mount();
    }

    private void mount() {
        Tool.run("mount", "-o", "loop", image.toString(), folder.toString());
        device();
    }

    /**
     * From the instant at which this returns, or a little before, nothing reaches the disk: every
     * write and every flush fails. Just before that two files are written, one of them flushed; see
     * {@link #remount}.
     */
    public void shutDown() {
        device();
        shutDowns++;
        write("flushed-", true);
        for (int i = 0; i < UNFLUSHED; i++) write(unflushed(i), false);
        isProofDue = true;
        Tool.run("xfs_io", "-x", "-c", "shutdown", folder.toString());
        if (Tool.tryRun("touch", proof("after-").toString()).status() == 0)
            throw new DrillException("the disk at " + folder + " was shut down and still takes");
    }

    /**
     * Unmounts it and mounts it again, which everybody must have left before.
     *
     * @throws DrillException when it is still in use, or when after a {@link #shutDown} a file that
     *     was flushed is not there, or one that was not flushed is: then it was no power cut
     */
    public void remount() {
        String device = device();
        if (!await(RELEASE_PATIENCE, () -> tryUnmount(folder)))
            throw new DrillException("the disk at " + folder + " cannot be unmounted");
        // As long as a mount of it stands in some namespace, it would come back as it was.
        Path held = Path.of("/sys/fs/xfs", device);
        if (!await(RELEASE_PATIENCE, () -> !Files.exists(held)))
            throw new DrillException("the disk at " + folder + " is unmounted and still in use");
        mount();
        if (!isProofDue) return;
        isProofDue = false;
        if (!holds("flushed-"))
            throw new DrillException("the disk at " + folder + " lost what was flushed");
        if (IntStream.range(0, UNFLUSHED).allMatch(i -> holds(unflushed(i))))
            throw new DrillException(
                    "the disk at " + folder + " kept what was not flushed: no power was cut");
    }

    /** How often it was shut down. */
    public int shutDowns() {
        return shutDowns;
    }

    private static String unflushed(int i) {
        return "unflushed-" + i + "-";
    }

    private Path proof(String name) {
        return folder.resolve(name + shutDowns);
    }

    private void write(String name, boolean flushed) {
        ByteBuffer content = ByteBuffer.allocate(CANARY_BYTES);
        while (content.hasRemaining()) content.put((byte) ('a' + shutDowns % 26));
        content.flip();
        try (FileChannel file =
                FileChannel.open(
                        proof(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) file.write(content);
            if (flushed) file.force(true);
        } catch (IOException e) {
            throw new DrillException("writing " + proof(name), e);
        }
    }

    /** Of the other one, a name and nothing in it may be left: others have flushed meanwhile. */
    private boolean holds(String name) {
        try {
            return Files.exists(proof(name))
                    && Files.readString(proof(name), StandardCharsets.US_ASCII)
                            .contains(String.valueOf((char) ('a' + shutDowns % 26)));
        } catch (IOException e) {
            throw new DrillException("reading " + proof(name), e);
        }
    }

    /** Has a file take all that is free but for {@code leaveBytes}. */
    public void fill(long leaveBytes) {
        device();
        long size = 0;
        // Others write as well, and what is set aside for them is not to be had at once.
        for (long more = free() - leaveBytes; more >= BLOCK_BYTES; ) {
            if (tryAllocate(size, more)) size += more;
            more = Math.min(more / 2, free() - leaveBytes);
        }
        if (size == 0) throw new DrillException("the disk at " + folder + " cannot be filled");
    }

    private boolean tryAllocate(long from, long sizeBytes) {
        return Tool.tryRun(
                                "fallocate",
                                "--offset",
                                Long.toString(from),
                                "--length",
                                Long.toString(sizeBytes),
                                ballast().toString())
                        .status()
                == 0;
    }

    /** How many bytes are free on it. */
    public long free() {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw new DrillException("asking what is free at " + folder, e);
        }
    }

    /** Deletes what filled it. */
    public void empty() {
        try {
            Files.delete(ballast());
        } catch (IOException e) {
            throw new DrillException("emptying the disk at " + folder, e);
        }
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }

    /** From now on whoever writes to it, or flushes it, waits until it is thawed. */
    public void freeze() {
        device();
        frozen = true;
        Tool.run("fsfreeze", "--freeze", folder.toString());
        freezes++;
        // A process of its own, since not even a kill ends one that waits for the disk.
        String hanging = folder.resolve("hanging-" + freezes).toString();
        try {
            waiting = Optional.of(new ProcessBuilder("touch", hanging).start());
        } catch (IOException e) {
            throw new DrillException("writing " + hanging, e);
        }
    }

    /**
     * Whoever waits goes on.
     *
     * @throws DrillException when a file could be made on it all the same: then it did not hang
     */
    public void thaw() {
        boolean hung = waiting.map(Process::isAlive).orElse(false);
        release();
        if (!hung) throw new DrillException("the disk at " + folder + " was frozen, not hanging");
    }

    /** Does nothing where it is not frozen. */
    void release() {
        if (!frozen) return;
        frozen = false;
        Tool.tryRun("fsfreeze", "--unfreeze", folder.toString());
    }

    /** For good, whoever is still there; the file stays. */
    void remove() {
        release();
        detach(folder);
    }

    /** Unmounts at the latest when the last file is closed there; a loop device goes with it. */
    static void detach(Path mount) {
        boolean isMounted = Tool.tryRun("findmnt", "--mountpoint", mount.toString()).status() == 0;
        if (!isMounted) return;
        if (!await(REMOVE_PATIENCE, () -> tryUnmount(mount)))
            Tool.tryRun("umount", "--lazy", mount.toString());
    }

    private static boolean tryUnmount(Path mount) {
        return Tool.tryRun("umount", mount.toString()).status() == 0;
    }

    /**
     * The name of the loop device it is mounted from.
     *
     * @throws DrillException when something else than our file is mounted there
     */
    private String device() {
        String source =
                Tool.run("findmnt", "-n", "-o", "SOURCE", "--mountpoint", folder.toString())
                        .strip();
        if (!source.startsWith(LOOP))
            throw new DrillException(folder + " is mounted from " + source + ": it is not ours");
        String name = source.substring("/dev/".length());
        Path backing = Path.of("/sys/block", name, "loop", "backing_file");
        try {
            String file = Files.readString(backing).strip();
            if (!file.equals(image.toRealPath().toString()))
                throw new DrillException(folder + " is mounted from " + file + ": it is not ours");
        } catch (IOException e) {
            throw new DrillException("reading " + backing, e);
        }
        return name;
    }

    private static boolean await(Duration patience, BooleanSupplier fact) {
        long started = System.nanoTime();
        while (!fact.getAsBoolean()) {
            if (System.nanoTime() - started > patience.toNanos()) return false;
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DrillException("interrupted while waiting for a disk", e);
            }
        }
        return true;
    }
}
