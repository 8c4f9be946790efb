package dev.holdfast.drill.fuzz;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all targets showed. Thread-safe while it is filled. */
final class FuzzReport {
    private static final int SHOWN_BYTES = 2_048;
    private static final int MOST_FINDINGS = 5;

    /** A case that showed something, or with no number what all of them together did. */
    private record Finding(String target, long number, String what, Bytes input) {}

    private static final class Row {
        long cases;
        long refused;
        long taken;
        int findings;
    }

    private final long seed;
    private final Map<String, Row> rows = new TreeMap<>();
    private final List<String> order = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    FuzzReport(long seed) {
        this.seed = seed;
    }

    synchronized void add(String target, long number, Target.Outcome outcome) {
        Row row = row(target);
        row.cases++;
        switch (outcome) {
            case Target.Outcome.Refused _ -> row.refused++;
            case Target.Outcome.Taken _ -> row.taken++;
            case Target.Outcome.Found found -> {
                row.findings++;
                findings.add(new Finding(target, number, found.what(), found.input()));
            }
        }
    }

    /** What does not hold after all cases of a target. */
    synchronized void broken(String target, String what) {
        row(target).findings++;
        findings.add(new Finding(target, -1, what, Bytes.EMPTY));
    }

    /** Whether so much was found in it that more would tell no more. */
    synchronized boolean isEnough(String target) {
        return row(target).findings >= MOST_FINDINGS;
    }

    synchronized long cases(String target) {
        return row(target).cases;
    }

    private Row row(String target) {
        return rows.computeIfAbsent(
                target,
                name -> {
                    order.add(name);
                    return new Row();
                });
    }

    /** A target that was never tried shows nothing. */
    synchronized boolean held() {
        return findings.isEmpty() && rows.values().stream().allMatch(row -> row.cases > 0);
    }

    /** For people. */
    synchronized String text(Style style) {
        List<String> lines = new ArrayList<>();
        for (Finding each : findings) {
            lines.add("found   " + each.target() + ": " + each.what());
            if (each.number() < 0) continue;
            lines.add(
                    "        holdfast fuzz --seed %d --target %s --case %d"
                            .formatted(seed, each.target(), each.number()));
            if (each.input().size() <= SHOWN_BYTES) lines.add("        " + each.input().hex());
            else
                lines.add(
                        "        %,d bytes, of which the first: %s"
                                .formatted(
                                        each.input().size(),
                                        each.input().slice(0, SHOWN_BYTES / 8).hex()));
        }
        if (!lines.isEmpty()) lines.add("");
        Table table = Table.headed("TARGET", "CASES", "REFUSED", "TAKEN", "FINDINGS", "");
        for (String target : order) {
            Row row = row(target);
            table.row(
                    target,
                    "%,d".formatted(row.cases),
                    "%,d".formatted(row.refused),
                    "%,d".formatted(row.taken),
                    "%,d".formatted(row.findings),
                    row.findings == 0 && row.cases > 0
                            ? style.good("held")
                            : style.alarm("BROKEN"));
        }
        lines.add(table.text(style));
        return String.join("\n", lines);
    }

    /** One line. */
    synchronized String json(double seconds) {
        List<Value> guarantees = new ArrayList<>();
        Map<String, Object> figures = new TreeMap<>();
        figures.put("seed", seed);
        figures.put("seconds", seconds);
        for (String target : order) {
            Row row = row(target);
            guarantees.add(
                    Value.from(
                            Map.of(
                                    "name",
                                    target,
                                    "held",
                                    row.findings == 0 && row.cases > 0,
                                    "figure",
                                    row.cases)));
            figures.put(target + "-refused", row.refused);
            figures.put(target + "-taken", row.taken);
            figures.put(target + "-findings", row.findings);
        }
        return Json.print(
                Value.from(
                        Map.of(
                                "name",
                                "fuzz",
                                "held",
                                held(),
                                "guarantees",
                                guarantees,
                                "figures",
                                figures)));
    }
}
