package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One change at one key.
 *
 * @param payload what to put there; null for a removal (JSON's null is {@link Value#NIL})
 * @param over the dots that the author saw standing at the key and that this edit replaces, in
 *     order
 */
public record Edit(Key key, @Nullable Value payload, List<Dot> over) {
    public Edit {
        if (over.size() > Limits.OVER_PER_EDIT) {
            throw new MalformedException(
                    "an edit that replaces more than " + Limits.OVER_PER_EDIT + " entries");
        }
        over = over.size() < 2 ? List.copyOf(over) : List.copyOf(new TreeSet<>(over));
        boolean fits =
                switch (key.kind()) {
                    case Key.COUNTER -> payload == null || payload instanceof Value.Int;
                    case Key.CLOCK ->
                            payload instanceof Value.Int reading
                                    && reading.value() > 0
                                    && reading.value() >>> 16 <= Limits.MAX_MILLIS
                                    && !over.isEmpty();
                    default -> true;
                };
        if (!fits) throw new MalformedException("a payload that its kind does not take");
        if (payload == null && over.isEmpty())
            throw new MalformedException("an edit that does nothing");
    }

    public static Edit put(Key key, Value payload, List<Dot> over) {
        return new Edit(key, payload, over);
    }

    public static Edit remove(Key key, List<Dot> over) {
        return new Edit(key, null, over);
    }
}
