package dev.holdfast.device;

import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.store.StoreTables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is done about refused operations, in a transaction of the store. */
final class Rejections {
    private Rejections() {}

    static RejectedWrite told(StoreTables tables, Rejection rejection) {
        Span span = rejection.span();
        return new RejectedWrite(
                rejection.scope(),
                span,
                rejection.code(),
                rejection.reason(),
                tables.rejectedDocuments(rejection.scope(), span),
                !Outbox.answersFor(tables, rejection.scope(), span));
    }

    /** Of what is still being sent nobody knows that others will not have it. */
    private static void requireSettled(StoreTables tables, RejectedWrite rejected) {
        if (Outbox.answersFor(tables, rejected.scope(), rejected.span()))
            throw new IllegalStateException(
                    "Not refused for good: it is sent again, and may be taken yet");
    }

    /**
     * Takes out what the refused operations left standing, and the refusal with it. Answers what
     * would bring it back, per document.
     *
     * <p>It is taken out here alone, without an operation: no other node has or will have what was
     * refused, and an operation about it would be refused like the first where the grant does not
     * allow the collection.
     */
    static Map<DocumentId, List<Change>> withdraw(StoreTables tables, RejectedWrite rejected) {
        requireSettled(tables, rejected);
        String scope = rejected.scope();
        Map<DocumentId, List<Change>> again = new LinkedHashMap<>();
        for (DocumentId id : tables.rejectedDocuments(scope, rejected.span())) {
            Document document = tables.document(scope, id);
            Set<Dot> refused = new HashSet<>();
            List<Change> changes = new ArrayList<>();
            for (Key key : document.keys()) {
                for (var entry : document.at(key).entrySet()) {
                    if (!isWithin(rejected.span(), entry.getKey())) continue;
                    refused.add(entry.getKey());
                    changes.addAll(change(key, entry.getValue()));
                }
            }
            if (refused.isEmpty()) continue;
            refused.forEach(document::withdraw);
            tables.putDocument(scope, id, document);
            if (!changes.isEmpty()) again.put(id, changes);
        }
        tables.dropVerdict(scope, rejected.span());
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
