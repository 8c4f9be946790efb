package dev.holdfast.drill.disk;

import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The disks of one drill, under one folder that is a mount of its own and shared: the processes of
 * a drill see mounts of their own namespaces, and only so does a disk leave all of them at once
 * when it is unmounted. The folder's name carries the process id, so that what a killed drill left
 * behind is found and taken down by the next. Used by one thread, but for closing and releasing.
 */
public final class Disks implements AutoCloseable {
    /** The folder of the disks of a drill, or something below it. */
    private static final Pattern NAME = Pattern.compile(".*/hf(\\d+)-disks(/.*)?");

    /** What is run, and what has it. */
    private static final Map<String, String> TOOLS =
            Map.of(
                    "mkfs.xfs", "xfsprogs",
                    "xfs_io", "xfsprogs",
                    "fallocate", "util-linux",
                    "findmnt", "util-linux",
                    "fsfreeze", "util-linux",
                    "losetup", "mount",
                    "mount", "mount");

    private static final Path MOUNTS = Path.of("/proc/self/mounts");

    private final Path folder;
    private final Map<String, Disk> disks = new LinkedHashMap<>();

    /**
     * Makes nothing yet.
     *
     * @param within the folder of the disks is made here
     */
    public Disks(Path within) {
        folder = within.resolve("hf" + ProcessHandle.current().pid() + "-disks");
    }

    /** Why no disk can be made on this machine; empty where one can. */
    public static Optional<String> obstacle() {
        for (var tool : TOOLS.entrySet()) {
            if (Tool.tryRun(tool.getKey(), "--version").status() == 127)
                return Optional.of(
                        "there is no "
                                + tool.getKey()
                                + "; it comes with: apt-get install "
                                + tool.getValue());
        }
        // Without a loop device, or the right to mount, there is nothing to make a disk of.
        Tool.Ended loop = Tool.tryRun("losetup", "--find");
        if (loop.status() != 0)
            return Optional.of("there is no loop device to be had: " + loop.output().strip());
        Tool.Ended mount = Tool.tryRun("unshare", "--mount", "true");
        if (mount.status() != 0)
            return Optional.of("mounting is not allowed, root may: " + mount.output().strip());
        return Optional.empty();
    }

    /**
     * Makes a disk and mounts it.
     *
     * @param mebibytes its size, {@value Disk#MEBIBYTES_MIN} at least; only what is written takes
     *     room
     * @throws DrillException where this machine cannot, with what to do about it
     */
    public synchronized Disk make(String name, int mebibytes) {
        if (disks.isEmpty()) prepare();
        Disk disk = new Disk(folder.resolve(name + ".img"), folder.resolve(name));
        // From now on there is something to take down.
        disks.put(name, disk);
        disk.make(mebibytes);
        return disk;
    }

    private void prepare() {
        obstacle()
                .ifPresent(why -> {
                    throw new DrillException("no disk can be made: " + why);
                });
        removeLeftovers();
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            throw new DrillException("making the folder of the disks " + folder, e);
        }
        Tool.run("mount", "--bind", folder.toString(), folder.toString());
        Tool.run("mount", "--make-shared", folder.toString());
    }

    /** The disk that was made under this name. */
    public synchronized Disk disk(String name) {
        Disk disk = disks.get(name);
        if (disk == null) throw new IllegalArgumentException("no disk was made for " + name);
        return disk;
    }

    /** Whoever waits for a frozen disk goes on, and can be killed. */
    public synchronized void release() {
        disks.values().forEach(Disk::release);
    }

    /** Thaws, unmounts and detaches all of them, whoever still has files open there. */
    @Override
    public synchronized void close() {
        if (disks.isEmpty()) return;
        disks.values().forEach(Disk::remove);
        Disk.detach(folder);
        disks.clear();
    }

    /** Takes down what drills left behind that are dead. */
    private static void removeLeftovers() {
        List<Path> left = new ArrayList<>();
        for (Path mount : mounts()) {
            String path = mount.toString();
            Matcher name = NAME.matcher(path);
            if (!name.matches()) continue;
            long owner = Long.parseLong(path, name.start(1), name.end(1), 10);
            if (ProcessHandle.of(owner).isEmpty()) left.add(mount);
        }
        // What is mounted below a folder is in the list after it.
        for (Path mount : left.reversed()) {
            // The folder of the disks is no file system of its own: never frozen, and not ours.
            boolean isDisk = !mount.toString().endsWith("-disks");
            if (isDisk) Tool.tryRun("fsfreeze", "--unfreeze", mount.toString());
            Disk.detach(mount);
        }
    }

    private static List<Path> mounts() {
        try {
            return Files.readAllLines(MOUNTS).stream()
                    .map(line -> Path.of(line.split(" ", 3)[1]))
                    .toList();
        } catch (IOException e) {
            throw new DrillException("reading " + MOUNTS, e);
        }
    }
}
