package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Succession;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Image} holds of one scope. Of batches the heads are kept for ever; their bytes
 * only of what was written here, until it leaves the outbox: nobody asks a device for them.
 */
final class ScopeImage {
    final Table<Integer, FeedHead> head;
    final Table<Dot, BatchHead> heads;
    final Table<ReplicaId, Intervals> context;
    final Table<DocumentId, Bytes> documents;
    final Table<Dot, List<EarlyMark>> marks;
    final Table<Integer, AuthorState> author;
    final Table<Long, Forms.Written> unsealed;
    final Table<Long, OutboxItem> outbox;
    final Table<Integer, Cursor> cursor;
    final Table<Forms.Reach, Receipt.Signed> watermarks;
    final Table<Dot, Forms.Refusal> refusals;
    final Table<Dot, Succession.SetAside> setAside;

    /** Batches by author and last sequence number. */
    final Table<Dot, BatchHead> headsByLast;

    /** The outbox's numbers by author and first sequence number. */
    final Table<Dot, Long> outboxByFirst;

    final Table<ReplicaId, Intervals> unconfirmed;

    /** Own operations that are unsealed or in the outbox, by document. */
    final Table<OwnWrite, Boolean> own;

    /** An own operation on a document. */
    record OwnWrite(DocumentId document, Dot dot) implements Comparable<OwnWrite> {
        @Override
        public int compareTo(OwnWrite other) {
            int order = document.compareTo(other.document);
            return order != 0 ? order : dot.compareTo(other.dot);
        }
    }

    ScopeImage(Image image, String scope) {
        head = new Table<>(image, scope, Forms.FEED);
        heads = new Table<>(image, scope, Forms.HEADS);
        context = new Table<>(image, scope, Forms.CONTEXTS);
        documents = new Table<>(image, scope, Forms.DOCUMENTS);
        marks = new Table<>(image, scope, Forms.EARLY);
        author = new Table<>(image, scope, Forms.AUTHORS);
        unsealed = new Table<>(image, scope, Forms.WRITTEN);
        outbox = new Table<>(image, scope, Forms.OUTGOING);
        cursor = new Table<>(image, scope, Forms.CURSORS);
        watermarks = new Table<>(image, scope, Forms.WATERMARKS);
        refusals = new Table<>(image, scope, Forms.REFUSALS);
        setAside = new Table<>(image, scope, Forms.SET_ASIDE);
        headsByLast = new Table<>(image, scope, null);
        outboxByFirst = new Table<>(image, scope, null);
        unconfirmed = new Table<>(image, scope, null);
        own = new Table<>(image, scope, null);
    }

    /** The kept table of that code; null where there is none in a scope. */
    @Nullable Table<?, ?> table(int code) {
        return switch (code) {
            case Forms.HEAD -> head;
            case Forms.BATCH -> heads;
            case Forms.CONTEXT -> context;
            case Forms.DOCUMENT -> documents;
            case Forms.MARKS -> marks;
            case Forms.AUTHOR -> author;
            case Forms.UNSEALED -> unsealed;
            case Forms.OUTBOX -> outbox;
            case Forms.CURSOR -> cursor;
            case Forms.WATERMARK -> watermarks;
            case Forms.VERDICT -> refusals;
            case Forms.ASIDE -> setAside;
            default -> null;
        };
    }

    /** Makes the indexes of what was loaded; {@code own} are the authors that this device was. */
    void index(Set<ReplicaId> own) {
        heads.rows.forEach(
                (first, head) -> headsByLast.put(new Dot(first.replica(), head.last()), head));
        for (OutboxItem item : outbox.rows.values()) {
            Batch batch = item.batch();
            outboxByFirst.put(new Dot(batch.author(), batch.first()), item.number());
            Intervals known = unconfirmed.rows.getOrDefault(batch.author(), Intervals.NONE);
            unconfirmed.put(batch.author(), known.with(batch.first(), batch.last()));
            if (own.contains(batch.author())) addOwn(batch.body().operations());
        }
        for (Forms.Written written : unsealed.rows.values())
            addOwn(written.unsealed().transaction().operations());
    }

    void addOwn(List<Operation> operations) {
        for (Operation operation : operations)
            own.put(new OwnWrite(operation.document(), operation.dot()), true);
    }

    void dropOwn(List<Operation> operations) {
        for (Operation operation : operations) dropOwn(operation);
    }

    void dropOwn(Operation operation) {
        own.put(new OwnWrite(operation.document(), operation.dot()), null);
    }
}
