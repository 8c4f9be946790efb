package dev.holdfast.drill.rings;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.drill.report.Report;
import dev.holdfast.drill.report.Report.Ending.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came out of a drill.
 *
 * @param name of the drill
 * @param means how links were cut
 * @param figures by name, for machines
 */
record Outcome(
        String name,
        String means,
        long seed,
        List<Guarantee> guarantees,
        Map<String, Object> figures) {
    static Outcome of(String name, Judge judge, long seed, String means, Map<String, Object> own) {
        Judge.Counts counts = judge.counts();
        Map<String, Object> figures = new TreeMap<>(own);
        figures.put("acknowledged", counts.acknowledged());
        figures.put("found", counts.found());
        figures.put("lost", counts.lost());
        figures.put("applied-twice", counts.appliedTwice());
        figures.put("contested-values", counts.contested());
        figures.put("conflicting-values-kept", counts.conflictsKept());
        figures.put("seed", seed);
        figures.put("network", means);
        return new Outcome(name, means, seed, judge.guarantees(), figures);
    }

    boolean held() {
        return heldCount() == guarantees.size();
    }

    long heldCount() {
        return guarantees.stream().filter(Guarantee::held).count();
    }

    /** One line. */
    String json() {
        return Json.print(value());
    }

    /** What that line holds. */
    Value value() {
        List<Value> all = new ArrayList<>();
        for (Guarantee each : guarantees) {
            Map<String, Object> fields =
                    Map.of("name", each.name(), "held", each.held(), "figure", each.figure());
            all.add(Value.from(fields));
        }
        Map<String, Object> whole =
                Map.of("name", name, "held", held(), "guarantees", all, "figures", figures);
        return Value.from(whole);
    }

    /** For people, with what to do next. */
    String text(Style style, String next) {
        return text(style)
                + "\n\nNext: "
                + (held() ? next : "holdfast drill " + name + " --seed " + seed);
    }

    /** For people. */
    String text(Style style) {
        Table table = Table.headed("GUARANTEE", "FIGURE", "");
        for (Guarantee each : guarantees) {
            table.row(
                    each.name(),
                    each.figure(),
                    each.held() ? style.good("held") : style.alarm("BROKEN"));
        }
        long broken = guarantees.size() - heldCount();
        return String.join(
                "\n",
                table.text(style),
                "",
                "Links: " + means,
                broken == 0 ? "All guarantees held." : broken + " guarantees are broken.");
    }

    /** For the report. */
    Judged judged() {
        List<Report.Row> rows =
                guarantees.stream()
                        .map(each -> new Report.Row(each.name(), each.figure(), each.held()))
                        .toList();
        return new Judged(means, rows);
    }
}
