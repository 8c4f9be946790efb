package dev.holdfast.drill.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Processes that the kernel holds still from SIGSTOP on, as a machine that swaps or a hypervisor
 * that pauses would: their connections stand, and nothing answers. Closing it lets them go on.
 */
public final class Frozen implements AutoCloseable {
    /** What {@code /proc/PID/stat} says of a process that was stopped by a signal. */
    private static final char STOPPED = 'T';

    private static final char ZOMBIE = 'Z';
    private static final char GONE = '-';
    private static final int PATIENCE_MILLIS = 5_000;

    private final List<ProcessHandle> processes = new ArrayList<>();

    private Frozen() {}

    /**
     * Stops them, parents before their children, and those as well that a parent has started
     * meanwhile.
     *
     * @param processes asked again until there is none more
     * @throws DrillException when there is none, or one is not still within seconds
     */
    public static Frozen of(Supplier<List<ProcessHandle>> processes) {
        Frozen frozen = new Frozen();
        try {
            while (frozen.stop(processes.get())) {}
            if (frozen.processes.isEmpty()) throw new DrillException("there is nobody to stop");
            return frozen;
        } catch (DrillException e) {
            frozen.close();
            throw e;
        }
    }

    /** Whether there was any that did not stand still yet. */
    private boolean stop(List<ProcessHandle> all) {
        List<ProcessHandle> more = new ArrayList<>(all);
        more.removeAll(processes);
        // A parent that is stopped leaves its dead as they are.
        more.removeIf(Frozen::isGone);
        for (ProcessHandle process : more) {
            processes.add(process);
            signal("STOP", process);
        }
        for (ProcessHandle process : more) await(process, true);
        // What ended by itself meanwhile has no part in it.
        processes.removeIf(Frozen::isGone);
        return !more.isEmpty();
    }

    /**
     * To be asked at the end.
     *
     * @throws DrillException when one of them is not still any more
     */
    public void requireStill() {
        for (ProcessHandle process : processes) {
            char state = state(process.pid());
            if (state != STOPPED)
                throw new DrillException(
                        "process " + process.pid() + " was stopped, and is in state " + state);
        }
    }

    /** Whether a process is no more; a dead one that nobody has asked for counts as that. */
    public static boolean isGone(ProcessHandle process) {
        char state = state(process.pid());
        return state == GONE || state == ZOMBIE || !process.isAlive();
    }

    @Override
    public void close() {
        for (ProcessHandle process : processes.reversed()) signal("CONT", process);
        for (ProcessHandle process : processes) await(process, false);
    }

    private static void signal(String name, ProcessHandle process) {
        // What is dead by now needs no signal, and whether it was to be is others' to say.
        Tool.tryRun("kill", "-" + name, Long.toString(process.pid()));
    }

    private static void await(ProcessHandle process, boolean still) {
        long until = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (!isGone(process) && (state(process.pid()) == STOPPED) != still) {
            if (System.nanoTime() - until > 0)
                throw new DrillException(
                        "process "
                                + process.pid()
                                + (still ? " does not stop" : " does not go on")
                                + ": it is in state "
                                + state(process.pid()));
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DrillException("interrupted while stopping processes", e);
            }
        }
    }

    private static char state(long pid) {
        try {
            Path stat = Path.of("/proc", Long.toString(pid), "stat");
            return state(Files.readString(stat, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return GONE;
        }
    }

    /** The third word of {@code /proc/PID/stat}: the second, in brackets, may hold anything. */
    static char state(String stat) {
        int end = stat.lastIndexOf(") ");
        return end < 0 || end + 2 >= stat.length() ? GONE : stat.charAt(end + 2);
    }
}
