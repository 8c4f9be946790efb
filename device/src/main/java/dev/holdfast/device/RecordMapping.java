package dev.holdfast.device;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.schema.Schema;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Records to values and back, worked out once per class. A field that is missing, or null, is read
 * as 0, false, an empty list or an empty Optional where the component is of such a type, else as
 * null. Thread-safe.
 */
final class RecordMapping<T extends Record> {
    private static final ClassValue<RecordMapping<?>> KNOWN =
            new ClassValue<>() {
                @Override
                protected RecordMapping<?> computeValue(Class<?> type) {
                    return new RecordMapping<>(type.asSubclass(Record.class));
                }
            };

    private static final Map<Class<?>, Function<String, Object>> TEXTS =
            Map.of(
                    String.class, text -> text,
                    Instant.class, Instant::parse,
                    LocalDate.class, LocalDate::parse,
                    LocalTime.class, LocalTime::parse,
                    LocalDateTime.class, LocalDateTime::parse,
                    ZonedDateTime.class, ZonedDateTime::parse);

    /** One component: how it is written, and how it is read. */
    private record Field(String name, Type type, MethodHandle accessor) {}

    private final Class<T> type;
    private final List<Field> fields = new ArrayList<>();
    private final MethodHandle constructor;

    private RecordMapping(Class<T> type) {
        this.type = type;
        try {
            MethodHandles.Lookup lookup =
                    MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            List<Class<?>> parameters = new ArrayList<>();
            for (RecordComponent component : Objects.requireNonNull(type.getRecordComponents())) {
                requireKnown(component.getGenericType(), component.getName());
                parameters.add(component.getType());
                fields.add(
                        new Field(
                                component.getName(),
                                component.getGenericType(),
                                lookup.unreflect(component.getAccessor())));
            }
            constructor =
                    lookup.findConstructor(type, MethodType.methodType(void.class, parameters));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    type.getName() + " cannot be looked into: make it public, or open its module",
                    e);
        }
    }

    /**
     * The mapping of a class.
     *
     * @throws IllegalArgumentException when a component is of a type that has no form as a value
     */
    @SuppressWarnings("unchecked") // what is kept for a class is made from it
    static <T extends Record> RecordMapping<T> of(Class<T> type) {
        return (RecordMapping<T>) KNOWN.get(type);
    }

    /** Refuses a schema under which what the record says would be lost in a merge. */
    void requireFits(String collection, Schema.Collection schema) {
        requireFits(collection, "", schema);
    }

    private void requireFits(String collection, String above, Schema.Collection schema) {
        for (Field field : fields) {
            String path = above + field.name();
            Class<?> raw = raw(field.type());
            if (raw == Set.class && schema.field(path).kind() != Schema.Kind.SET) {
                throw new IllegalArgumentException(
                        type.getSimpleName()
                                + "."
                                + field.name()
                                + " is a Set: say {\"kind\": \"set\"} of "
                                + path
                                + " in the schema of "
                                + collection);
            }
            if (raw.isRecord()) nested(raw).requireFits(collection, path + ".", schema);
        }
    }

    Value.Map write(T record) {
        Map<String, Value> values = new TreeMap<>();
        for (Field field : fields) {
            Object component = invoke(field.accessor(), record);
            Value value = written(component);
            if (value != null) values.put(field.name(), value);
        }
        return new Value.Map(values);
    }

    /** Asks for the record's fields to be written, one by one: those it does not have stay. */
    void patch(Transaction tx, String collection, String id, T record) {
        patch(tx, collection, id, "", record);
    }

    private void patch(Transaction tx, String collection, String id, String above, Object record) {
        for (Field field : fields) {
            String path = above + field.name();
            Object component = invoke(field.accessor(), record);
            Value value = written(component);
            if (value == null) tx.unset(collection, id, path);
            else if (component instanceof Record nested) {
                nested(nested.getClass()).patch(tx, collection, id, path + ".", nested);
            } else tx.put(collection, id, path, value);
        }
    }

    T read(Value.Map map) {
        return read(map, "");
    }

    private T read(Value.Map map, String above) {
        List<@Nullable Object> arguments = new ArrayList<>();
        for (Field field : fields) {
            Value value = map.fields().getOrDefault(field.name(), Value.NIL);
            arguments.add(read(value, field.type(), above + field.name()));
        }
        try {
            return type.cast(constructor.invokeWithArguments(arguments));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalArgumentException("A document is no " + type.getSimpleName(), e);
        }
    }

    private static @Nullable Object invoke(MethodHandle accessor, Object record) {
        try {
            return accessor.invoke(record);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalArgumentException("An accessor of " + record.getClass() + " threw", e);
        }
    }

    /** Null for what is left out. */
    private static @Nullable Value written(@Nullable Object component) {
        return switch (component) {
            case null -> null;
            case Optional<?> optional -> written(optional.orElse(null));
            case Record nested -> writeNested(nested);
            case Enum<?> constant -> Value.of(constant.name());
            case Iterable<?> items -> {
                List<Value> values = new ArrayList<>();
                for (Object item : items) {
                    Value value = written(item);
                    values.add(value == null ? Value.NIL : value);
                }
                yield new Value.Array(values);
            }
            case Map<?, ?> map -> {
                Map<String, Value> values = new TreeMap<>();
                for (var entry : map.entrySet()) {
                    Value value = written(entry.getValue());
                    if (value != null) values.put(String.valueOf(entry.getKey()), value);
                }
                yield new Value.Map(values);
            }
            default ->
                    TEXTS.containsKey(component.getClass())
                            ? Value.of(component.toString())
                            : Value.from(component);
        };
    }

    private static <R extends Record> Value writeNested(R record) {
        @SuppressWarnings("unchecked") // the class of an R
        Class<R> type = (Class<R>) record.getClass();
        return of(type).write(record);
    }

    private static RecordMapping<?> nested(Class<?> type) {
        return KNOWN.get(type);
    }

    private static @Nullable Object read(Value value, Type type, String path) {
        Class<?> raw = raw(type);
        if (raw == Value.class) return value;
        if (raw == Optional.class) {
            return value instanceof Value.Nil
                    ? Optional.empty()
                    : Optional.ofNullable(read(value, argument(type, 0), path));
        }
        if (value instanceof Value.Nil) return missing(raw);
        if (raw == boolean.class || raw == Boolean.class) {
            if (value instanceof Value.Bool bool) return bool.value();
            throw unfit(path, "true or false", value);
        }
        if (isWhole(raw)) return whole(value, raw, path);
        if (raw == double.class || raw == Double.class) return real(value, path);
        if (raw == float.class || raw == Float.class) return (float) real(value, path);
        if (TEXTS.containsKey(raw) || raw.isEnum()) return text(value, raw, path);
        if (raw == Bytes.class || raw == byte[].class) {
            if (!(value instanceof Value.Binary binary)) throw unfit(path, "bytes", value);
            return raw == Bytes.class ? binary.value() : binary.value().toArray();
        }
        if (raw == List.class || raw == Set.class) {
            if (!(value instanceof Value.Array array)) throw unfit(path, "a list", value);
            List<Object> items = new ArrayList<>();
            for (Value item : array.items()) {
                Object one = read(item, argument(type, 0), path);
                if (one != null) items.add(one);
            }
            return raw == List.class ? List.copyOf(items) : new LinkedHashSet<>(items);
        }
        if (!(value instanceof Value.Map map)) throw unfit(path, "an object", value);
        if (raw.isRecord()) return nested(raw).read(map, path + ".");
        Map<String, Object> entries = new TreeMap<>();
        for (var entry : map.fields().entrySet()) {
            Object one = read(entry.getValue(), argument(type, 1), path + "." + entry.getKey());
            if (one != null) entries.put(entry.getKey(), one);
        }
        return entries;
    }

    private static @Nullable Object missing(Class<?> raw) {
        if (raw == List.class) return List.of();
        if (raw == Set.class) return Set.of();
        if (raw == Map.class) return Map.of();
        if (raw == boolean.class) return false;
        if (raw == long.class) return 0L;
        if (raw == int.class) return 0;
        if (raw == short.class) return (short) 0;
        if (raw == byte.class) return (byte) 0;
        if (raw == double.class) return 0d;
        if (raw == float.class) return 0f;
        return null;
    }

    private static boolean isWhole(Class<?> raw) {
        return raw == long.class
                || raw == Long.class
                || raw == int.class
                || raw == Integer.class
                || raw == short.class
                || raw == Short.class
                || raw == byte.class
                || raw == Byte.class;
    }

    private static Object whole(Value value, Class<?> raw, String path) {
        if (!(value instanceof Value.Int(long number))) throw unfit(path, "a whole number", value);
        try {
            if (raw == int.class || raw == Integer.class) return Math.toIntExact(number);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(path + ": too great a number for an int", e);
        }
        boolean isShort = raw == short.class || raw == Short.class;
        boolean isByte = raw == byte.class || raw == Byte.class;
        if (isShort && number == (short) number) return (short) number;
        if (isByte && number == (byte) number) return (byte) number;
        if (isShort || isByte) {
            throw new IllegalArgumentException(path + ": too great a number for " + raw);
        }
        return number;
    }

    private static double real(Value value, String path) {
        return switch (value) {
            case Value.Int number -> number.value();
            case Value.Real number -> number.value();
            default -> throw unfit(path, "a number", value);
        };
    }

    private static Object text(Value value, Class<?> raw, String path) {
        if (!(value instanceof Value.Text(String text))) throw unfit(path, "text", value);
        Function<String, Object> parse = TEXTS.get(raw);
        if (parse == null) {
            for (Object constant : Objects.requireNonNull(raw.getEnumConstants())) {
                if (((Enum<?>) constant).name().equals(text)) return constant;
            }
            throw new IllegalArgumentException(path + ": not one of " + raw.getSimpleName());
        }
        try {
            return parse.apply(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(path + ": not a " + raw.getSimpleName(), e);
        }
    }

    private void requireKnown(Type component, String name) {
        Class<?> raw = raw(component);
        boolean scalar =
                raw == Value.class
                        || raw == Bytes.class
                        || raw == byte[].class
                        || raw == boolean.class
                        || raw == Boolean.class
                        || raw == double.class
                        || raw == Double.class
                        || raw == float.class
                        || raw == Float.class
                        || isWhole(raw)
                        || TEXTS.containsKey(raw)
                        || raw.isEnum();
        if (scalar) return;
        if (raw.isRecord()) {
            if (raw == type) throw unknown(name, "a record within itself");
            nested(raw);
        } else if (raw == List.class || raw == Set.class || raw == Optional.class) {
            requireKnown(argument(component, 0), name);
        } else if (raw == Map.class && argument(component, 0) == String.class) {
            requireKnown(argument(component, 1), name);
        } else {
            throw unknown(name, raw.getName());
        }
    }

    private IllegalArgumentException unknown(String name, String what) {
        return new IllegalArgumentException(
                type.getSimpleName() + "." + name + ": " + what + " has no form in a document");
    }

    private static IllegalArgumentException unfit(String path, String wanted, Value found) {
        String kind =
                switch (found) {
                    case Value.Nil nil -> "nothing";
                    case Value.Bool bool -> "a boolean";
                    case Value.Int number -> "a whole number";
                    case Value.Real number -> "a number";
                    case Value.Text text -> "text";
                    case Value.Binary binary -> "bytes";
                    case Value.Array array -> "a list";
                    case Value.Map map -> "an object";
                };
        return new IllegalArgumentException(path + ": expected " + wanted + ", found " + kind);
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class<?> raw) return raw;
        if (type instanceof ParameterizedType generic
                && generic.getRawType() instanceof Class<?> raw) return raw;
        return Object.class;
    }

    private static Type argument(Type type, int index) {
        return type instanceof ParameterizedType generic
                ? generic.getActualTypeArguments()[index]
                : Object.class;
    }
}
