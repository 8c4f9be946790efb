package dev.holdfast.core.replica;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Turns an application's changes of one document into edits, by what stands there now: this is
 * where an author names what it saw. Changes of one call build on each other only in that a later
 * one at the same key replaces the earlier.
 */
final class Drafting {
    private final Document document;
    private final Schema.Collection schema;

    /** Own counter entries that may be folded into a new one: those that can no longer be lost. */
    private final Predicate<Dot> foldable;

    private final Map<Key, Edit> edits = new TreeMap<>();

    Drafting(Document document, Schema.Collection schema, Predicate<Dot> foldable) {
        this.document = document;
        this.schema = schema;
        this.foldable = foldable;
    }

    void add(Change change) {
        Key.requirePath(change.path());
        switch (change) {
            case Change.Put put -> put(put.path(), put.value(), true);
            case Change.Unset unset -> removeWithin(unset.path(), Set.of());
            case Change.Increment increment ->
                    increment(Key.counter(increment.path()), increment.by());
            case Change.Add add -> {
                clearAbove(add.path());
                keep(Key.set(add.path(), add.element()), Value.TRUE);
            }
            case Change.Remove remove -> remove(Key.set(remove.path(), remove.element()));
            case Change.Delete delete -> {
                if (document.isEmpty()) return;
                removeWithin("", Set.of());
                if (schema.deleteWins()) keep(Key.deleted(), Value.TRUE);
            }
        }
    }

    /** The edits, and with them the end of a delete that this write has seen. */
    List<Edit> edits() {
        boolean writes = edits.values().stream().anyMatch(edit -> edit.payload() != null);
        if (writes && !edits.containsKey(Key.deleted())) remove(Key.deleted());
        return List.copyOf(edits.values());
    }

    /** The greatest reading that stands at anything the edits replace: theirs must be after it. */
    static Hlc newestReplaced(Document document, List<Edit> edits) {
        Hlc newest = Hlc.ZERO;
        for (Edit edit : edits) {
            SortedMap<Dot, Entry> standing = document.at(edit.key());
            for (Dot dot : edit.over()) {
                Entry entry = standing.get(dot);
                if (entry != null) newest = Hlc.max(newest, entry.hlc());
            }
        }
        return newest;
    }

    private void put(String path, Value value, boolean clear) {
        if (clear) clearAbove(path);
        switch (kindAt(path)) {
            case COUNTER -> {
                if (!(value instanceof Value.Int wanted))
                    throw new MalformedException(path + " is a counter: give a whole number");
                increment(
                        Key.counter(path), wanted.value() - View.sum(document, Key.counter(path)));
            }
            case SET -> {
                if (!(value instanceof Value.Array wanted))
                    throw new MalformedException(path + " is a set: give a list");
                for (Key key : document.keys()) {
                    if (key.kind() == Key.SET
                            && key.path().equals(path)
                            && !wanted.items().contains(key.elementValue())) {
                        remove(key);
                    }
                }
                for (Value element : wanted.items()) {
                    if (document.at(Key.set(path, element)).isEmpty())
                        keep(Key.set(path, element), Value.TRUE);
                }
            }
            case REGISTER -> putRegister(path, value);
        }
    }

    private void putRegister(String path, Value value) {
        if (value instanceof Value.Map map && (!map.fields().isEmpty() || path.isEmpty())) {
            Map<String, Value> below = new TreeMap<>();
            for (var field : map.fields().entrySet()) {
                String name = field.getKey();
                if (name.isEmpty() || name.indexOf('.') >= 0) {
                    throw new MalformedException("a field's name is not empty and has no dot");
                }
                String at = path.isEmpty() ? name : path + "." + name;
                Key.requirePath(at);
                below.put(at, field.getValue());
            }
            removeWithin(path, below.keySet());
            below.forEach((at, field) -> put(at, field, false));
            // A document without fields stands by an empty map at its root.
            if (map.fields().isEmpty() && path.isEmpty()) keep(Key.register(""), value);
            return;
        }
        if (path.isEmpty()) throw new MalformedException("a document is an object");
        for (Key key : document.keys()) {
            if (key.within(path) && !key.path().equals(path)) remove(key);
        }
        var standing = document.at(Key.register(path)).values();
        boolean shown = standing.size() == 1 && standing.iterator().next().payload().equals(value);
        if (!shown || edits.containsKey(Key.register(path))) keep(Key.register(path), value);
        if (shown)
            edits.computeIfPresent(
                    Key.register(path), (key, edit) -> edit.payload() == null ? null : edit);
    }

    private Schema.Kind kindAt(String path) {
        if (path.isEmpty()) return Schema.Kind.REGISTER;
        Schema.Kind said = schema.field(path).kind();
        if (said != Schema.Kind.REGISTER) return said;
        for (Key key : document.keys()) {
            if (!key.path().equals(path)) continue;
            if (key.kind() == Key.COUNTER) return Schema.Kind.COUNTER;
            if (key.kind() == Key.SET) return Schema.Kind.SET;
        }
        return Schema.Kind.REGISTER;
    }

    private void increment(Key key, long by) {
        Edit earlier = edits.get(key);
        if (earlier != null && earlier.payload() instanceof Value.Int already) {
            edits.put(key, Edit.put(key, new Value.Int(already.value() + by), earlier.over()));
            return;
        }
        if (by == 0) return;
        clearAbove(key.path());
        long sum = by;
        List<Dot> folded = new ArrayList<>();
        for (var entry : document.at(key).entrySet()) {
            if (folded.size() == Limits.OVER_PER_EDIT || !foldable.test(entry.getKey())) continue;
            folded.add(entry.getKey());
            sum += ((Value.Int) entry.getValue().payload()).value();
        }
        edits.put(key, Edit.put(key, new Value.Int(sum), folded));
    }

    /**
     * A register above the path would hide that it is a branch now: what stands there is replaced.
     */
    private void clearAbove(String path) {
        for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            remove(Key.register(path.substring(0, dot)));
        }
    }

    private void removeWithin(String path, Set<String> kept) {
        for (Key key : document.keys()) {
            if (key.within(path)
                    && key.kind() != Key.DELETED
                    && kept.stream().noneMatch(key::within)) remove(key);
        }
    }

    private void keep(Key key, Value payload) {
        edits.put(key, Edit.put(key, payload, standing(key)));
    }

    private void remove(Key key) {
        List<Dot> over = standing(key);
        if (over.isEmpty()) edits.remove(key);
        else edits.put(key, Edit.remove(key, over));
    }

    private List<Dot> standing(Key key) {
        return document.at(key).keySet().stream().limit(Limits.OVER_PER_EDIT).toList();
    }
}
