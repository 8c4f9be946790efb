package dev.holdfast.drill.rings;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.schema.View;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * A document in which every write enters a name of its own into a set, and adds one to a counter.
 * What is lost misses in the set, whatever name its operation goes by; what counts twice shows in
 * the counter.
 */
public record Tally(Set<String> entries, long count) {
    /** The field with the set. */
    static final String ENTRIES = "entries";

    /** The field with the counter. */
    public static final String COUNT = "count";

    public static DocumentId document(String name) {
        return new DocumentId("notes", "tally-" + name);
    }

    /** What a store holds of it. */
    public static Tally of(StoreImage store, DocumentId id) {
        Bytes state = store.documents().get(id);
        if (state == null) return new Tally(Set.of(), 0);
        Document document = Document.decode(state);
        Set<String> entries = new TreeSet<>();
        for (Key key : document.keys()) {
            boolean isEntry = key.kind() == Key.SET && key.path().equals(ENTRIES);
            if (isEntry && key.elementValue() instanceof Value.Text(String entry))
                entries.add(entry);
        }
        return new Tally(entries, View.sum(document, Key.counter(COUNT)));
    }

    /** How many of {@code expected} it does not have. */
    public long missing(Set<String> expected) {
        Set<String> missing = new HashSet<>(expected);
        missing.removeAll(entries);
        return missing.size();
    }

    /** By how much the counter is wrong: above zero, so many were counted again. */
    public long excess() {
        return count - entries.size();
    }
}
