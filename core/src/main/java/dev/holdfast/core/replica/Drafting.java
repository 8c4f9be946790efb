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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns an application's changes of one document into edits, by what stands there now: this is
 * where an author names what it saw. Changes of one call build on each other, as if each had been a
 * call of its own, but at each key only what is wanted in the end is written.
 */
final class Drafting {
    private final Document document;
    private final Schema.Collection schema;

    /** Own counter entries that may be folded into a new one: those that can no longer be lost. */
    private final Predicate<Dot> foldable;

    private final TreeMap<Key, Wanted> edits = new TreeMap<>();

    /** What is wanted at a key: an edit, however much it replaces. */
    private record Wanted(@Nullable Value payload, List<Dot> over) {}

    Drafting(Document document, Schema.Collection schema, Predicate<Dot> foldable) {
        this.document = document;
        this.schema = schema;
        this.foldable = foldable;
    }

    void add(Change change) {
        Key.requirePath(change.path());
        switch (change) {
            case Change.Put put -> {
                revive();
                put(put.path(), put.value(), true);
            }
            case Change.Unset unset -> removeWithin(unset.path(), Set.of());
            case Change.Increment increment -> {
                revive();
                if (increment.by() != 0) increment(Key.counter(increment.path()), increment.by());
            }
            case Change.Add add -> {
                revive();
                clearAbove(add.path());
                keep(Key.set(add.path(), add.element()), Value.TRUE);
            }
            case Change.Remove remove -> remove(Key.set(remove.path(), remove.element()));
            case Change.Delete delete -> {
                boolean stood = !standingWithin("").isEmpty();
                removeWithin("", Set.of());
                if (stood && schema.deleteWins()) keep(Key.deleted(), Value.TRUE);
            }
        }
    }

    /**
     * What is to be written, per operation. An edit that replaces more than one may name goes on as
     * removals in the operations after it.
     */
    List<List<Edit>> operations() {
        List<List<Edit>> operations = new ArrayList<>();
        for (int from = 0; ; from += Limits.OVER_PER_EDIT) {
            List<Edit> round = new ArrayList<>();
            for (var entry : edits.entrySet()) {
                Wanted wanted = entry.getValue();
                int size = wanted.over().size();
                if (from > 0 && from >= size) continue;
                int to = Math.min(size, from + Limits.OVER_PER_EDIT);
                Value payload = from == 0 ? wanted.payload() : null;
                round.add(new Edit(entry.getKey(), payload, wanted.over().subList(from, to)));
            }
            if (round.isEmpty()) return operations;
            for (int at = 0; at < round.size(); at += Limits.EDITS_PER_OPERATION) {
                int end = Math.min(round.size(), at + Limits.EDITS_PER_OPERATION);
                operations.add(List.copyOf(round.subList(at, end)));
            }
        }
    }

    /** The greatest reading that stands at anything the edits replace: theirs must be after it. */
    Hlc newestReplaced() {
        Hlc newest = Hlc.ZERO;
        for (var edit : edits.entrySet()) {
            Map<Dot, Entry> standing = document.at(edit.getKey());
            for (Dot dot : edit.getValue().over()) {
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
                Key key = Key.counter(path);
                long by = wanted.value() - counted(key);
                if (by != 0 || !stands(key)) increment(key, by);
            }
            case SET -> {
                if (!(value instanceof Value.Array wanted))
                    throw new MalformedException(path + " is a set: give a list");
                Set<Value> elements = new HashSet<>(wanted.items());
                for (Key key : standingWithin(path)) {
                    if (key.kind() == Key.SET
                            && key.path().equals(path)
                            && !elements.contains(key.elementValue())) {
                        remove(key);
                    }
                }
                for (Value element : elements) {
                    Key key = Key.set(path, element);
                    if (document.at(key).isEmpty()) keep(key, Value.TRUE);
                    else edits.remove(key);
                }
            }
            case REGISTER -> putRegister(path, value);
        }
    }

    private void putRegister(String path, Value value) {
        if (!(value instanceof Value.Map map)) {
            if (path.isEmpty()) throw new MalformedException("a document is an object");
            for (Key key : standingWithin(path)) {
                if (!key.path().equals(path)) remove(key);
            }
            show(Key.register(path), value);
            return;
        }
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
        // What has no fields stands by an empty map, a document too.
        if (standingWithin(path).isEmpty()) show(Key.register(path), Value.Map.EMPTY);
    }

    /** Writes {@code value} unless it is what stands, and alone. */
    private void show(Key register, Value value) {
        var standing = document.at(register).values();
        boolean shown = standing.size() == 1 && standing.iterator().next().payload().equals(value);
        if (shown) edits.remove(register);
        else keep(register, value);
    }

    private Schema.Kind kindAt(String path) {
        if (path.isEmpty()) return Schema.Kind.REGISTER;
        Schema.Kind said = schema.field(path).kind();
        if (said != Schema.Kind.REGISTER) return said;
        for (Key key : standingWithin(path)) {
            if (!key.path().equals(path)) continue;
            if (key.kind() == Key.COUNTER) return Schema.Kind.COUNTER;
            if (key.kind() == Key.SET) return Schema.Kind.SET;
        }
        return Schema.Kind.REGISTER;
    }

    private void increment(Key key, long by) {
        Wanted earlier = edits.get(key);
        if (earlier != null) {
            long already = earlier.payload() instanceof Value.Int counted ? counted.value() : 0;
            edits.put(key, new Wanted(new Value.Int(already + by), earlier.over()));
            return;
        }
        clearAbove(key.path());
        long sum = by;
        List<Dot> folded = new ArrayList<>();
        for (var entry : document.at(key).entrySet()) {
            if (folded.size() == Limits.OVER_PER_EDIT || !foldable.test(entry.getKey())) continue;
            folded.add(entry.getKey());
            sum += ((Value.Int) entry.getValue().payload()).value();
        }
        edits.put(key, new Wanted(new Value.Int(sum), folded));
    }

    /**
     * A register above the path would hide that it is a branch now: what stands there is replaced.
     */
    private void clearAbove(String path) {
        for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            remove(Key.register(path.substring(0, dot)));
        }
    }

    /** Removes what stands at the path and below, but for what is at or below {@code kept}. */
    private void removeWithin(String path, Set<String> kept) {
        for (Key key : standingWithin(path)) {
            int end = key.path().indexOf('.', path.isEmpty() ? 0 : path.length() + 1);
            String field = end < 0 ? key.path() : key.path().substring(0, end);
            if (!kept.contains(field)) remove(key);
        }
    }

    /** A write ends the delete that it has seen. */
    private void revive() {
        remove(Key.deleted());
    }

    /** Where something will stand at the path and below, but for deletes. */
    private Set<Key> standingWithin(String path) {
        TreeSet<Key> keys = new TreeSet<>();
        Key first = Key.register(path);
        for (Set<Key> all :
                List.of(document.keysFrom(first), edits.tailMap(first, true).keySet())) {
            for (Key key : all) {
                if (!key.path().startsWith(path)) break;
                if (key.within(path) && key.kind() != Key.DELETED && stands(key)) keys.add(key);
            }
        }
        return keys;
    }

    private boolean stands(Key key) {
        Wanted edit = edits.get(key);
        return edit == null ? !document.at(key).isEmpty() : edit.payload() != null;
    }

    /** What a counter will be. */
    private long counted(Key key) {
        Wanted edit = edits.get(key);
        if (edit == null) return View.sum(document, key);
        Set<Dot> replaced = new HashSet<>(edit.over());
        long sum = edit.payload() instanceof Value.Int counted ? counted.value() : 0;
        for (var entry : document.at(key).entrySet()) {
            if (!replaced.contains(entry.getKey()))
                sum += ((Value.Int) entry.getValue().payload()).value();
        }
        return sum;
    }

    private void keep(Key key, Value payload) {
        edits.put(key, new Wanted(payload, standing(key)));
    }

    private void remove(Key key) {
        List<Dot> over = standing(key);
        if (over.isEmpty()) edits.remove(key);
        else edits.put(key, new Wanted(null, over));
    }

    private List<Dot> standing(Key key) {
        return List.copyOf(document.at(key).keySet());
    }
}
