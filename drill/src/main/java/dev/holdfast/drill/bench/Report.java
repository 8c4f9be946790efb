package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a bench found.
 *
 * @param notes how it was measured, and what a reader must know to believe it
 * @param details further tables, each with its heading sentence
 */
record Report(String name, List<Figure> figures, List<String> notes, List<Detail> details) {
    /** A table that explains a figure. */
    record Detail(String sentence, Table table) {}

    Report {
        figures = List.copyOf(figures);
        notes = List.copyOf(notes);
        details = List.copyOf(details);
    }

    /** For people. */
    String text(Style style) {
        Table table = Table.headed("figure", "value", "unit", "ratio", "of", "aim");
        for (Figure figure : figures) {
            Figure.Bare bare = figure.bare();
            Aim aim = figure.aim();
            table.row(
                    figure.name(),
                    Figure.number(figure.value()),
                    figure.unit(),
                    figure.ratio().isPresent() ? ratio(figure) : "",
                    bare == null ? "" : Figure.number(bare.value()) + ", " + bare.of(),
                    aim == null ? "" : aim.words(figure));
        }
        StringBuilder text = new StringBuilder(table.text(style));
        for (Detail detail : details) {
            text.append("\n\n").append(detail.sentence()).append('\n');
            text.append(detail.table().text(style));
        }
        if (!notes.isEmpty()) text.append('\n');
        for (String note : notes) text.append('\n').append(style.quiet(note));
        return text.toString();
    }

    /** One line for machines; a figure without a bare limit has null for ratio and of. */
    String json() {
        List<String> each = new ArrayList<>();
        for (Figure figure : figures) {
            Figure.Bare bare = figure.bare();
            each.add(
                    "{\"name\":"
                            + quoted(figure.name())
                            + ",\"value\":"
                            + plain(figure.value())
                            + ",\"unit\":"
                            + quoted(figure.unit())
                            + ",\"ratio\":"
                            + (bare == null ? "null" : plain(figure.value() / bare.value()))
                            + ",\"of\":"
                            + quoted(bare == null ? null : bare.of())
                            + "}");
        }
        return "{\"name\":" + quoted(name) + ",\"figures\":[" + String.join(",", each) + "]}";
    }

    private static String ratio(Figure figure) {
        return String.format(Locale.ROOT, "%.2f", figure.ratio().orElseThrow());
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "null" : Json.print(Value.of(text));
    }
}
