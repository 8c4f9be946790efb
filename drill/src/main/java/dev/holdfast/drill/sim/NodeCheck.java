package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Unsealed;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All of what one node has of one scope, against itself: the feed, the chains, the context, the
 * documents. It costs as much as the scope has operations, so it is for sampled events and the end.
 */
final class NodeCheck {
    private final SimNode node;
    private final String scope;
    private final MemoryTables tables;
    private final Coverage coverage;
    private final TreeMap<Dot, Operation> operations = new TreeMap<>();

    private NodeCheck(SimNode node, String scope, MemoryTables tables) {
        this.node = node;
        this.scope = scope;
        this.tables = tables;
        this.coverage = node.world.coverage;
    }

    /** What the node's operations come to, once all is found to be as it must. */
    static Model check(SimNode node, String scope) {
        return node.disk.store.read(tables -> new NodeCheck(node, scope, tables).check());
    }

    private Model check() {
        feed();
        for (Unsealed unsealed : tables.unsealed(scope, 0, Integer.MAX_VALUE))
            transaction(unsealed.transaction());
        context();
        Model model = new Model(operations.values());
        Set<DocumentId> ids = new TreeSet<>(tables.documents(scope));
        ids.addAll(model.documents());
        for (DocumentId id : ids) document(model, id);
        if (model.ties() > 0) coverage.count(Coverage.TIE);
        return model;
    }

    private void feed() {
        FeedHead head = FeedHead.START;
        Map<ReplicaId, TreeMap<Long, Batch>> chains = new TreeMap<>();
        for (FeedItem item : tables.feedAfter(scope, 0, Integer.MAX_VALUE)) {
            Batch batch = item.batch();
            head = head.next(batch.hash());
            Invariant.FEEDS_ARE_WHOLE.hold(
                    head.equals(item.head()),
                    () -> node + " has a feed with a gap or another hash");
            Bytes publicKey = node.claims.publicKey(batch.author());
            Invariant.BYTES_ARE_THE_AUTHORS.hold(
                    publicKey != null && node.keys.verify(batch.check(publicKey)),
                    () -> node + " has a batch that its author did not sign");
            chains.computeIfAbsent(batch.author(), none -> new TreeMap<>())
                    .put(batch.first(), batch);
            for (Transaction transaction : batch.body().transactions()) transaction(transaction);
        }
        for (TreeMap<Long, Batch> chain : chains.values()) {
            Batch before = null;
            for (Batch batch : chain.values()) {
                if (before != null && before.last() + 1 == batch.first())
                    Invariant.CHAINS_ARE_ONE.hold(
                            batch.body().previous().equals(before.hash()),
                            () -> node + " has neighbouring batches of two chains");
                before = batch;
            }
        }
    }

    private void transaction(Transaction transaction) {
        Dot first = transaction.operations().getFirst().dot();
        Dot last = transaction.operations().getLast().dot();
        for (Operation operation : transaction.operations()) {
            Dot dot = operation.dot();
            Claims.Written written = node.claims.written(scope).get(dot);
            Invariant.TRANSACTIONS_ARE_WHOLE.hold(
                    written == null
                            || written.first() == first.seq() && written.last() == last.seq(),
                    () -> node + " has a part of what was written with " + dot);
            Invariant.ONE_EFFECT_PER_DOT.hold(
                    operations.put(dot, operation) == null,
                    () -> node + " applied " + dot + " twice");
            for (Edit edit : operation.edits()) notice(edit, dot);
        }
    }

    private void notice(Edit edit, Dot by) {
        if (edit.key().kind() == Key.CLOCK) coverage.count(Coverage.CORRECTED);
        if (edit.key().kind() == Key.COUNTER && !edit.over().isEmpty())
            coverage.count(Coverage.FOLDED);
        for (Dot over : edit.over()) {
            boolean early = !over.replica().equals(by.replica()) && !operations.containsKey(over);
            if (early && tables.context(scope, over.replica()).contains(over.seq()))
                coverage.count(Coverage.EARLY_REPLACED);
        }
    }

    private void context() {
        Context context = tables.context(scope);
        long count = 0;
        for (Intervals intervals : context.replicas().values()) {
            for (int i = 0; i < intervals.count(); i++)
                count += intervals.to(i) - intervals.from(i) + 1;
            if (intervals.count() > 1) coverage.count(Coverage.GAP);
        }
        List<Dot> unknown = new ArrayList<>();
        for (Dot dot : operations.keySet()) if (!context.contains(dot)) unknown.add(dot);
        Invariant.ONE_EFFECT_PER_DOT.hold(
                unknown.isEmpty() && count == operations.size(),
                () -> node + " has seen " + context + " and has " + operations.keySet());
    }

    private void document(Model model, DocumentId id) {
        Document document = tables.document(scope, id);
        Invariant.DOCUMENTS_ARE_THEIR_OPERATIONS.hold(
                model.is(id, document),
                () -> node + " has " + id + " otherwise than its operations say");
        for (Schema schema : Schemas.VERSIONS) {
            Schema.Collection collection = schema.collection(id.collection());
            View view = View.of(document, collection);
            Invariant.POLICIES_ARE_FOLLOWED.hold(
                    view.exists() == model.exists(id),
                    () -> id + " is shown as deleted, or is not");
            if (!view.exists()) continue;
            for (int field = 0; field < Workload.FIELDS; field++) {
                String path = "f" + field;
                Schema.Show show = collection.field(path).show();
                Invariant.POLICIES_ARE_FOLLOWED.hold(
                        java.util.Objects.equals(
                                view.fields().fields().get(path), model.shown(id, path, show)),
                        () -> node + " shows another value of " + id + " " + path);
            }
        }
    }
}
