package dev.holdfast.drill.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The wall clock of programs that run under libfaketime: it is moved from outside while they run.
 * The clock that only counts, by which they wait and measure, is left alone, as a machine's is when
 * somebody sets its time.
 */
public final class FakeClock implements AutoCloseable {
    private static final String LIBRARY = "libfaketimeMT.so.1";
    private static final List<Path> FOLDERS = List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"));

    /** Of what is measured by starting a program. */
    private static final Duration TOLERANCE = Duration.ofSeconds(30);

    private final Path library;
    private final Path file;
    private final Set<Long> under = new HashSet<>();
    private Duration ahead = Duration.ZERO;

    /**
     * A clock that is right.
     *
     * @param file is written to set it
     * @throws DrillException with what to install, where the library is missing
     */
    public FakeClock(Path file) {
        this.library = find();
        this.file = file;
        set(Duration.ZERO);
    }

    private static Path find() {
        for (Path folder : FOLDERS) {
            try (Stream<Path> found =
                    Files.find(
                            folder, 3, (path, _) -> path.endsWith(Path.of("faketime", LIBRARY)))) {
                Path first = found.findFirst().orElse(null);
                if (first != null) return first;
            } catch (IOException e) {
                // There is no such folder.
            }
        }
        throw new DrillException(
                "there is no " + LIBRARY + " to move a clock with: apt-get install faketime");
    }

    /** What stands before the command of a program that is to go by this clock. */
    public List<String> prefix() {
        return List.of(
                "env",
                "LD_PRELOAD=" + library,
                "FAKETIME_TIMESTAMP_FILE=" + file,
                "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                // Else waits that have a limit would end at once.
                "FAKETIME_FORCE_MONOTONIC_FIX=0",
                "NO_FAKE_STAT=1");
    }

    /**
     * Moves it.
     *
     * @param ahead of the machine's clock, in whole seconds; below zero, it is behind
     * @throws DrillException when a program under it does not show that time
     */
    public void set(Duration ahead) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, setting(ahead) + "\n");
            // In one piece: it is read at any moment.
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new DrillException("setting the clock in " + file, e);
        }
        this.ahead = ahead;
        require("a program under the clock", measure());
    }

    public Duration ahead() {
        return ahead;
    }

    /** As libfaketime reads it. */
    static String setting(Duration ahead) {
        return (ahead.isNegative() ? "" : "+") + ahead.toSeconds();
    }

    private long measure() {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(List.of("date", "+%s"));
        String seconds = Tool.run(command.toArray(String[]::new)).strip();
        return Long.parseLong(seconds) * 1000;
    }

    /**
     * To be asked with what time somebody says it is.
     *
     * @throws DrillException when it is not about this clock's
     */
    public void require(String who, long millis) {
        Duration error =
                Duration.ofMillis(millis - InstantSource.system().millis()).minus(ahead).abs();
        if (error.compareTo(TOLERANCE) > 0)
            throw new DrillException(
                    who + " does not go by the clock that was set: it is off by " + error);
    }

    /**
     * To be asked about a program that was started under it.
     *
     * @throws DrillException when it does not run under the library
     */
    public void requireUnder(long pid) {
        under.add(pid);
        try {
            if (!Files.readString(Path.of("/proc", Long.toString(pid), "maps")).contains(LIBRARY))
                throw new DrillException("process " + pid + " does not run under " + LIBRARY);
        } catch (IOException e) {
            throw new DrillException("reading what process " + pid + " runs under", e);
        }
    }

    /** Removes the shared memory that programs under it leave behind where they are killed. */
    @Override
    public void close() {
        for (long pid : under) {
            for (String name : List.of("faketime_shm_", "sem.faketime_sem_")) {
                try {
                    Files.deleteIfExists(Path.of("/dev/shm", name + pid));
                } catch (IOException e) {
                    throw new DrillException("removing what process " + pid + " left behind", e);
                }
            }
        }
    }
}
