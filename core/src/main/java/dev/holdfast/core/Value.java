package dev.holdfast.core;

import dev.holdfast.core.codec.Utf8;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a field can hold: a JSON value or a byte string. Immutable, with value equality; two values
 * are equal exactly when their encodings are.
 */
public sealed interface Value {
    Nil NIL = new Nil();
    Bool TRUE = new Bool(true);
    Bool FALSE = new Bool(false);

    record Nil() implements Value {}

    record Bool(boolean value) implements Value {}

    /**
     * A whole number. JSON's 1.0 is the whole number 1, since JavaScript cannot tell them apart.
     */
    record Int(long value) implements Value {}

    /** A number that is not a whole one within 2^53; made by {@link Value#number}. */
    record Real(double value) implements Value {
        public Real {
            if (Double.isNaN(value) || Double.isInfinite(value))
                throw new MalformedException("a number must be finite");
            if (isWhole(value)) throw new MalformedException("a whole number is an integer");
        }
    }

    record Text(String value) implements Value {
        public Text {
            Utf8.requireWellFormed(value);
        }
    }

    record Binary(Bytes value) implements Value {}

    record Array(List<Value> items) implements Value {
        public Array {
            items = List.copyOf(items);
        }
    }

    /** Names to values, in the order of their encodings (shorter first, then bytewise). */
    record Map(java.util.Map<String, Value> fields) implements Value {
        public static final Map EMPTY = new Map(java.util.Map.of());

        public Map {
            fields = fields.size() < 2 ? single(fields) : ordered(fields);
        }

        /** A hash table for one name would cost ten times what the name does. */
        private static java.util.Map<String, Value> single(java.util.Map<String, Value> fields) {
            for (var field : fields.entrySet()) {
                Utf8.requireWellFormed(field.getKey());
                return java.util.Map.of(field.getKey(), field.getValue());
            }
            return java.util.Map.of();
        }

        private static java.util.Map<String, Value> ordered(java.util.Map<String, Value> fields) {
            // What was decoded, or taken from another such map, comes in order: a tree would sort
            // it again at a cost that shows wherever documents are read and written.
            java.util.Map<String, Value> ordered = new LinkedHashMap<>(fields.size() * 4 / 3 + 1);
            boolean inOrder = true;
            String before = null;
            for (var field : fields.entrySet()) {
                String name = field.getKey();
                Utf8.requireWellFormed(name);
                inOrder &= before == null || Utf8.LENGTH_FIRST.compare(before, name) < 0;
                before = name;
                ordered.put(name, field.getValue());
            }
            if (!inOrder) {
                TreeMap<String, Value> sorted = new TreeMap<>(Utf8.LENGTH_FIRST);
                sorted.putAll(ordered);
                ordered = sorted;
            }
            return Collections.unmodifiableMap(ordered);
        }
    }

    static Value of(String value) {
        return new Text(value);
    }

    static Value of(long value) {
        return new Int(value);
    }

    static Value of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Value of(Bytes value) {
        return new Binary(value);
    }

    static Value array(Value... items) {
        return new Array(List.of(items));
    }

    /** A finite number; whole ones within 2^53, minus zero among them, become {@link Int}. */
    static Value number(double value) {
        return isWhole(value) ? new Int((long) value) : new Real(value);
    }

    /**
     * A value from plain Java: null, Boolean, Integer, Long, Double, Float, String, byte[], Bytes,
     * List, Map with String keys, or a Value.
     *
     * @throws MalformedException on any other type
     */
    static Value from(@Nullable Object plain) {
        if (plain == null) return NIL;
        if (plain instanceof Value value) return value;
        if (plain instanceof String text) return new Text(text);
        if (plain instanceof Boolean bool) return of((boolean) bool);
        if (plain instanceof Double || plain instanceof Float)
            return number(((Number) plain).doubleValue());
        if (plain instanceof Long
                || plain instanceof Integer
                || plain instanceof Short
                || plain instanceof Byte) {
            return new Int(((Number) plain).longValue());
        }
        if (plain instanceof byte[] bytes) return new Binary(Bytes.copyOf(bytes));
        if (plain instanceof Bytes bytes) return new Binary(bytes);
        if (plain instanceof Iterable<?> items) {
            List<Value> values = new ArrayList<>();
            for (Object item : items) values.add(from(item));
            return new Array(values);
        }
        if (plain instanceof java.util.Map<?, ?> map) {
            TreeMap<String, Value> fields = new TreeMap<>();
            for (var field : map.entrySet())
                fields.put(String.valueOf(field.getKey()), from(field.getValue()));
            return new Map(fields);
        }
        throw new MalformedException("not a JSON value: " + plain.getClass());
    }

    private static boolean isWhole(double value) {
        // Not by Math.rint, which TeaVM gets wrong for odd numbers beyond 2^52.
        return value % 1 == 0 && Math.abs(value) <= 9007199254740992.0;
    }
}
