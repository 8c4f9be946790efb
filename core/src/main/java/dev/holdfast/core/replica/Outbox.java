package dev.holdfast.core.replica;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What this node still answers for. A batch is given up only at {@code retainUntil}, not at the
 * first acknowledgement: the edge that acknowledged may burn down, and then this node sends again.
 *
 * <p>Not thread-safe; made for one transaction.
 */
public final class Outbox {
    private final ReplicaTables tables;
    private final Durability retainUntil;

    public Outbox(ReplicaTables tables, Durability retainUntil) {
        this.tables = tables;
        this.retainUntil = retainUntil;
    }

    /**
     * What a receipt came to.
     *
     * @param changed documents whose durability changed
     * @param same what of its spans are bytes that this node has
     */
    public record Recorded(Set<DocumentId> changed, List<Span> same) {}

    /**
     * Believes a receipt, whose signature was verified, as far as it speaks of bytes that this node
     * has: a span whose hash is not that of the batch ending there is passed over, and of one that
     * reaches over a gap only what comes after it counts.
     */
    public Recorded record(Receipt receipt) {
        Set<DocumentId> changed = new HashSet<>();
        List<Span> same = new ArrayList<>();
        Heard heard = new Heard(tables, receipt.scope());
        for (Span span : receipt.spans()) {
            Span known = heard.known(span);
            if (known == null) continue;
            same.add(known);
            changed.addAll(tables.raise(receipt.scope(), known, receipt.level()));
            if (receipt.level().reaches(retainUntil)) tables.dropFromOutbox(receipt.scope(), known);
        }
        return new Recorded(changed, same);
    }

    /**
     * Believes once more what is kept of regions' words about {@code author}: what was heard of
     * batches while this node did not have them, or did not answer for them, counts now. Answers
     * the documents whose durability changed.
     */
    public Set<DocumentId> hearAgain(String scope, ReplicaId author) {
        Set<DocumentId> changed = new HashSet<>();
        for (Receipt.Signed heard : tables.watermarks(scope, author))
            changed.addAll(record(heard.receipt()).changed());
        return changed;
    }

    /**
     * Keeps a refusal, whose signature was verified, for the author. A refusal of other bytes than
     * this node has is not its own and is passed over; so is one of what it no longer answers for,
     * since servers repeat themselves.
     *
     * @param settled whether it is for good: the batch is sent no more. Else it is kept to be seen,
     *     and this node goes on answering for the batch
     * @return whether that is news
     */
    public boolean record(Verdict verdict, boolean settled, long nowMillis) {
        Rejection rejection = verdict.rejection();
        Span span = rejection.span();
        BatchHead head = tables.batchTo(rejection.scope(), span.replica(), span.to());
        if (head == null || !head.hash().equals(span.hash())) return false;
        if (!answersFor(tables, rejection.scope(), span)) return false;
        // First: which documents it touched is told by its bytes, which may go with the outbox.
        boolean news = tables.addVerdict(verdict, nowMillis);
        if (settled) tables.dropFromOutbox(rejection.scope(), span);
        // That it is for good now is news even where the same word was kept before.
        return news || settled;
    }

    /** Whether {@code tables}' node answers for all of {@code span}. */
    public static boolean answersFor(ReplicaTables tables, String scope, Span span) {
        return tables.unconfirmed(scope, span.replica()).contains(span.from(), span.to());
    }
}
