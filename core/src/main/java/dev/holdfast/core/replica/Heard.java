package dev.holdfast.core.replica;

import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How safe a node knows operations to be, whoever wrote them, by the receipts of regions that it
 * keeps. Not thread-safe; made for one transaction.
 */
public final class Heard {
    private final ReplicaTables tables;
    private final String scope;
    private final Map<ReplicaId, Map<Durability, Intervals>> known = new HashMap<>();

    public Heard(ReplicaTables tables, String scope) {
        this.tables = tables;
        this.scope = scope;
    }

    /**
     * The part of a span that its hash vouches for, where this node has those bytes; else null. A
     * span whose hash is not that of the batch ending there speaks of others. Batches that follow
     * each other were compared when the later one came; before a gap there may be other bytes than
     * the receipt speaks of, where an author's key was copied.
     */
    @Nullable Span known(Span span) {
        BatchHead head = tables.batchTo(scope, span.replica(), span.to());
        if (head == null || !head.hash().equals(span.hash())) return null;
        Intervals seen = tables.context(scope, span.replica());
        long from = span.to();
        for (int i = 0; i < seen.count(); i++) {
            if (seen.from(i) <= span.to() && span.to() <= seen.to(i)) from = seen.from(i);
        }
        return new Span(span.replica(), Math.max(from, span.from()), span.to(), span.hash());
    }

    /** The operations of {@code replica} that are known to have reached {@code level}. */
    public Intervals reached(ReplicaId replica, Durability level) {
        return known.computeIfAbsent(replica, none -> new HashMap<>())
                .computeIfAbsent(level, none -> read(replica, level));
    }

    private Intervals read(ReplicaId replica, Durability level) {
        Intervals reached = Intervals.NONE;
        for (Receipt.Signed signed : tables.watermarks(scope, replica)) {
            if (!signed.receipt().level().reaches(level)) continue;
            for (Span span : signed.receipt().spans()) {
                if (!span.replica().equals(replica)) continue;
                Span part = known(span);
                if (part != null) reached = reached.with(part.from(), part.to());
            }
        }
        return reached;
    }

    /**
     * The least level that all of what stands in a document is known to have reached: {@link
     * Durability#EDGE} at least, since what others wrote came from a node, but for what this node
     * was handed and nobody has confirmed.
     *
     * @param own who writes at this node; how far what they wrote has got, while this node answers
     *     for it, is for its outbox to say
     */
    public Durability ofAll(Document document, Set<ReplicaId> own) {
        Durability least = Durability.GLOBAL;
        for (Key key : document.keys()) {
            for (Dot dot : document.at(key).keySet()) {
                if (tables.unconfirmed(scope, dot.replica()).contains(dot.seq())) {
                    if (own.contains(dot.replica())) continue;
                    return Durability.DEVICE;
                }
                while (least != Durability.EDGE
                        && !reached(dot.replica(), least).contains(dot.seq()))
                    least = Durability.ofCode(least.code() - 1L);
            }
        }
        return least;
    }
}
