package dev.holdfast.core.replica;

import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applies batches to a node's tables: the same class on a device, at an edge and in a region's
 * worker.
 *
 * <p>In one transaction: skip what the context has (exactly once, without a window), compare the
 * hash chain with the neighbours that are there, merge each operation, add the dots, number the
 * batch in the feed. A batch whose predecessor is missing is applied; the gap shows in the
 * context's intervals, and the hashes are compared when the neighbour comes. Batches arrive here
 * verified: signature, grant and form are judged before.
 *
 * <p>Not thread-safe; stateless between calls.
 */
public final class Applier {
    private final Tables tables;
    private final Unsent unsent;

    /** Own operations that were never handed to a transport, so that their readings may change. */
    @FunctionalInterface
    interface Unsent {
        Unsent NONE = (scope, dot) -> false;

        boolean has(String scope, Dot dot);

        /** Those in the tables of the store that writes as {@code self}. */
        static Unsent in(ReplicaTables tables, ReplicaId self) {
            return (scope, dot) -> {
                if (!dot.replica().equals(self)) return false;
                AuthorState state = tables.author(scope);
                return state != null && dot.seq() > state.sealedSeq();
            };
        }
    }

    /** For a node that writes nothing, or seals what it writes at once. */
    public Applier(Tables tables) {
        this.tables = tables;
        this.unsent = Unsent.NONE;
    }

    /** For the store that writes as {@code self}. */
    public Applier(ReplicaTables tables, ReplicaId self) {
        this.tables = tables;
        this.unsent = Unsent.in(tables, self);
    }

    /** What became of a batch. */
    public sealed interface Outcome {
        /** It is in the feed at {@code head}; {@code changed} are the documents it touched. */
        record Applied(FeedHead head, Set<DocumentId> changed) implements Outcome {}

        /** Every dot of it had been seen, with the same bytes as far as is known. */
        record Duplicate() implements Outcome {}

        /**
         * Its sequence numbers, or its place in the chain, belong to other bytes. Nothing was
         * changed.
         */
        record Forked(String reason) implements Outcome {}
    }

    public Outcome apply(Batch batch) {
        FeedHead head = tables.lockFeed(batch.scope());
        Intervals seen = tables.context(batch.scope(), batch.author());
        if (seen.overlaps(batch.first(), batch.last())) return judgeSeen(batch, seen);
        String broken = brokenLink(batch, seen);
        if (broken != null) return new Outcome.Forked(broken);

        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        new ScopeMerge(tables, batch.scope(), batch.author(), seen, unsent)
                .merge(batch.body().operations(), documents);
        documents.forEach((id, document) -> tables.putDocument(batch.scope(), id, document));
        FeedHead next = head.next(batch.hash());
        tables.appendToFeed(new FeedItem(next, batch));
        return new Outcome.Applied(next, documents.keySet());
    }

    private Outcome judgeSeen(Batch batch, Intervals seen) {
        BatchHead known = tables.batchFrom(batch.scope(), batch.author(), batch.first());
        if (known != null) {
            return known.hash().equals(batch.hash())
                    ? new Outcome.Duplicate()
                    : new Outcome.Forked("sequence number " + batch.first() + " has other bytes");
        }
        // Heads are kept for ever but for what a snapshot brought; there only the dots are known.
        return seen.contains(batch.first(), batch.last()) && !overlapsKnown(batch)
                ? new Outcome.Duplicate()
                : new Outcome.Forked("its sequence numbers are cut into other batches");
    }

    /**
     * Whether some known batch of the author has a number of this one, so that its cut is another:
     * also where this one lies within that, since nobody has its bytes then.
     */
    private boolean overlapsKnown(Batch batch) {
        BatchHead near = tables.batchUpTo(batch.scope(), batch.author(), batch.last());
        return near != null && near.last() >= batch.first();
    }

    private @Nullable String brokenLink(Batch batch, Intervals seen) {
        if (batch.first() > 1 && seen.contains(batch.first() - 1)) {
            BatchHead before = tables.batchTo(batch.scope(), batch.author(), batch.first() - 1);
            if (before != null && !before.hash().equals(batch.body().previous())) {
                return "the batch before it is another one";
            }
        }
        if (seen.contains(batch.last() + 1)) {
            BatchHead after = tables.batchFrom(batch.scope(), batch.author(), batch.last() + 1);
            if (after != null && !after.previous().equals(batch.hash()))
                return "the batch after it names another one";
        }
        return null;
    }

    /**
     * Merges consecutive operations of one author and keeps the context and the marks in step. What
     * others name of an unsent operation is remembered as if it had not been seen: it must not be
     * stamped below that.
     */
    static final class ScopeMerge implements Merge.Surroundings {
        private final Tables tables;
        private final String scope;
        private final ReplicaId author;
        private final Unsent unsent;
        private Intervals seen;

        ScopeMerge(Tables tables, String scope, ReplicaId author, Intervals seen, Unsent unsent) {
            this.tables = tables;
            this.scope = scope;
            this.author = author;
            this.seen = seen;
            this.unsent = unsent;
        }

        /** Merges into {@code documents}, loading what is missing there; the caller stores them. */
        void merge(List<Operation> operations, Map<DocumentId, Document> documents) {
            for (Operation operation : operations) {
                Dot dot = operation.dot();
                Document document =
                        documents.computeIfAbsent(
                                operation.document(), id -> tables.document(scope, id));
                Merge.apply(operation, document, this);
                seen = seen.with(dot.seq(), dot.seq());
                if (!unsent.has(scope, dot)) tables.removeMarks(scope, dot);
            }
            tables.putContext(scope, author, seen);
        }

        @Override
        public boolean seen(Dot dot) {
            return dot.replica().equals(author)
                    ? seen.contains(dot.seq())
                    : tables.context(scope, dot.replica()).contains(dot.seq());
        }

        @Override
        public boolean awaits(Dot dot) {
            if (!seen(dot)) return true;
            return !dot.replica().equals(author) && unsent.has(scope, dot);
        }

        @Override
        public List<EarlyMark> marks(Dot dot) {
            return tables.marks(scope, dot);
        }

        @Override
        public void addMark(EarlyMark mark) {
            tables.addMark(scope, mark);
        }
    }
}
