package dev.holdfast.drill.sim;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
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
                    + " reordering, crashes, full and burned disks, stepping clocks, hostile devices and lying edges,"
                    + " and checks the guarantees after every event.",
            "Example: holdfast sim --seeds 1000"
        },
        mixinStandardHelpOptions = true)
public final class SimCommand implements Callable<Integer> {
    private static final int SEEDS_PER_MUTANT = 400;
    private static final int PROGRESS_MILLIS = 5_000;

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
            description = "Replays one seed, shows its history, and shortens it if it breaks.")
    private @Nullable Long seed;

    @Option(
            names = "--acts",
            paramLabel = "PLACES",
            split = ",",
            description = "With --seed: only these of its acts, as a shortened history names them.")
    private @Nullable List<Integer> acts;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "How many at once (default: one for each core).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--mutants",
            description =
                    "Plants known bugs, one after the other, and shows that each is found. In a checkout only.")
    private boolean mutants;

    @Option(
            names = "--mutant",
            paramLabel = "NAME",
            split = ",",
            description = "With --mutants: only these.")
    private @Nullable List<String> mutant;

    @Option(
            names = "--json",
            description =
                    "Ends with one line of JSON, and prints nothing else to the standard output.")
    private boolean json;

    private long startedNanos;
    private long toldNanos;

    @Override
    public Integer call() throws Exception {
        // The nodes log each fault they meet, and here they meet little else.
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        startedNanos = System.nanoTime();
        toldNanos = startedNanos;
        return mutants ? hunt() : simulate();
    }

    // Seeds.

    private int simulate() throws Exception {
        SimReport report = new SimReport();
        long from = seed == null ? first : seed;
        List<Runnable> runs = new ArrayList<>();
        for (long each = from; each < from + (seed == null ? seeds : 1); each++) {
            Plan plan = Plan.of(each);
            if (seed != null && acts != null) plan = plan.only(acts);
            Plan own = plan;
            runs.add(() -> run(own, report));
        }
        atOnce(runs, "seeds");
        PrintWriter people = people();
        report.print(people, seconds(), seed != null);
        if (!report.failures().isEmpty() && acts == null) shorten(report.failures().getFirst());
        people.flush();
        if (json) line(report.json(seconds()));
        return report.held() ? 0 : 1;
    }

    private static void run(Plan plan, SimReport report) {
        Simulation simulation = new Simulation(plan);
        try {
            report.held(simulation.run());
        } catch (Broken broken) {
            List<String> history = new ArrayList<>();
            simulation.trace().forEach(history::add);
            history.addAll(simulation.nodes());
            report.failed(new SimReport.Failure(plan, broken, history));
        }
    }

    private void shorten(SimReport.Failure failure) {
        PrintWriter people = people();
        people.println("Shortening the history of seed " + failure.plan().seed());
        people.flush();
        List<Integer> places = Shrink.shrink(failure.plan(), failure.broken().invariant());
        people.printf(
                "        %,d of its %,d acts are enough:%n        holdfast sim --seed %d --acts %s%n",
                places.size(),
                failure.plan().acts().size(),
                failure.plan().seed(),
                places.isEmpty()
                        ? "-1"
                        : places.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    // Mutants.

    private int hunt() throws Exception {
        MutantHunt hunt = ServiceLoader.load(MutantHunt.class).findFirst().orElse(null);
        if (hunt == null) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "holdfast: no bugs to plant\n  why: only the test build of a checkout has them\n"
                                    + "  try: ./holdfast sim --mutants, in a checkout");
            return 1;
        }
        List<MutantHunt.Mutant> planted =
                hunt.mutants().stream()
                        .filter(each -> mutant == null || mutant.contains(each.name()))
                        .toList();
        List<MutantHunt.Hunted> hunted = new ArrayList<>();
        for (MutantHunt.Mutant each : planted)
            hunted.add(new MutantHunt.Hunted(each, 0, null, "it was not run"));
        List<Runnable> runs = new ArrayList<>();
        for (int i = 0; i < planted.size(); i++) {
            int own = i;
            runs.add(() -> {
                MutantHunt.Hunted result = hunt.hunt(planted.get(own), first, SEEDS_PER_MUTANT);
                synchronized (hunted) {
                    hunted.set(own, result);
                    print(result);
                }
            });
        }
        atOnce(runs, "mutants");
        long found = hunted.stream().filter(MutantHunt.Hunted::found).count();
        boolean held = !planted.isEmpty() && found == planted.size();
        people().printf(
                        "%s  %d of %d mutants found in %.0f s%n",
                        held ? "held" : "broken", found, planted.size(), seconds());
        people().flush();
        if (json)
            line(
                    "{\"name\":\"sim-mutants\",\"held\":%b,\"guarantees\":[%s],\"figures\":{\"mutants\":%d,\"mutants-found\":%d,\"seconds\":%.1f}}"
                            .formatted(
                                    held,
                                    hunted.stream()
                                            .map(SimCommand::guarantee)
                                            .collect(Collectors.joining(",")),
                                    planted.size(),
                                    found,
                                    seconds()));
        return held ? 0 : 1;
    }

    private void print(MutantHunt.Hunted hunted) {
        PrintWriter people = people();
        String name = hunted.mutant().name();
        if (hunted.found())
            people.printf(
                    "found   %-42s seed %d, the %d. of them: %s%n",
                    name, hunted.seed(), hunted.seeds(), hunted.caughtBy());
        else
            people.printf(
                    "MISSED  %-42s in %d seeds: %s%n",
                    name, hunted.seeds(), hunted.mutant().what());
        people.flush();
    }

    private static String guarantee(MutantHunt.Hunted hunted) {
        return "{\"name\":\"%s is found\",\"held\":%b,\"figure\":%d}"
                .formatted(hunted.mutant().name(), hunted.found(), hunted.seeds());
    }

    // Both.

    private void atOnce(List<Runnable> runs, String what) throws Exception {
        AtomicInteger done = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, jobs))) {
            List<Future<?>> all = new ArrayList<>();
            for (Runnable run : runs) {
                all.add(
                        threads.submit(() -> {
                            run.run();
                            tell(done.incrementAndGet(), runs.size(), what);
                        }));
            }
            for (Future<?> each : all) each.get();
        }
    }

    private synchronized void tell(int done, int all, String what) {
        long now = System.nanoTime();
        if (now - toldNanos < PROGRESS_MILLIS * 1_000_000L) return;
        toldNanos = now;
        PrintWriter progress = spec.commandLine().getErr();
        progress.printf(
                "%,d of %,d %s, %.0f s left%n", done, all, what, seconds() / done * (all - done));
        progress.flush();
    }

    private double seconds() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    private PrintWriter people() {
        return json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    }

    private void line(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
