package dev.holdfast.drill.rings;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What came of several drills that ran one after the other with the same seed. */
record Attempts(long seed, List<Attempt> all) {
    /**
     * What came of one of them.
     *
     * @param outcome is empty where it could not be done, or was told to stop
     * @param trouble why it could not be done, or what could not be done after it was judged
     */
    record Attempt(
            String drill, Optional<Outcome> outcome, Optional<String> trouble, Duration took) {
        /** Whether somebody told it to stop, and wants no other one either. */
        boolean isStopped() {
            return outcome.isEmpty() && trouble.isEmpty();
        }

        boolean held() {
            return trouble.isEmpty() && outcome.map(Outcome::held).orElse(false);
        }

        private String figure() {
            return outcome.map(each -> each.heldCount() + " of " + each.guarantees().size())
                    .orElse("could not be done");
        }

        /** As the drill says it itself, or why it says nothing. */
        private Value value() {
            if (outcome.isPresent()) return outcome.get().value();
            Map<String, Object> undone =
                    Map.of(
                            "name",
                            drill,
                            "held",
                            false,
                            "guarantees",
                            List.of(),
                            "figures",
                            Map.of(),
                            "why",
                            trouble.orElse(""));
            return Value.from(undone);
        }
    }

    Attempts {
        all = List.copyOf(all);
    }

    boolean held() {
        return !all.isEmpty() && all.stream().allMatch(Attempt::held);
    }

    /** For people. */
    String text(Style style) {
        Table table = Table.headed("DRILL", "HELD", "TIME", "");
        Duration whole = Duration.ZERO;
        for (Attempt each : all) {
            table.row(
                    each.drill(),
                    each.figure(),
                    inWords(each.took()),
                    each.held() ? style.good("held") : style.alarm("BROKEN"));
            whole = whole.plus(each.took());
        }
        long broken = all.stream().filter(each -> !each.held()).count();
        return String.join(
                "\n",
                table.text(style),
                "",
                broken == 0
                        ? "All " + all.size() + " drills held, in " + inWords(whole) + "."
                        : broken + " of " + all.size() + " drills are broken.",
                "",
                "Next: "
                        + all.stream()
                                .filter(each -> !each.held())
                                .findFirst()
                                .map(each -> "holdfast drill " + each.drill() + " --seed " + seed)
                                .orElse("holdfast sim --seeds 10000"));
    }

    /** One line: each drill as a guarantee, and below {@code drills} as it would say it itself. */
    String json() {
        List<Value> guarantees = new ArrayList<>();
        List<Value> drills = new ArrayList<>();
        double seconds = 0;
        for (Attempt each : all) {
            Map<String, Object> guarantee =
                    Map.of("name", each.drill(), "held", each.held(), "figure", each.figure());
            guarantees.add(Value.from(guarantee));
            drills.add(each.value());
            seconds += seconds(each.took());
        }
        Map<String, Object> whole =
                Map.of(
                        "name",
                        "all",
                        "held",
                        held(),
                        "guarantees",
                        guarantees,
                        "figures",
                        Map.of("seed", seed, "seconds", seconds),
                        "drills",
                        drills);
        return Json.print(Value.from(whole));
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1_000.0;
    }

    private static String inWords(Duration time) {
        long seconds = time.toSeconds();
        return seconds < 60 ? seconds + " s" : seconds / 60 + " min " + seconds % 60 + " s";
    }
}
