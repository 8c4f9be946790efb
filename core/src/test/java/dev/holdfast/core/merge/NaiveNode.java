package dev.holdfast.core.merge;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The merge as DESIGN tells it, written down once more without any regard to speed: plain maps, and
 * every mark remembered. What the real one must agree with.
 */
public final class NaiveNode {
    private record Place(DocumentId document, Key key, Dot dot) {}

    private final Set<Dot> context = new HashSet<>();
    private final Map<Place, Entry> entries = new HashMap<>();
    private final Map<Place, Hlc> early = new HashMap<>();

    public void apply(Operation operation) {
        Dot dot = operation.dot();
        if (context.contains(dot)) return;
        DocumentId id = operation.document();
        for (Edit edit : operation.edits()) {
            boolean corrects = edit.key().kind() == Key.CLOCK;
            for (Dot over : edit.over()) {
                // Nobody can have seen his own operation: naming it says nothing.
                if (over.equals(dot)) continue;
                Place place = new Place(id, edit.key(), over);
                if (corrects) {
                    Value.Int reading = (Value.Int) Objects.requireNonNull(edit.payload());
                    early.merge(place, new Hlc(reading.value()), Hlc::min);
                } else {
                    // Kept for seen ones too: a mark says what happens whenever its dot comes.
                    early.merge(place, operation.hlc(), Hlc::max);
                }
            }
            if (!corrects && edit.payload() != null) {
                Place place = new Place(id, edit.key(), dot);
                entries.put(place, new Entry(operation.hlc(), operation.hlc(), edit.payload()));
            }
        }
        context.add(dot);
    }

    public boolean seen(Dot dot) {
        return context.contains(dot);
    }

    /** What stands, after everything that was ever said about it. */
    public Map<DocumentId, Map<Key, Map<Dot, Entry>>> documents() {
        Map<DocumentId, Map<Key, Map<Dot, Entry>>> documents = new TreeMap<>();
        entries.forEach((place, entry) -> {
            Hlc by = early.get(place);
            if (by != null && by.compareTo(entry.hlc()) > 0) return;
            Hlc corrected = early.get(new Place(place.document(), Key.clock(), place.dot()));
            Hlc shown = corrected == null ? entry.hlc() : Hlc.min(entry.hlc(), corrected);
            documents
                    .computeIfAbsent(place.document(), none -> new TreeMap<>())
                    .computeIfAbsent(place.key(), none -> new TreeMap<>())
                    .put(place.dot(), new Entry(entry.hlc(), shown, entry.payload()));
        });
        return documents;
    }
}
