package dev.holdfast.device;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes of one scope that become visible together, everywhere, or not at all. It collects what is
 * asked; everything is written when the function that it was given to returns, and nothing when
 * that throws. Not thread-safe, and not to be used after that.
 *
 * <p>Values are plain Java: null, Boolean, whole numbers and others, String, byte[], {@link
 * dev.holdfast.core.Bytes}, List, Map with String keys, or {@link Value}.
 */
public final class Transaction {
    private final Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();

    Transaction() {}

    /** Makes {@code fields} the whole document, by the least changes. */
    public Transaction put(String collection, String id, Map<String, ?> fields) {
        return add(collection, id, new Change.Put("", Value.from(fields)));
    }

    /** Makes {@code fields} the whole document, by the least changes. */
    public Transaction put(String collection, String id, Value.Map fields) {
        return add(collection, id, new Change.Put("", fields));
    }

    /** Makes {@code value} what is shown at {@code path}; the other fields stay. */
    public Transaction put(String collection, String id, String path, Object value) {
        return add(collection, id, new Change.Put(path, Value.from(value)));
    }

    /** As JSON Merge Patch (RFC 7396): a null removes, a map goes on field by field. */
    public Transaction patch(String collection, String id, Map<String, ?> fields) {
        return patch(collection, id, (Value.Map) Value.from(fields));
    }

    /** The same. */
    public Transaction patch(String collection, String id, Value.Map fields) {
        patch(collection, id, "", fields);
        return this;
    }

    /** Removes whatever is at {@code path} and below. */
    public Transaction unset(String collection, String id, String path) {
        return add(collection, id, new Change.Unset(path));
    }

    /** Adds to a counter; {@code by} may be negative. */
    public Transaction increment(String collection, String id, String path, long by) {
        return add(collection, id, new Change.Increment(path, by));
    }

    /** Adds an element to a set. */
    public Transaction add(String collection, String id, String path, Object element) {
        return add(collection, id, new Change.Add(path, Value.from(element)));
    }

    /** Removes an element from a set. */
    public Transaction remove(String collection, String id, String path, Object element) {
        return add(collection, id, new Change.Remove(path, Value.from(element)));
    }

    /** Removes the document, by the policy of its collection. */
    public Transaction delete(String collection, String id) {
        return add(collection, id, new Change.Delete());
    }

    Map<DocumentId, List<Change>> changes() {
        return changes;
    }

    private Transaction add(String collection, String id, Change change) {
        changes.computeIfAbsent(new DocumentId(collection, id), none -> new ArrayList<>())
                .add(change);
        return this;
    }

    private void patch(String collection, String id, String path, Value.Map fields) {
        for (var field : fields.fields().entrySet()) {
            String at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            switch (field.getValue()) {
                case Value.Nil nil -> unset(collection, id, at);
                case Value.Map map when !map.fields().isEmpty() -> patch(collection, id, at, map);
                default -> add(collection, id, new Change.Put(at, field.getValue()));
            }
        }
    }
}
