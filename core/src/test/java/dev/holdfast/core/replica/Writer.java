package dev.holdfast.core.replica;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A replica with a store in memory, for tests: it writes, seals, and receives. */
final class Writer {
    static final String SCOPE = Operations.SCOPE;
    static final long NOON = 1_700_000_000_000L;
    static final DocumentId P1 = new DocumentId("patients", "p1");
    static final Schema SCHEMA =
            Schema.parse(
                    """
                    {"patients": {"fields": {"visits": {"kind": "counter"}, "tags": {"kind": "set"}}},
                     "notes": {"on-delete": "delete-wins"}}\
                    """);

    final MemoryStore store;
    final ReplicaId id;
    long nowMillis = NOON;

    Writer(int number) {
        this(number, MemoryStore.durable());
    }

    Writer(int number, MemoryStore store) {
        this.id = Operations.replica(number);
        this.store = store;
    }

    Author.Written write(Change... changes) {
        return write(P1, changes);
    }

    Author.Written write(DocumentId document, Change... changes) {
        return write(Map.of(document, List.of(changes)));
    }

    Author.Written write(Map<DocumentId, List<Change>> changes) {
        return store.write(tables -> author(tables).write(SCOPE, changes, null, nowMillis));
    }

    /** By what {@code saw} says stands at P1. */
    Author.Written write(Document saw, Change... changes) {
        return store.write(tables ->
                author(tables)
                        .write(
                                SCOPE,
                                Map.of(P1, List.of(changes)),
                                Map.of(P1, saw),
                                null,
                                nowMillis));
    }

    Author.Written put(String path, String json) {
        return write(new Change.Put(path, Json.parse(json)));
    }

    Batch.@Nullable Draft draft() {
        return store.read(tables -> author(tables).draft(SCOPE));
    }

    @Nullable FeedItem seal(Batch batch) {
        return store.write(tables -> author(tables).seal(batch, nowMillis));
    }

    /** Seals all that is unsealed and answers the batches. */
    List<Batch> seal() {
        List<Batch> sealed = new ArrayList<>();
        for (Batch.Draft draft = draft(); draft != null; draft = draft()) {
            Batch batch = draft.signed(Operations.SIGNATURE);
            Objects.requireNonNull(seal(batch));
            sealed.add(batch);
        }
        return sealed;
    }

    int heal(long regionMillis) {
        return store.write(tables -> author(tables).heal(SCOPE, regionMillis));
    }

    Applier.Outcome receive(Batch batch) {
        return store.write(tables -> new Applier(tables, id).apply(batch));
    }

    void receiveAll(List<Batch> batches) {
        for (Batch batch : batches) {
            if (receive(batch) instanceof Applier.Outcome.Forked forked) {
                throw new AssertionError(forked.reason());
            }
        }
    }

    /** What the node above says once {@code batch} is in the record. */
    void confirm(Batch batch, Durability level) {
        Receipt receipt =
                new Receipt(
                        Operations.replica(99), SCOPE, level, nowMillis, List.of(Span.of(batch)));
        store.write(tables -> new Outbox(tables, Durability.APPLIED).record(receipt));
    }

    Document document(DocumentId document) {
        return store.read(tables -> tables.document(SCOPE, document));
    }

    View view() {
        return view(P1);
    }

    View view(DocumentId document) {
        return View.of(document(document), SCHEMA.collection(document.collection()));
    }

    /** The document as JSON. */
    String json() {
        return Json.print(view().fields());
    }

    Value field(String name) {
        return Objects.requireNonNull(view().fields().fields().get(name), name);
    }

    /** All feeds' batches exchanged: both have seen the same. */
    static void exchange(Writer... writers) {
        for (Writer writer : writers) writer.seal();
        for (Writer from : writers) {
            List<FeedItem> feed =
                    from.store.read(tables -> tables.feedAfter(SCOPE, 0, Integer.MAX_VALUE));
            for (Writer to : writers) to.receiveAll(feed.stream().map(FeedItem::batch).toList());
        }
    }

    private Author author(ReplicaTables tables) {
        return new Author(tables, id, SCHEMA);
    }
}
