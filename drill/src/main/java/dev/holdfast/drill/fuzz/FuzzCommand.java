package dev.holdfast.drill.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code holdfast fuzz}: mutated input for everything that reads what others wrote. */
@Command(
        name = "fuzz",
        description = {
            "Mutates valid messages, and gives them to every codec, to the session's machine on a simulated edge,"
                    + " and to a real edge over TLS: each must be refused clearly or be valid, cost bounded memory,"
                    + " and touch nothing where it is refused.",
            "Example: holdfast fuzz --seconds 600"
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing was found", "1:something was found, or it could not be tried"})
public final class FuzzCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "For all targets together (default: ${DEFAULT-VALUE}).")
    private int seconds = 10;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Of the mutations; a new one unless given.")
    private @Nullable Long givenSeed;

    @Option(names = "--target", paramLabel = "NAME", description = "Only this one.")
    private @Nullable String only;

    @Option(
            names = "--case",
            paramLabel = "N",
            description = "With --target and --seed: only this case.")
    private @Nullable Long number;

    @Option(
            names = "--json",
            description = "One line of JSON on the standard output, nothing else.")
    private boolean json;

    private long startedNanos;

    @Override
    public Integer call() throws Exception {
        // The nodes log each fault they meet, and here they meet little else.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        if (seconds < 1) throw misused("--seconds " + seconds + ": less than one shows nothing");
        if (number != null && (only == null || givenSeed == null))
            throw misused("--case is one of a target and a seed: give --target and --seed as well");
        long seed = givenSeed == null ? new Random().nextInt(1_000_000) : givenSeed;
        startedNanos = System.nanoTime();
        List<Target> targets = targets();
        FuzzReport report = new FuzzReport(seed);
        PrintWriter err = spec.commandLine().getErr();
        try (Progress progress = Progress.of("fuzz", targets.size(), err)) {
            progress.line("Seed " + seed);
            for (Target target : targets) {
                try (target) {
                    progress.at("opening " + target.name());
                    target.open();
                    run(target, seed, seconds / (double) targets.size(), report, progress);
                    target.judge().forEach(what -> report.broken(target.name(), what));
                }
                progress.step();
            }
        }
        PrintWriter people = json ? err : spec.commandLine().getOut();
        people.println(report.text(json ? Style.PLAIN : Style.ofTerminal()));
        people.println();
        people.printf(
                "%s in %.0f s with seed %d.%n%n%s%n",
                report.held() ? "Nothing was found" : "Something was found",
                elapsedSeconds(),
                seed,
                report.held()
                        ? "Next: holdfast fuzz --seconds 600"
                        : "Next: the commands above, one for each");
        people.flush();
        if (json) {
            spec.commandLine().getOut().println(report.json(elapsedSeconds()));
            spec.commandLine().getOut().flush();
        }
        return report.held() ? 0 : 1;
    }

    private void run(Target target, long seed, double share, FuzzReport report, Progress progress)
            throws Exception {
        if (number != null) {
            report.add(target.name(), number, target.run(seed, number));
            return;
        }
        long endNanos = System.nanoTime() + (long) (share * 1e9);
        AtomicLong next = new AtomicLong();
        try (ExecutorService threads = Executors.newFixedThreadPool(target.atOnce())) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < target.atOnce(); i++) {
                all.add(
                        threads.submit(() -> {
                            tryCases(target, seed, next, endNanos, report, progress);
                            return true;
                        }));
            }
            for (Future<?> each : all) each.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) throw cause;
            throw e;
        }
    }

    private static void tryCases(
            Target target,
            long seed,
            AtomicLong next,
            long endNanos,
            FuzzReport report,
            Progress progress)
            throws Exception {
        long toldSeconds = -1;
        // At least one each: a target that was never tried shows nothing.
        do {
            long each = next.getAndIncrement();
            report.add(target.name(), each, target.run(seed, each));
            long left = (endNanos - System.nanoTime()) / 1_000_000_000L;
            if (left != toldSeconds)
                progress.at(
                        "%s, %,d cases, %d s"
                                .formatted(target.name(), report.cases(target.name()), left));
            toldSeconds = left;
        } while (System.nanoTime() < endNanos && !report.isEnough(target.name()));
    }

    private List<Target> targets() {
        List<Target> all = new ArrayList<>(CodecTarget.all());
        all.add(new SessionTarget());
        all.add(new EdgeTarget());
        if (only == null) return all;
        List<Target> named = all.stream().filter(target -> target.name().equals(only)).toList();
        if (!named.isEmpty()) return named;
        throw new Failure(
                "there is no target \"" + only + "\"",
                "the targets are "
                        + all.stream().map(Target::name).collect(Collectors.joining(", ")),
                "holdfast fuzz --target " + all.getFirst().name());
    }

    private ParameterException misused(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    private double elapsedSeconds() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }
}
