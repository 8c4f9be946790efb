package dev.holdfast.web.core;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a page asks for in one transaction, as plain values: a list of {@code [collection, id, what,
 * path, value]}, where what is {@code put}, {@code patch}, {@code unset}, {@code increment}, {@code
 * add}, {@code remove} or {@code delete}.
 */
final class Changes {
    private static final int ITEMS = 5;

    private final Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();

    private Changes() {}

    /**
     * Reads them.
     *
     * @throws MalformedException when they are in another form
     */
    static Map<DocumentId, List<Change>> of(Value asked) {
        Changes changes = new Changes();
        for (Value one : items(asked)) changes.read(items(one));
        return changes.changes;
    }

    private void read(List<Value> one) {
        if (one.size() != ITEMS) throw new MalformedException("a change has five parts");
        DocumentId document = new DocumentId(text(one.get(0)), text(one.get(1)));
        String path = text(one.get(3));
        Value value = one.get(4);
        switch (text(one.get(2))) {
            case "put" -> add(document, new Change.Put(path, value));
            case "patch" -> patch(document, path, value);
            case "unset" -> add(document, new Change.Unset(path));
            case "increment" -> add(document, new Change.Increment(path, whole(value)));
            case "add" -> add(document, new Change.Add(path, value));
            case "remove" -> add(document, new Change.Remove(path, value));
            case "delete" -> add(document, new Change.Delete());
            default -> throw new MalformedException("an unknown change: " + text(one.get(2)));
        }
    }

    /** As JSON Merge Patch (RFC 7396): a null removes, a map goes on field by field. */
    private void patch(DocumentId document, String path, Value value) {
        if (!(value instanceof Value.Map map)) throw new MalformedException("a patch is an object");
        for (var field : map.fields().entrySet()) {
            String at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            switch (field.getValue()) {
                case Value.Nil nil -> add(document, new Change.Unset(at));
                case Value.Map below when !below.fields().isEmpty() -> patch(document, at, below);
                default -> add(document, new Change.Put(at, field.getValue()));
            }
        }
    }

    private void add(DocumentId document, Change change) {
        changes.computeIfAbsent(document, none -> new ArrayList<>()).add(change);
    }

    private static List<Value> items(Value value) {
        if (value instanceof Value.Array array) return array.items();
        throw new MalformedException("changes are lists");
    }

    private static String text(Value value) {
        if (value instanceof Value.Text text) return text.value();
        throw new MalformedException("a collection, an id and a path are text");
    }

    private static long whole(Value value) {
        if (value instanceof Value.Int number) return number.value();
        throw new MalformedException("a counter is increased by a whole number");
    }
}
