package dev.holdfast.core.schema;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an application says of its collections. It decides what its author writes and what its
 * readers see, never what is merged: two versions of a schema make no two states, and what it does
 * not name is kept and shown as it is.
 *
 * <p>As JSON: {@code {"patients": {"fields": {"name": {"show": "manual"}, "visits": {"kind":
 * "counter"}}, "on-delete": "delete-wins", "indexes": ["name"]}}}.
 */
public record Schema(Map<String, Collection> collections) {
    public static final Schema EMPTY = new Schema(Map.of());

    public Schema {
        collections = Map.copyOf(collections);
    }

    public enum Kind {
        REGISTER,
        COUNTER,
        SET
    }

    /**
     * Which of several concurrent values of a register is shown; the others stay readable as
     * conflicts.
     */
    public enum Show {
        /** The latest reading, then the greater replica. */
        LWW,
        /** The greatest value. */
        MAX,
        /** The least value. */
        MIN,
        /** As {@link #LWW}, but a person is asked to choose. */
        MANUAL
    }

    public record Field(Kind kind, Show show) {
        public static final Field DEFAULT = new Field(Kind.REGISTER, Show.LWW);
    }

    /**
     * The fields of a collection by path.
     *
     * @param deleteWins whether a delete holds against a concurrent update
     * @param indexes the paths that queries shall be quick on
     */
    public record Collection(Map<String, Field> fields, boolean deleteWins, List<String> indexes) {
        public static final Collection DEFAULT = new Collection(Map.of(), false, List.of());

        public Collection {
            fields = Map.copyOf(fields);
            indexes = List.copyOf(indexes);
            fields.keySet().forEach(Key::requirePath);
            indexes.forEach(Key::requirePath);
        }

        public Field field(String path) {
            return fields.getOrDefault(path, Field.DEFAULT);
        }
    }

    public Collection collection(String name) {
        return collections.getOrDefault(name, Collection.DEFAULT);
    }

    /**
     * Reads the JSON form; an unknown name is an error, since a policy that is not followed loses
     * data.
     *
     * @throws MalformedException saying what is wrong where
     */
    public static Schema parse(String json) {
        return of(Json.parse(json));
    }

    /** The same of JSON that was read already. */
    public static Schema of(Value value) {
        Map<String, Collection> collections = new TreeMap<>();
        for (var entry : map(value, "the schema").entrySet()) {
            collections.put(entry.getKey(), collection(entry.getKey(), entry.getValue()));
        }
        return new Schema(collections);
    }

    private static Collection collection(String name, Value value) {
        Map<String, Field> fields = new TreeMap<>();
        boolean deleteWins = false;
        List<String> indexes = new ArrayList<>();
        for (var entry : map(value, name).entrySet()) {
            switch (entry.getKey()) {
                case "fields" ->
                        map(entry.getValue(), name + ".fields")
                                .forEach((path, field) ->
                                        fields.put(path, field(name + "." + path, field)));
                case "on-delete" ->
                        deleteWins =
                                oneOf(entry.getValue(), name, "update-wins", "delete-wins") == 1;
                case "indexes" -> {
                    if (!(entry.getValue() instanceof Value.Array paths))
                        throw fault(name, "indexes is a list of paths");
                    for (Value path : paths.items()) indexes.add(text(path, name));
                }
                default ->
                        throw fault(
                                name, "knows fields, on-delete and indexes, not " + entry.getKey());
            }
        }
        return new Collection(fields, deleteWins, indexes);
    }

    private static Field field(String name, Value value) {
        Kind kind = Kind.REGISTER;
        Show show = Show.LWW;
        for (var entry : map(value, name).entrySet()) {
            switch (entry.getKey()) {
                case "kind" ->
                        kind =
                                Kind.values()[
                                        oneOf(
                                                entry.getValue(),
                                                name,
                                                "register",
                                                "counter",
                                                "set")];
                case "show" ->
                        show =
                                Show.values()[
                                        oneOf(
                                                entry.getValue(),
                                                name,
                                                "lww",
                                                "max",
                                                "min",
                                                "manual")];
                default -> throw fault(name, "knows kind and show, not " + entry.getKey());
            }
        }
        return new Field(kind, show);
    }

    private static int oneOf(Value value, String name, String... words) {
        int index = List.of(words).indexOf(text(value, name));
        if (index < 0) throw fault(name, "expected one of " + String.join(", ", words));
        return index;
    }

    private static String text(Value value, String name) {
        if (value instanceof Value.Text text) return text.value();
        throw fault(name, "expected text");
    }

    private static Map<String, Value> map(Value value, String name) {
        if (value instanceof Value.Map map) return map.fields();
        throw fault(name, "expected an object");
    }

    private static MalformedException fault(String name, String what) {
        return new MalformedException("schema: " + name + ": " + what);
    }
}
