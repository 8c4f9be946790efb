package dev.holdfast.drill.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code holdfast sim}: histories of many seeds, each of which must keep every promise. */
@Command(
        name = "sim",
        description = {
            "Runs the real protocol, merge, store and worker classes on virtual time, with seeded cuts, loss,"
                    + " repetition, crashes, full disks, burned edges and stepping clocks, and checks the guarantees"
                    + " after every event.",
            "Example: holdfast sim --seeds 1000"
        },
        mixinStandardHelpOptions = true)
public final class SimCommand implements Callable<Integer> {
    private static final int SHOWN_FAILURES = 5;

    /** What must have happened over a whole set, or the set has proven nothing about it. */
    private static final List<String> MUST_HAPPEN =
            List.of(
                    "blackout",
                    "clock stepped",
                    "database away",
                    "device crashed",
                    "disk full",
                    "edge burned holding unconfirmed batches",
                    "edge crashed",
                    "equal contexts compared",
                    "gateway cut",
                    "loss",
                    "one-way gateway cut",
                    "refused and told so",
                    "region crashed");

    /** From so many seeds on, everything above must have happened. */
    private static final int TELLING_SEEDS = 50;

    @Spec private CommandSpec spec;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many seeds (default: ${DEFAULT-VALUE}).")
    private int seeds = 100;

    @Option(
            names = "--first",
            paramLabel = "S",
            description = "The first of them (default: ${DEFAULT-VALUE}).")
    private long first = 1;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Replays one seed and shows its history.")
    private @Nullable Long seed;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "How many at once (default: one for each core).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--json",
            description =
                    "Ends with one line of JSON, and prints nothing else to the standard output.")
    private boolean json;

    private record Failure(long seed, String what, List<String> trace) {}

    private final Map<String, Integer> coverage = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private long events;
    private long operations;
    private long slowestHealingMillis;

    @Override
    public Integer call() throws Exception {
        // The nodes log each fault they meet, and here they meet little else.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        long from = seed == null ? first : seed;
        int count = seed == null ? seeds : 1;
        long started = System.nanoTime();
        PrintWriter progress = spec.commandLine().getErr();
        AtomicInteger done = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, jobs))) {
            List<Future<?>> runs = new ArrayList<>();
            for (long each = from; each < from + count; each++) {
                long own = each;
                runs.add(
                        threads.submit(() -> {
                            run(own);
                            int ready = done.incrementAndGet();
                            if (ready % 100 == 0) {
                                double seconds = (System.nanoTime() - started) / 1e9;
                                progress.printf(
                                        "%,d of %,d seeds, %.0f s left%n",
                                        ready, count, seconds / ready * (count - ready));
                                progress.flush();
                            }
                        }));
            }
            for (Future<?> run : runs) run.get();
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        List<String> missing = new ArrayList<>();
        if (count >= TELLING_SEEDS) {
            for (String must : MUST_HAPPEN) if (!coverage.containsKey(must)) missing.add(must);
        }
        boolean held = failures.isEmpty() && missing.isEmpty();
        report(count, seconds, missing, held);
        return held ? 0 : 1;
    }

    private void run(long each) {
        Simulation simulation = new Simulation(each);
        try {
            Simulation.Outcome outcome = simulation.run();
            synchronized (this) {
                events += outcome.events();
                operations += outcome.operations();
                slowestHealingMillis = Math.max(slowestHealingMillis, outcome.healedMillis());
                outcome.coverage()
                        .forEach((what, times) -> coverage.merge(what, times, Integer::sum));
            }
        } catch (RuntimeException | Error e) {
            List<String> trace = new ArrayList<>();
            simulation.trace().forEach(trace::add);
            trace.addAll(simulation.nodes());
            String what =
                    e instanceof Claims.Broken ? String.valueOf(e.getMessage()) : String.valueOf(e);
            synchronized (this) {
                failures.add(new Failure(each, what, trace));
            }
        }
    }

    private void report(int count, double seconds, List<String> missing, boolean held) {
        PrintWriter people = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
        for (Failure failure : failures.subList(0, Math.min(SHOWN_FAILURES, failures.size()))) {
            if (seed != null) failure.trace().forEach(line -> people.println("  " + line));
            people.printf(
                    "broken  seed %d: %s%n        holdfast sim --seed %d%n",
                    failure.seed(), failure.what(), failure.seed());
        }
        if (failures.size() > SHOWN_FAILURES)
            people.printf("…and %,d more%n", failures.size() - SHOWN_FAILURES);
        coverage.forEach((what, times) -> people.printf("%,9d  %s%n", times, what));
        for (String must : missing) people.printf("%9d  %s: no seed reached it%n", 0, must);
        people.printf(
                "%s  %,d of %,d seeds, %,d operations acknowledged, %,d events in %.1f s (%,.0f operations/s);"
                        + " the slowest was whole %.0f s of virtual time after healing%n",
                held ? "held" : "broken",
                count - failures.size(),
                count,
                operations,
                events,
                seconds,
                operations / seconds,
                slowestHealingMillis / 1e3);
        people.flush();
        if (json) {
            spec.commandLine().getOut().println(line(count, seconds, missing, held));
            spec.commandLine().getOut().flush();
        }
    }

    private String line(int count, double seconds, List<String> missing, boolean held) {
        return "{\"name\":\"sim\",\"held\":%b,\"guarantees\":[{\"name\":\"every seed keeps every promise\",\"held\":%b,\"figure\":%d},{\"name\":\"the seeds reach every fault\",\"held\":%b,\"figure\":%d}],\"figures\":{\"seeds\":%d,\"operations\":%d,\"events\":%d,\"seconds\":%.1f}}"
                .formatted(
                        held,
                        failures.isEmpty(),
                        count - failures.size(),
                        missing.isEmpty(),
                        coverage.size(),
                        count,
                        operations,
                        events,
                        seconds);
    }
}
