package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Operations {@code from} to {@code to}, both inclusive, of one replica, and the hash of the batch
 * that ends at {@code to}. The hash chain makes it speak for the bytes of all of them.
 */
public record Span(ReplicaId replica, long from, long to, Bytes hash) {
    public Span {
        if (from < 1 || to < from || to > Limits.MAX_SEQ)
            throw new MalformedException("a span that is none");
        if (hash.size() != BatchBody.HASH_BYTES)
            throw new MalformedException("a hash has 32 bytes");
    }

    public static Span of(Batch batch) {
        return new Span(batch.author(), batch.first(), batch.last(), batch.hash());
    }

    /**
     * Batches in the order they stand, as few spans as say the same: one joins the span before it
     * only where it names that very batch as its predecessor. By numbers alone a span would speak
     * for another branch, where a key was copied.
     */
    public static List<Span> of(List<Batch> batches) {
        List<Span> spans = new ArrayList<>();
        for (Batch batch : batches) {
            Span before = spans.isEmpty() ? null : spans.get(spans.size() - 1);
            if (before != null && before.isFollowedBy(batch))
                spans.set(
                        spans.size() - 1,
                        new Span(batch.author(), before.from(), batch.last(), batch.hash()));
            else spans.add(Span.of(batch));
        }
        return spans;
    }

    /** By replica, each one's in the order they stand. */
    public static Map<ReplicaId, List<Span>> byReplica(List<Span> spans) {
        Map<ReplicaId, List<Span>> byReplica = new TreeMap<>();
        for (Span span : spans)
            byReplica.computeIfAbsent(span.replica(), none -> new ArrayList<>()).add(span);
        return byReplica;
    }

    /** Whether {@code other} is of the same replica and within this by its numbers. */
    public boolean contains(Span other) {
        return replica.equals(other.replica()) && from <= other.from() && other.to() <= to;
    }

    private boolean isFollowedBy(Batch batch) {
        return replica.equals(batch.author())
                && to + 1 == batch.first()
                && hash.equals(batch.body().previous());
    }
}
