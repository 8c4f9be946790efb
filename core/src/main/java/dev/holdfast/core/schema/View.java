package dev.holdfast.core.schema;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.codec.Utf8;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A document as a person sees it: one value per field, and the concurrent values that are not
 * shown.
 *
 * <p>Kinds at one path exclude each other in any one application; should two have been written, a
 * counter is shown before a set and a set before a register. Where a register and fields below it
 * were written concurrently, the fields are shown, on top of the register's value if that is a map.
 *
 * @param exists whether anything stands and no {@code delete-wins} delete does
 * @param fields what is shown; empty where it does not exist
 * @param conflicts per path, the values that are not shown, the latest first
 */
public record View(boolean exists, Value.Map fields, Map<String, List<Hidden>> conflicts) {
    /** A concurrent value that is not shown, with who wrote it when. */
    public record Hidden(Dot dot, long millis, Value value) {}

    private static final Comparator<Map.Entry<Dot, Entry>> LATEST_LAST =
            Comparator.<Map.Entry<Dot, Entry>, dev.holdfast.core.operation.Hlc>comparing(
                            e -> e.getValue().shown())
                    .thenComparing(Map.Entry::getKey);

    public static View of(Document document, Schema.Collection schema) {
        boolean deleted = !document.at(Key.deleted()).isEmpty();
        if (document.isEmpty() || deleted) return new View(false, Value.Map.EMPTY, Map.of());
        Map<String, Value> shown = new TreeMap<>();
        Map<String, List<Hidden>> conflicts = new TreeMap<>();
        Set<String> counters = new HashSet<>();
        Map<String, List<Value>> sets = new TreeMap<>();
        for (Key key : document.keys()) {
            // Keys come by path, then kind: a greater known kind shadows a lesser one, but counters
            // sets.
            switch (key.kind()) {
                case Key.REGISTER -> {
                    shown.put(
                            key.path(),
                            register(document, key, schema.field(key.path()).show(), conflicts));
                }
                case Key.COUNTER -> {
                    shown.put(key.path(), new Value.Int(sum(document, key)));
                    counters.add(key.path());
                }
                case Key.SET -> {
                    if (counters.contains(key.path())) continue;
                    sets.computeIfAbsent(key.path(), none -> new ArrayList<>())
                            .add(key.elementValue());
                }
                default -> {}
            }
        }
        sets.forEach((path, elements) -> shown.put(path, new Value.Array(elements)));
        return new View(true, tree(shown), conflicts);
    }

    /** The sum of a counter's entries; it wraps, so that any order gives the same. */
    public static long sum(Document document, Key key) {
        long sum = 0;
        for (Entry entry : document.at(key).values()) sum += ((Value.Int) entry.payload()).value();
        return sum;
    }

    private static Value register(
            Document document, Key key, Schema.Show show, Map<String, List<Hidden>> conflicts) {
        Map<Dot, Entry> standing = document.at(key);
        if (standing.size() == 1) return standing.values().iterator().next().payload();
        List<Map.Entry<Dot, Entry>> entries = new ArrayList<>(standing.entrySet());
        entries.sort(LATEST_LAST);
        int chosen = entries.size() - 1;
        if (show == Schema.Show.MAX || show == Schema.Show.MIN) {
            for (int i = 0; i < entries.size(); i++) {
                int order =
                        compare(
                                entries.get(i).getValue().payload(),
                                entries.get(chosen).getValue().payload());
                if (show == Schema.Show.MAX ? order > 0 : order < 0) chosen = i;
            }
        }
        Value value = entries.get(chosen).getValue().payload();
        List<Hidden> hidden = new ArrayList<>();
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i).getValue();
            if (i == chosen || entry.payload().equals(value)) continue;
            hidden.add(
                    new Hidden(entries.get(i).getKey(), entry.shown().millis(), entry.payload()));
        }
        if (!hidden.isEmpty()) conflicts.put(key.path(), List.copyOf(hidden));
        return value;
    }

    /** Numbers by size, before them what is no number; else by encoding. */
    private static int compare(Value a, Value b) {
        double x = number(a);
        double y = number(b);
        if (a instanceof Value.Int i && b instanceof Value.Int j)
            return Long.compare(i.value(), j.value());
        int order = Double.compare(x, y);
        return order != 0 ? order : CborWriter.encode(a).compareTo(CborWriter.encode(b));
    }

    private static double number(Value value) {
        return switch (value) {
            case Value.Int number -> number.value();
            case Value.Real number -> number.value();
            default -> Double.NEGATIVE_INFINITY;
        };
    }

    /** Paths, in order so that a parent comes before what is below it, as nested maps. */
    private static Value.Map tree(Map<String, Value> shown) {
        // Most documents are one register at the root.
        if (shown.size() == 1 && shown.get("") instanceof Value.Map whole) return whole;
        Map<String, Object> root = new TreeMap<>(Utf8.LENGTH_FIRST);
        shown.forEach((path, value) -> {
            if (path.isEmpty()) {
                if (value instanceof Value.Map map) root.putAll(map.fields());
                return;
            }
            Map<String, Object> at = root;
            String[] names = split(path);
            for (int i = 0; i < names.length - 1; i++) at = branch(at, names[i]);
            at.put(names[names.length - 1], value);
        });
        return freeze(root);
    }

    @SuppressWarnings("unchecked") // only tree() puts maps in, and they are of this type
    private static Map<String, Object> branch(Map<String, Object> at, String name) {
        Object below = at.get(name);
        if (below instanceof Map<?, ?> map) return (Map<String, Object>) map;
        Map<String, Object> made = new TreeMap<>(Utf8.LENGTH_FIRST);
        if (below instanceof Value.Map map) made.putAll(map.fields());
        at.put(name, made);
        return made;
    }

    private static Value.Map freeze(Map<String, Object> tree) {
        // In the order of a map's names, so that it need not be sorted again.
        Map<String, Value> fields = new LinkedHashMap<>();
        tree.forEach((name, value) ->
                fields.put(
                        name,
                        value instanceof Map<?, ?> ? freeze(branch(tree, name)) : (Value) value));
        return new Value.Map(fields);
    }

    private static String[] split(String path) {
        List<String> names = new ArrayList<>();
        int from = 0;
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', from)) {
            names.add(path.substring(from, dot));
            from = dot + 1;
        }
        names.add(path.substring(from));
        return names.toArray(new String[0]);
    }
}
