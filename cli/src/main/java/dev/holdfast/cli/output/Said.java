package dev.holdfast.cli.output;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.util.List;
import java.util.Optional;

/** What a node has said in JSON, by paths of names. */
public final class Said {
    private Said() {}

    /** The value at a path of names in JSON; empty where there is none. */
    public static Optional<Value> at(Value value, String... path) {
        Value here = value;
        for (String name : path) {
            if (!(here instanceof Value.Map map)) return Optional.empty();
            Value next = map.fields().get(name);
            if (next == null) return Optional.empty();
            here = next;
        }
        return Optional.of(here);
    }

    public static String text(Value value, String... path) {
        return at(value, path)
                .map(found -> found instanceof Value.Text text ? text.value() : Json.print(found))
                .orElse("");
    }

    public static long number(Value value, String... path) {
        return at(value, path)
                .map(found -> found instanceof Value.Int whole ? whole.value() : 0L)
                .orElse(0L);
    }

    public static boolean flag(Value value, String... path) {
        return at(value, path).filter(Value.of(true)::equals).isPresent();
    }

    /** The items of a list; none where there is no list. */
    public static List<Value> items(Value value, String... path) {
        return at(value, path)
                .map(found -> found instanceof Value.Array array ? array.items() : List.<Value>of())
                .orElse(List.of());
    }
}
