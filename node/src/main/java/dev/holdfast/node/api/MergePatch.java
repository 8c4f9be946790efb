package dev.holdfast.node.api;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.replica.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** JSON Merge Patch (RFC 7396) as changes of fields, so that what it does not name stays alone. */
final class MergePatch {
    private MergePatch() {}

    /**
     * The changes that make {@code patch} of {@code current}.
     *
     * @throws MalformedException on a name that no field can have
     */
    static List<Change> changes(Value.Map patch, Value.Map current) {
        List<Change> changes = new ArrayList<>();
        walk("", patch, current, changes);
        return changes;
    }

    private static void walk(
            String path, Value.Map patch, Value.Map current, List<Change> changes) {
        if (!patch.fields().isEmpty() && merged(patch, current).fields().isEmpty()) {
            // An object with nothing in it is there all the same.
            changes.add(new Change.Put(path, Value.Map.EMPTY));
            return;
        }
        for (var field : patch.fields().entrySet()) {
            String at = path.isEmpty() ? named(field.getKey()) : path + "." + named(field.getKey());
            Value there = current.fields().get(field.getKey());
            if (field.getValue() instanceof Value.Nil) {
                changes.add(new Change.Unset(at));
            } else if (!(field.getValue() instanceof Value.Map below)) {
                changes.add(new Change.Put(at, field.getValue()));
            } else if (there instanceof Value.Map map) {
                walk(at, below, map, changes);
            } else {
                changes.add(new Change.Put(at, merged(below, Value.Map.EMPTY)));
            }
        }
    }

    /** What the RFC's own algorithm makes of them. */
    private static Value.Map merged(Value.Map patch, Value.Map current) {
        Map<String, Value> fields = new TreeMap<>(current.fields());
        for (var field : patch.fields().entrySet()) {
            if (field.getValue() instanceof Value.Nil) {
                fields.remove(field.getKey());
            } else if (field.getValue() instanceof Value.Map below) {
                Value.Map there =
                        fields.get(field.getKey()) instanceof Value.Map map ? map : Value.Map.EMPTY;
                fields.put(field.getKey(), merged(below, there));
            } else {
                fields.put(field.getKey(), field.getValue());
            }
        }
        return new Value.Map(fields);
    }

    private static String named(String field) {
        if (field.isEmpty() || field.indexOf('.') >= 0)
            throw new MalformedException("a field's name is not empty and has no dot");
        return field;
    }
}
