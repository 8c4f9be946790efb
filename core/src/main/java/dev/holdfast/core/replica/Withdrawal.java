package dev.holdfast.core.replica;

import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes back, on the device that wrote them, operations that were refused for good.
 *
 * <p>They are taken out there alone, without an operation: no other node has or will have what was
 * refused, and an operation about it would be refused like the first where the grant does not allow
 * the collection.
 */
public final class Withdrawal {
    private Withdrawal() {}

    /**
     * Takes out what the refused operations left standing, and the refusal with it. Answers what
     * would bring it back, per document.
     *
     * @param touched the documents that the refused operations are about
     * @throws IllegalStateException where they are not refused for good: of what is still being
     *     sent nobody knows that others will not have it
     */
    public static Map<DocumentId, List<Change>> of(
            ReplicaTables tables, String scope, Span refused, Collection<DocumentId> touched) {
        if (Outbox.answersFor(tables, scope, refused))
            throw new IllegalStateException(
                    "Not refused for good: it is sent again, and may be taken yet");
        Map<DocumentId, List<Change>> again = new LinkedHashMap<>();
        for (DocumentId id : touched) {
            Document document = tables.document(scope, id);
            Set<Dot> dots = new HashSet<>();
            List<Change> changes = new ArrayList<>();
            for (Key key : document.keys()) {
                for (var entry : document.at(key).entrySet()) {
                    if (!isWithin(refused, entry.getKey())) continue;
                    dots.add(entry.getKey());
                    changes.addAll(change(key, entry.getValue()));
                }
            }
            if (dots.isEmpty()) continue;
            dots.forEach(document::withdraw);
            tables.putDocument(scope, id, document);
            if (!changes.isEmpty()) again.put(id, changes);
        }
        tables.dropVerdict(scope, refused);
        return again;
    }

    private static boolean isWithin(Span span, Dot dot) {
        return dot.replica().equals(span.replica())
                && dot.seq() >= span.from()
                && dot.seq() <= span.to();
    }

    private static List<Change> change(Key key, Entry entry) {
        return switch (key.kind()) {
            // The empty path stands for a document without fields: to put it would clear others'.
            case Key.REGISTER ->
                    key.path().isEmpty()
                            ? List.of()
                            : List.of(new Change.Put(key.path(), entry.payload()));
            case Key.COUNTER ->
                    entry.payload() instanceof Value.Int by
                            ? List.of(new Change.Increment(key.path(), by.value()))
                            : List.of();
            case Key.SET -> List.of(new Change.Add(key.path(), key.elementValue()));
            case Key.DELETED -> List.of(new Change.Delete());
            default -> List.of();
        };
    }
}
