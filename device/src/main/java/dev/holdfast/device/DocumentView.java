package dev.holdfast.device;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.replica.Rejection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A document as it is shown, and how it is doing. Immutable; two views are equal when a person
 * would see the same.
 *
 * @param fields what is shown; nested fields are maps within it
 * @param durability how far the least of this device's own writes to it has got; empty once all of
 *     them are as durable as they must be, or where none were made here
 * @param conflicts by path, values written at the same time as those shown, the latest first
 * @param rejections refusals of this device's own writes to it, oldest first
 */
public record DocumentView(
        String scope,
        String collection,
        String id,
        Value.Map fields,
        Optional<Durability> durability,
        Map<String, List<Conflict>> conflicts,
        List<Rejection> rejections) {
    public DocumentView {
        conflicts = Map.copyOf(conflicts);
        rejections = List.copyOf(rejections);
    }

    /** Whether something written here is not yet as durable as it must be. */
    public boolean isPending() {
        return durability.isPresent();
    }

    public boolean isConflicted() {
        return !conflicts.isEmpty();
    }

    /** What is shown at a path such as {@code address.city}. */
    public Optional<Value> value(String path) {
        Value at = fields;
        for (String name : path.split("\\.", -1)) {
            if (!(at instanceof Value.Map map)) return Optional.empty();
            Value below = map.fields().get(name);
            if (below == null) return Optional.empty();
            at = below;
        }
        return Optional.of(at);
    }

    /** The text at {@code path}; empty where there is something else, or nothing. */
    public Optional<String> text(String path) {
        return value(path).orElse(Value.NIL) instanceof Value.Text text
                ? Optional.of(text.value())
                : Optional.empty();
    }

    /** The whole number at {@code path}, such as a counter's. */
    public OptionalLong integer(String path) {
        return value(path).orElse(Value.NIL) instanceof Value.Int number
                ? OptionalLong.of(number.value())
                : OptionalLong.empty();
    }

    /** The number at {@code path}, whole or not. */
    public OptionalDouble number(String path) {
        return switch (value(path).orElse(Value.NIL)) {
            case Value.Int number -> OptionalDouble.of((double) number.value());
            case Value.Real number -> OptionalDouble.of(number.value());
            default -> OptionalDouble.empty();
        };
    }

    public Optional<Boolean> bool(String path) {
        return value(path).orElse(Value.NIL) instanceof Value.Bool bool
                ? Optional.of(bool.value())
                : Optional.empty();
    }

    public Optional<Bytes> bytes(String path) {
        return value(path).orElse(Value.NIL) instanceof Value.Binary binary
                ? Optional.of(binary.value())
                : Optional.empty();
    }

    /** The elements of the list or set at {@code path}; empty where there is none. */
    public List<Value> list(String path) {
        return value(path).orElse(Value.NIL) instanceof Value.Array array
                ? array.items()
                : List.of();
    }

    /**
     * The fields as a record.
     *
     * @throws IllegalArgumentException saying which field does not fit
     */
    public <T extends Record> T as(Class<T> type) {
        return RecordMapping.of(type).read(fields);
    }
}
