package dev.holdfast.drill.sim;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a set of seeds showed. Thread-safe while it is filled. */
final class SimReport {
    private static final int SHOWN_FAILURES = 5;

    /** From so many seeds on, every place must have been reached. */
    private static final int TELLING_SEEDS = 1_000;

    /** A seed that broke a guarantee. */
    record Failure(Plan plan, Broken broken, List<String> history) {}

    private final Map<String, Integer> coverage = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private int seeds;
    private long events;
    private long operations;
    private long slowestHealingMillis;

    synchronized void held(Simulation.Outcome outcome) {
        seeds++;
        events += outcome.events();
        operations += outcome.operations();
        slowestHealingMillis = Math.max(slowestHealingMillis, outcome.healedMillis());
        outcome.coverage().forEach((what, times) -> coverage.merge(what, times, Integer::sum));
    }

    synchronized void failed(Failure failure) {
        seeds++;
        failures.add(failure);
        failures.sort((a, b) -> Long.compare(a.plan().seed(), b.plan().seed()));
    }

    List<Failure> failures() {
        return failures;
    }

    boolean held() {
        return failures.isEmpty() && missing().isEmpty();
    }

    private List<String> missing() {
        return seeds < TELLING_SEEDS ? List.of() : Coverage.missing(coverage);
    }

    void print(PrintWriter out, double seconds, boolean history) {
        for (Failure failure : failures.subList(0, Math.min(SHOWN_FAILURES, failures.size()))) {
            if (history) failure.history().forEach(line -> out.println("  " + line));
            out.printf(
                    "broken  seed %d: %s%n        holdfast sim --seed %d%n",
                    failure.plan().seed(), failure.broken().getMessage(), failure.plan().seed());
        }
        if (failures.size() > SHOWN_FAILURES)
            out.printf("…and %,d more%n", failures.size() - SHOWN_FAILURES);
        coverage.forEach((what, times) -> out.printf("%,9d  %s%n", times, what));
        for (String must : missing()) out.printf("%9d  %s: no seed reached it%n", 0, must);
        out.printf(
                "%s  %,d of %,d seeds, %,d operations acknowledged, %,d events in %.1f s (%,.0f operations/s);"
                        + " the slowest was whole %.0f s of virtual time after healing%n",
                held() ? "held" : "broken",
                seeds - failures.size(),
                seeds,
                operations,
                events,
                seconds,
                operations / seconds,
                slowestHealingMillis / 1e3);
    }

    String json(double seconds) {
        StringBuilder faults = new StringBuilder();
        coverage.forEach((what, times) ->
                faults.append(",\"%s\":%d".formatted(what.replace(": ", " "), times)));
        return ("{\"name\":\"sim\",\"held\":%b,\"guarantees\":[{\"name\":\"every seed keeps every promise\",\"held\":%b,\"figure\":%d},"
                        + "{\"name\":\"the seeds reach every place\",\"held\":%b,\"figure\":%d}],"
                        + "\"figures\":{\"seeds\":%d,\"operations\":%d,\"events\":%d,\"seconds\":%.1f,\"operations-per-second\":%.0f%s}}")
                .formatted(
                        held(),
                        failures.isEmpty(),
                        seeds - failures.size(),
                        missing().isEmpty(),
                        coverage.size(),
                        seeds,
                        operations,
                        events,
                        seconds,
                        operations / seconds,
                        faults);
    }
}
