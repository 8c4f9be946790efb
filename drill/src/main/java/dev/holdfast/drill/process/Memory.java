package dev.holdfast.drill.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The resident memory of a process, as Linux counts it. */
public final class Memory {
    private static final long KIB_PER_MIB = 1_024;

    private Memory() {}

    /** Of now, in KiB; the peak is counted anew from here. */
    public static long startPeak(long pid) {
        try {
            // As proc(5) says: 5 resets the peak to what there is now.
            Files.writeString(file(pid, "clear_refs"), "5");
        } catch (IOException e) {
            throw new DrillException("resetting the memory peak of process " + pid, e);
        }
        return read(pid, "VmRSS:");
    }

    /** The most since the peak was counted anew, in KiB. */
    public static long peak(long pid) {
        return read(pid, "VmHWM:");
    }

    public static long mebibytes(long kibibytes) {
        return (kibibytes + KIB_PER_MIB - 1) / KIB_PER_MIB;
    }

    private static long read(long pid, String field) {
        try {
            for (String line : Files.readAllLines(file(pid, "status"))) {
                if (line.startsWith(field)) return Long.parseLong(line.replaceAll("\\D", ""));
            }
            throw new DrillException("the memory of process " + pid + " is not told");
        } catch (IOException e) {
            throw new DrillException("reading the memory of process " + pid, e);
        }
    }

    private static Path file(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
