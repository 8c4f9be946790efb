package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import java.util.List;
import java.util.TreeMap;

/**
 * What a {@link MemoryStore} holds of one scope: only maps of immutable values, so that one kind of
 * undo serves them all and a copy is a copy of the maps. Sorted, so that the same writes are read
 * back in the same order whatever the hash codes are.
 */
final class MemoryScope {
    /** An unsealed transaction, with about what it takes in a batch. */
    record Kept(Unsealed unsealed, int sizeBytes) {}

    /** What a kept receipt is about. */
    record Reach(ReplicaId replica, Durability level) implements Comparable<Reach> {
        @Override
        public int compareTo(Reach other) {
            int order = replica.compareTo(other.replica);
            return order != 0 ? order : level.compareTo(other.level);
        }
    }

    final TreeMap<Long, FeedItem> feed;
    final TreeMap<Dot, BatchHead> headsByFirst;
    final TreeMap<Dot, BatchHead> headsByLast;
    final TreeMap<ReplicaId, Intervals> context;
    final TreeMap<DocumentId, Bytes> documents;
    final TreeMap<Dot, List<EarlyMark>> marks;
    final TreeMap<Long, Kept> unsealed;

    /** The outbox, by feed number and, as numbers, by author and first sequence number. */
    final TreeMap<Long, OutboxItem> outbox;

    final TreeMap<Dot, Long> outboxByFirst;
    final TreeMap<ReplicaId, Intervals> unconfirmed;
    final TreeMap<Reach, Receipt.Signed> watermarks;
    final TreeMap<Dot, Verdict> verdicts;

    MemoryScope() {
        feed = new TreeMap<>();
        headsByFirst = new TreeMap<>();
        headsByLast = new TreeMap<>();
        context = new TreeMap<>();
        documents = new TreeMap<>();
        marks = new TreeMap<>();
        unsealed = new TreeMap<>();
        outbox = new TreeMap<>();
        outboxByFirst = new TreeMap<>();
        unconfirmed = new TreeMap<>();
        watermarks = new TreeMap<>();
        verdicts = new TreeMap<>();
    }

    MemoryScope(MemoryScope other) {
        feed = new TreeMap<>(other.feed);
        headsByFirst = new TreeMap<>(other.headsByFirst);
        headsByLast = new TreeMap<>(other.headsByLast);
        context = new TreeMap<>(other.context);
        documents = new TreeMap<>(other.documents);
        marks = new TreeMap<>(other.marks);
        unsealed = new TreeMap<>(other.unsealed);
        outbox = new TreeMap<>(other.outbox);
        outboxByFirst = new TreeMap<>(other.outboxByFirst);
        unconfirmed = new TreeMap<>(other.unconfirmed);
        watermarks = new TreeMap<>(other.watermarks);
        verdicts = new TreeMap<>(other.verdicts);
    }
}
