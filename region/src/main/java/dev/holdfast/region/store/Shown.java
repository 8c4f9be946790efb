package dev.holdfast.region.store;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A document's readable columns.
 *
 * @param fields a JSON object, or null where a delete holds
 * @param conflicts per path the hidden values with who wrote them when, latest first; null for none
 */
record Shown(@Nullable String fields, @Nullable String conflicts) {
    static Shown of(Document document, Schema.Collection schema) {
        View view = View.of(document, schema);
        if (!view.exists()) return new Shown(null, null);
        return new Shown(
                json(view.fields()),
                view.conflicts().isEmpty() ? null : json(conflicts(view.conflicts())));
    }

    private static Value conflicts(Map<String, List<View.Hidden>> conflicts) {
        Map<String, Value> byPath = new TreeMap<>();
        conflicts.forEach((path, hidden) -> {
            List<Value> values = new ArrayList<>();
            for (View.Hidden one : hidden) {
                values.add(
                        new Value.Map(
                                Map.of(
                                        "value", one.value(),
                                        "replica", Value.of(one.dot().replica().toString()),
                                        "seq", Value.of(one.dot().seq()),
                                        "millis", Value.of(one.millis()))));
            }
            byPath.put(path, new Value.Array(values));
        });
        return new Value.Map(byPath);
    }

    private static String json(Value value) {
        String json = Json.print(value);
        // PostgreSQL's texts hold no U+0000; the state keeps it, readers see the replacement.
        return json.contains("\\u0000") ? Json.print(withoutNul(value)) : json;
    }

    private static Value withoutNul(Value value) {
        return switch (value) {
            case Value.Text text -> Value.of(withoutNul(text.value()));
            case Value.Array array ->
                    new Value.Array(array.items().stream().map(Shown::withoutNul).toList());
            case Value.Map map -> {
                Map<String, Value> fields = new TreeMap<>();
                map.fields()
                        .forEach((name, field) -> fields.put(withoutNul(name), withoutNul(field)));
                yield new Value.Map(fields);
            }
            case Value.Nil nil -> nil;
            case Value.Bool bool -> bool;
            case Value.Int number -> number;
            case Value.Real number -> number;
            case Value.Binary binary -> binary;
        };
    }

    private static String withoutNul(String text) {
        return text.replace('\0', '\uFFFD');
    }
}
