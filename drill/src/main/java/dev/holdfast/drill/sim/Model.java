package dev.holdfast.drill.sim;

import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.schema.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a set of operations comes to, said once for the whole set instead of one after the other: an
 * edit stands unless another operation with a greater reading names its dot at its key, and is
 * shown at the least of its own reading and those of its corrections. The judge of the merge, which
 * comes to the same by any order.
 */
final class Model {
    private record Place(DocumentId document, Key key, Dot dot) {}

    private record Named(DocumentId document, Dot dot) {}

    private final Map<DocumentId, TreeMap<Key, TreeMap<Dot, Entry>>> documents = new TreeMap<>();

    Model(Collection<Operation> operations) {
        Map<Place, Hlc> replaced = new HashMap<>();
        Map<Named, Hlc> corrected = new HashMap<>();
        for (Operation operation : operations) {
            DocumentId id = operation.document();
            for (Edit edit : operation.edits()) {
                boolean correction = edit.key().kind() == Key.CLOCK;
                for (Dot over : edit.over()) {
                    if (correction && edit.payload() instanceof Value.Int reading)
                        corrected.merge(
                                new Named(id, over), new Hlc(reading.value()), Model::least);
                    else if (!correction)
                        replaced.merge(
                                new Place(id, edit.key(), over), operation.hlc(), Model::greatest);
                }
            }
        }
        for (Operation operation : operations) {
            DocumentId id = operation.document();
            Dot dot = operation.dot();
            Hlc hlc = operation.hlc();
            Hlc shown = least(hlc, corrected.getOrDefault(new Named(id, dot), hlc));
            for (Edit edit : operation.edits()) {
                Value payload = edit.payload();
                if (payload == null || edit.key().kind() == Key.CLOCK) continue;
                Hlc by = replaced.get(new Place(id, edit.key(), dot));
                if (by != null && by.packed() > hlc.packed()) continue;
                documents
                        .computeIfAbsent(id, none -> new TreeMap<>())
                        .computeIfAbsent(edit.key(), none -> new TreeMap<>())
                        .put(dot, new Entry(hlc, shown, payload));
            }
        }
    }

    private static Hlc least(Hlc a, Hlc b) {
        return a.packed() <= b.packed() ? a : b;
    }

    private static Hlc greatest(Hlc a, Hlc b) {
        return a.packed() >= b.packed() ? a : b;
    }

    Collection<DocumentId> documents() {
        return documents.keySet();
    }

    /** Whether {@code document} is what this says of {@code id}. */
    boolean is(DocumentId id, Document document) {
        Map<Key, TreeMap<Dot, Entry>> keys = documents.getOrDefault(id, new TreeMap<>());
        return document.keys().equals(keys.keySet())
                && keys.entrySet().stream()
                        .allMatch(entry -> document.at(entry.getKey()).equals(entry.getValue()));
    }

    boolean exists(DocumentId id) {
        Map<Key, ?> keys = documents.getOrDefault(id, new TreeMap<>());
        return !keys.isEmpty() && !keys.containsKey(Key.deleted());
    }

    /** The value that is shown of a register; null where none stands. */
    @Nullable Value shown(DocumentId id, String path, Schema.Show show) {
        TreeMap<Dot, Entry> entries =
                documents.getOrDefault(id, new TreeMap<>()).get(Key.register(path));
        if (entries == null) return null;
        Comparator<Map.Entry<Dot, Entry>> latest =
                Comparator.<Map.Entry<Dot, Entry>>comparingLong(e -> e.getValue().shown().packed())
                        .thenComparing(e -> e.getKey().replica())
                        .thenComparingLong(e -> e.getKey().seq());
        Comparator<Map.Entry<Dot, Entry>> size =
                Comparator.comparingLong(e -> number(e.getValue().payload()));
        List<Map.Entry<Dot, Entry>> all = new ArrayList<>(entries.entrySet());
        all.sort(
                switch (show) {
                    case LWW, MANUAL -> latest;
                    case MAX -> size.thenComparing(latest);
                    case MIN -> size.reversed().thenComparing(latest);
                });
        return all.getLast().getValue().payload();
    }

    /** How many registers hold two values of one reading. */
    int ties() {
        int ties = 0;
        for (TreeMap<Key, TreeMap<Dot, Entry>> keys : documents.values()) {
            for (TreeMap<Dot, Entry> entries : keys.values()) {
                long readings = entries.values().stream().map(Entry::shown).distinct().count();
                if (readings < entries.size()) ties++;
            }
        }
        return ties;
    }

    private static long number(Value value) {
        return value instanceof Value.Int number ? number.value() : Long.MIN_VALUE;
    }
}
