package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Level;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.device.DocumentView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Documents as text and as JSON. */
final class Shown {
    /** A table stays readable; the rest is in JSON. */
    private static final int COLUMNS_MAX = 8;

    private static final int CELL_CHARS_MAX = 40;

    private Shown() {}

    static Value json(DocumentView document) {
        Map<String, Value> line = new TreeMap<>();
        line.put("collection", Value.of(document.collection()));
        line.put("id", Value.of(document.id()));
        line.put("fields", document.fields());
        document.durability().ifPresent(level -> line.put("pending", Value.of(Level.word(level))));
        if (document.isConflicted()) line.put("conflicts", conflicts(document));
        if (!document.rejections().isEmpty()) {
            line.put(
                    "refused",
                    Value.from(document.rejections().stream().map(Rejection::reason).toList()));
        }
        return new Value.Map(line);
    }

    private static Value conflicts(DocumentView document) {
        Map<String, List<Value>> values = new TreeMap<>();
        document.conflicts()
                .forEach((path, others) ->
                        values.put(path, others.stream().map(other -> other.value()).toList()));
        return Value.from(values);
    }

    /** The fields of one document, a line each, nested ones by their paths. */
    static Table fields(DocumentView document) {
        Table table = Table.plain();
        addFields(table, "", document.fields());
        return table;
    }

    private static void addFields(Table table, String prefix, Value.Map fields) {
        fields.fields()
                .forEach((name, value) -> {
                    if (value instanceof Value.Map below && !below.fields().isEmpty()) {
                        addFields(table, prefix + name + ".", below);
                    } else {
                        table.row(prefix + name, Fields.shown(value));
                    }
                });
    }

    /** A row per document, a column per field. */
    static Table list(List<DocumentView> documents) {
        Set<String> names = new LinkedHashSet<>();
        documents.forEach(document -> names.addAll(document.fields().fields().keySet()));
        List<String> columns = names.stream().limit(COLUMNS_MAX).toList();
        List<String> heading = new ArrayList<>(List.of("ID"));
        columns.forEach(name -> heading.add(name.toUpperCase(Locale.ROOT)));
        heading.add("");
        Table table = Table.headed(heading.toArray(String[]::new));
        for (DocumentView document : documents) {
            List<String> row = new ArrayList<>(List.of(document.id()));
            for (String name : columns) {
                Value value = document.fields().fields().get(name);
                row.add(value == null ? "" : cut(Fields.shown(value)));
            }
            row.add(state(document));
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    /** What is not as it should be: refused, conflicted, or not yet where it belongs. */
    static String state(DocumentView document) {
        List<String> words = new ArrayList<>();
        document.durability().ifPresent(level -> words.add(Level.shown(level)));
        if (document.isConflicted()) words.add("◐ Two versions");
        if (!document.rejections().isEmpty()) {
            words.add("⊗ Not accepted: " + document.rejections().getLast().reason());
        }
        return String.join(", ", words);
    }

    private static String cut(String text) {
        String line = text.replace('\n', ' ');
        return line.length() <= CELL_CHARS_MAX ? line : line.substring(0, CELL_CHARS_MAX - 1) + "…";
    }
}
