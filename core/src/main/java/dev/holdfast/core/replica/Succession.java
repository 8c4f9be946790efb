package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What becomes of a store's own operations when it takes a new key (rule 2). Under the old key
 * there may be another history, so that none of its numbers can be used again; what that history
 * has of our operations must count once.
 *
 * <p>An operation that may not have left is withdrawn under its old dot and written again under a
 * new one, at the next reading, so that it keeps its place among what others wrote. Entries that it
 * replaced are replaced by the new one as well: the documents are as they would be had the new key
 * written it in the first place. Should the same operation exist under its old dot after all, then
 * the new one must replace it; should other bytes be there (a fork), then it must not touch them:
 *
 * <ul>
 *   <li><b>A restored backup</b>, told by the witness before anything was written: the other
 *       history went on from ours, so that an old dot is the same operation wherever it is. Each
 *       new edit lists it in {@code over}; where it arrives it is replaced, and an early mark waits
 *       where it does not. What was sealed stays as it is: a repetition of the same bytes is
 *       harmless.
 *   <li><b>A foreign batch</b> of our key (a cloned disk, or a backup that had the witness too):
 *       what was not acknowledged is set aside beside its successor, and nothing is sealed until
 *       the feed of the node above was followed to its end. Batches of the old key that arrive are
 *       compared: an operation with the same edits is listed in its successor's {@code over}; the
 *       first with others is the fork, and from there on none is. Of what did not arrive at all,
 *       unless a fork was met, that which was written before the store was last opened is treated
 *       as in the first case; what was written since cannot be in a copy of it, and lists nothing.
 * </ul>
 *
 * <p>What remains: a copy that was opened several times before it was noticed, while the other one
 * has sent nothing yet of what it wrote alone. Operations from between are taken for common then,
 * and may replace one of the other's at the same key of the same document with an earlier reading.
 *
 * <p>The cursor goes back to the start, so that batches which were passed over as our own come, and
 * come before what others wrote on top of them. Works on one transaction; no I/O of its own.
 */
public final class Succession {
    /** How a store learnt that its key has another history. */
    public enum Cause {
        RESTORED,
        FOREIGN
    }

    private final SuccessionTables tables;

    public Succession(SuccessionTables tables) {
        this.tables = tables;
    }

    /**
     * Makes {@code next} the author of every scope. That it is this store's from now on is the
     * caller's to write down, in the same transaction.
     *
     * @param openedAt per scope, the first number that was given out since the store was opened
     */
    public void succeed(ReplicaId next, Cause cause, Map<String, Long> openedAt) {
        for (String scope : tables.scopes()) {
            AuthorState state = tables.author(scope);
            if (state == null) continue;
            succeed(scope, state, next, cause, openedAt.getOrDefault(scope, 1L));
            Cursor cursor = tables.cursor(scope);
            if (cursor != null) {
                tables.putCursor(scope, new Cursor(cursor.node(), FeedHead.START));
            }
        }
    }

    private void succeed(
            String scope, AuthorState state, ReplicaId next, Cause cause, long openedAt) {
        ReplicaId old = state.replica();
        List<Transaction> moved = new ArrayList<>();
        if (cause == Cause.FOREIGN) moved.addAll(takeUnacknowledged(scope, old));
        moved.addAll(takeUnsealed(scope, state));
        withdraw(scope, old, moved);
        long seq = 1;
        Map<Dot, Dot> names = new HashMap<>();
        for (Transaction transaction : moved) {
            for (Operation operation : transaction.operations()) {
                names.put(operation.dot(), new Dot(next, seq++));
            }
        }
        for (Transaction transaction : moved) {
            Transaction renamed = renamed(transaction, names);
            if (cause == Cause.RESTORED) renamed = overOld(scope, renamed, transaction);
            else setAside(scope, transaction, names, openedAt);
            write(scope, renamed);
        }
        Intervals seen = seq == 1 ? Intervals.NONE : Intervals.of(1, seq - 1);
        tables.putContext(scope, next, seen);
        tables.putAuthor(scope, new AuthorState(next, seq, 0, Bytes.EMPTY, state.clock().next()));
    }

    /** Sealed batches that nobody acknowledged: their bytes may be on the losing side of a fork. */
    private List<Transaction> takeUnacknowledged(String scope, ReplicaId old) {
        List<Transaction> taken = new ArrayList<>();
        for (OutboxItem item : tables.outbox(scope, 0, Long.MAX_VALUE, Integer.MAX_VALUE)) {
            Batch batch = item.batch();
            boolean unacknowledged = item.level() == Durability.DEVICE;
            if (!batch.author().equals(old) || !unacknowledged) continue;
            tables.disown(item);
            taken.addAll(batch.body().transactions());
        }
        return taken;
    }

    private List<Transaction> takeUnsealed(String scope, AuthorState state) {
        List<Transaction> taken = new ArrayList<>();
        for (Unsealed unsealed : tables.unsealed(scope, state.sealedSeq(), Integer.MAX_VALUE)) {
            taken.add(unsealed.transaction());
        }
        tables.dropUnsealed(scope, state.nextSeq());
        return taken;
    }

    private void withdraw(String scope, ReplicaId old, List<Transaction> moved) {
        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        Intervals seen = tables.context(scope, old);
        for (Transaction transaction : moved) {
            for (Operation operation : transaction.operations()) {
                documents
                        .computeIfAbsent(operation.document(), id -> tables.document(scope, id))
                        .withdraw(operation.dot());
                long seq = operation.dot().seq();
                seen = seen.minus(Intervals.of(seq, seq));
                tables.dropOwn(scope, operation);
            }
        }
        documents.forEach((id, document) -> tables.putDocument(scope, id, document));
        tables.putContext(scope, old, seen);
    }

    private static Transaction renamed(Transaction transaction, Map<Dot, Dot> names) {
        List<Operation> operations = new ArrayList<>();
        for (Operation operation : transaction.operations()) {
            List<Edit> edits = new ArrayList<>();
            for (Edit edit : operation.edits()) {
                List<Dot> over =
                        edit.over().stream().map(dot -> names.getOrDefault(dot, dot)).toList();
                edits.add(new Edit(edit.key(), edit.payload(), over));
            }
            operations.add(
                    new Operation(
                            Objects.requireNonNull(names.get(operation.dot())),
                            operation.hlc().next(),
                            operation.collection(),
                            operation.id(),
                            edits));
        }
        return new Transaction(transaction.trace(), operations);
    }

    /** Each edit also replaces what the same edit left under its old dot, where that arrives. */
    private Transaction overOld(String scope, Transaction renamed, Transaction original) {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < renamed.operations().size(); i++) {
            operations.add(over(renamed.operations().get(i), original.operations().get(i).dot()));
        }
        Transaction longer = new Transaction(renamed.trace(), operations);
        try {
            new Unsealed(longer).encoded(scope);
            return longer;
        } catch (MalformedException e) {
            // At the very limit of a batch: better one that may count twice than one that is lost.
            return renamed;
        }
    }

    /** The operation, with {@code old} listed; as it is where some edit lists too many already. */
    private static Operation over(Operation operation, Dot old) {
        List<Edit> edits = new ArrayList<>();
        for (Edit edit : operation.edits()) {
            if (!leaves(edit)) {
                edits.add(edit);
                continue;
            }
            if (edit.over().size() == Limits.OVER_PER_EDIT) return operation;
            List<Dot> over = new ArrayList<>(edit.over());
            over.add(old);
            edits.add(new Edit(edit.key(), edit.payload(), over));
        }
        return new Operation(
                operation.dot(), operation.hlc(), operation.collection(), operation.id(), edits);
    }

    private static boolean leaves(Edit edit) {
        return edit.payload() != null && edit.key().kind() != Key.CLOCK;
    }

    private void write(String scope, Transaction transaction) {
        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        for (Operation operation : transaction.operations()) {
            Document document =
                    documents.computeIfAbsent(
                            operation.document(), id -> tables.document(scope, id));
            Merge.apply(operation, document, new Surroundings(scope, operation.dot().replica()));
        }
        documents.forEach((id, document) -> tables.putDocument(scope, id, document));
        tables.addUnsealed(scope, new Unsealed(transaction));
    }

    private void setAside(String scope, Transaction original, Map<Dot, Dot> names, long openedAt) {
        for (Operation operation : original.operations()) {
            Dot successor = Objects.requireNonNull(names.get(operation.dot()));
            boolean common = operation.dot().seq() < openedAt;
            tables.setAside(scope, new SetAside(operation, successor.seq(), common));
        }
    }

    /** An applied batch may tell what became of operations that were set aside. */
    public void met(Batch batch) {
        String scope = batch.scope();
        for (Operation operation : batch.body().operations()) {
            SetAside kept = tables.setAside(scope, operation.dot());
            if (kept == null) continue;
            boolean same =
                    kept.operation().document().equals(operation.document())
                            && kept.operation().edits().equals(operation.edits())
                            // A copy may have stamped anew what both had; but two clones that each
                            // add one under the same dot have added two.
                            && (kept.common() || kept.operation().hlc().equals(operation.hlc()));
            if (!same) {
                drop(scope, operation.dot(), Limits.MAX_SEQ);
                return;
            }
            replaceOld(scope, kept, true);
            drop(scope, operation.dot(), operation.dot().seq());
        }
    }

    /** The feed of the node above was followed to its end: what was set aside may be sealed. */
    public void caughtUp(String scope) {
        for (SetAside kept : tables.setAside(scope)) {
            if (kept.common()) replaceOld(scope, kept, false);
            drop(scope, kept.operation().dot(), kept.operation().dot().seq());
        }
    }

    private void drop(String scope, Dot from, long to) {
        tables.dropSetAside(scope, from.replica(), from.seq(), to);
    }

    /**
     * An operation under its old dot.
     *
     * @param newSeq of the one that took its place
     * @param common whether it may be in a copy of this store too
     */
    public record SetAside(Operation operation, long newSeq, boolean common) {}

    private void replaceOld(String scope, SetAside kept, boolean seen) {
        Unsealed unsealed = tables.unsealedWith(scope, kept.newSeq());
        if (unsealed == null) return;
        Dot old = kept.operation().dot();
        List<Operation> operations = new ArrayList<>(unsealed.transaction().operations());
        int index = (int) (kept.newSeq() - unsealed.first());
        Operation successor = over(operations.get(index), old);
        if (successor.equals(operations.get(index))) return;
        operations.set(index, successor);
        Transaction longer = new Transaction(unsealed.transaction().trace(), operations);
        try {
            new Unsealed(longer).encoded(scope);
        } catch (MalformedException e) {
            return; // as in overOld
        }
        tables.replaceUnsealed(scope, new Unsealed(longer));
        if (seen) {
            Document document = tables.document(scope, successor.document());
            document.withdraw(old);
            tables.putDocument(scope, successor.document(), document);
            return;
        }
        Hlc reading = successor.hlc();
        for (Edit edit : successor.edits()) {
            if (!leaves(edit)) continue;
            tables.addMark(scope, new EarlyMark(old, successor.document(), edit.key(), reading));
        }
    }

    private final class Surroundings implements Merge.Surroundings {
        private final String scope;
        private final ReplicaId author;

        Surroundings(String scope, ReplicaId author) {
            this.scope = scope;
            this.author = author;
        }

        @Override
        public boolean seen(Dot dot) {
            // Of its own, an operation names only what was written before it.
            return dot.replica().equals(author)
                    || tables.context(scope, dot.replica()).contains(dot.seq());
        }

        @Override
        public List<EarlyMark> marks(Dot dot) {
            return List.of(); // nobody knows the new dots yet
        }

        @Override
        public void addMark(EarlyMark mark) {
            tables.addMark(scope, mark);
        }
    }
}
