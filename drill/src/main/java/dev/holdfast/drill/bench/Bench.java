package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** One kind of measurement; a new object for every run. */
interface Bench {
    /** As on the command line. */
    String name();

    /** What it measures, in a line. */
    String about();

    /** Whether this process is measured; else a child is, which leaves its own recording. */
    default boolean isMeasuredHere() {
        return true;
    }

    /**
     * Measures.
     *
     * @throws dev.holdfast.cli.output.Failure when a part of it cannot be had; no figure is made up
     */
    Report run(Run run) throws Exception;

    /**
     * What a run is given.
     *
     * @param seed of the clinic's data
     * @param time to measure each side of each comparison, warm-up apart
     * @param folder empty, on the disk that is measured; deleted afterwards
     * @param recording where a measured child leaves its JFR recording
     */
    record Run(
            long seed, Duration time, Path folder, Optional<Path> recording, Progress progress) {}
}
