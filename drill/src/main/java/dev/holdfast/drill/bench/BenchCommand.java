package dev.holdfast.drill.bench;

import ch.qos.logback.classic.Level;
import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code holdfast bench NAME}. The exit code says whether it could be measured; whether an aim is
 * met is in the table, since it depends on the machine and on what else that does.
 */
@Command(
        name = "bench",
        description = {
            "Measures the real parts beside the bare limit of what they stand on, in turns, and"
                    + " says whether the project's aims are met.",
            "",
            "  device   durable local writes, beside bare SQLite",
            "  edge     acknowledged operations over live sessions, beside bare SQLite",
            "  live     device to edge to second device",
            "  region   from RocketMQ into PostgreSQL, beside a bare batched insert",
            "  wire     bytes of an operation on its way up",
            "  dns      answers over UDP, beside Knot, NSD, gdnsd and PowerDNS",
            "",
            "Example: holdfast bench device"
        },
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "device, edge, live, region, wire or dns.")
    private String name;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description =
                    "How long to measure each side of each comparison, warm-up apart (default:"
                            + " ${DEFAULT-VALUE}).")
    private int seconds = 15;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Of the clinic's data (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description =
                    "On the disk to measure; a folder is made in it and deleted afterwards"
                            + " (default: target/bench of the checkout).")
    private @Nullable Path data;

    @Option(
            names = "--jfr",
            paramLabel = "FILE",
            description = "Leaves a recording of Java's Flight Recorder of what is measured.")
    private @Nullable Path recording;

    @Option(
            names = "--json",
            description = "One line of JSON on the standard output, and nothing else.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        // What the real parts say of themselves while they work is of no use here.
        Logs.start(LogFormat.AUTO, Level.WARN);
        Bench bench = bench();
        if (seconds < 1) {
            throw new Failure(
                    "--seconds " + seconds + " cannot be",
                    "less than one shows nothing",
                    "--seconds 15");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = freshFolder();
        Report report;
        try (Progress progress = Progress.of("bench " + bench.name(), 1, err);
                Recording here = new Recording(Configuration.getConfiguration("profile"))) {
            boolean isRecordedHere = recording != null && bench.isMeasuredHere();
            if (isRecordedHere) here.start();
            report =
                    bench.run(
                            new Bench.Run(
                                    seed,
                                    Duration.ofSeconds(seconds),
                                    folder,
                                    Optional.ofNullable(recording).map(Path::toAbsolutePath),
                                    progress));
            if (isRecordedHere) here.dump(recording);
        } finally {
            delete(folder);
        }
        PrintWriter people = json ? err : out;
        people.println(report.text(json ? Style.PLAIN : Style.ofTerminal()));
        people.flush();
        if (json) {
            out.println(report.json());
            out.flush();
        }
        return 0;
    }

    private Bench bench() {
        List<Bench> benches =
                List.of(
                        new DeviceBench(),
                        new EdgeBench(),
                        new LiveBench(),
                        new RegionBench(),
                        new WireBench(),
                        new DnsBench());
        for (Bench bench : benches) {
            if (bench.name().equals(name)) return bench;
        }
        List<String> names = benches.stream().map(Bench::name).toList();
        throw new Failure(
                "there is no bench \"" + name + "\"",
                "the benches are " + String.join(", ", names),
                "holdfast bench " + names.getFirst());
    }

    /** Not below the system's temporary folder, which may lie in memory and flush nothing. */
    private Path freshFolder() throws IOException {
        Path parent = data;
        if (parent == null) {
            String home = System.getProperty("holdfast.home");
            parent = Path.of(home == null ? "target" : home + "/target").resolve("bench");
        }
        return Files.createTempDirectory(
                Files.createDirectories(parent.toAbsolutePath()), name + "-");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList())
                Files.deleteIfExists(file);
        }
    }
}
