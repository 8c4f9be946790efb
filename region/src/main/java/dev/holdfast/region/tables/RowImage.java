package dev.holdfast.region.tables;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A row as texts: of each column what PostgreSQL writes for it, or null for NULL. What is not there
 * was never set.
 */
record RowImage(Map<String, @Nullable String> columns) {
    RowImage {
        columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    }

    /**
     * The row that a document shows; null for none. A document without its key's columns shows
     * none: a delete has passed over it, and whoever still has the row makes it whole.
     */
    static @Nullable RowImage of(Document document, Schema.Collection schema, List<String> key) {
        View view = View.of(document, schema);
        if (!view.exists() || !isWhole(document, key)) return null;
        Map<String, @Nullable String> columns = new TreeMap<>();
        view.fields().fields().forEach((name, value) -> columns.put(name, text(value)));
        return new RowImage(columns);
    }

    /** Whether the columns of the key stand in a document. */
    static boolean isWhole(Document document, List<String> key) {
        return key.stream().noneMatch(column -> document.at(Key.register(column)).isEmpty());
    }

    boolean has(String column) {
        return columns.containsKey(column);
    }

    @Nullable String get(String column) {
        return columns.get(column);
    }

    /** Whether a column is the same in both, or set in neither. */
    boolean agrees(RowImage other, String column) {
        return has(column) == other.has(column) && Objects.equals(get(column), other.get(column));
    }

    static Value value(@Nullable String text) {
        return text == null ? Value.NIL : Value.of(text);
    }

    /** Values that no row wrote but a device are given as PostgreSQL would read them. */
    private static @Nullable String text(Value value) {
        return switch (value) {
            case Value.Nil nil -> null;
            case Value.Text text -> text.value();
            case Value.Int number -> String.valueOf(number.value());
            case Value.Real number -> new BigDecimal(String.valueOf(number.value())).toString();
            case Value.Bool bool -> String.valueOf(bool.value());
            case Value.Binary bytes -> "\\x" + bytes.value().hex();
            case Value.Array array -> Json.print(array);
            case Value.Map map -> Json.print(map);
        };
    }
}
