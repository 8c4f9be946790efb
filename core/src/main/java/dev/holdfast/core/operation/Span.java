package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import java.util.ArrayList;
import java.util.List;

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

    /** Spans that follow one another in the order they stand, as one. */
    public static List<Span> merged(List<Span> spans) {
        List<Span> merged = new ArrayList<>();
        for (Span span : spans) {
            Span before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (before != null
                    && before.replica().equals(span.replica())
                    && before.to() + 1 == span.from()) {
                Span longer = new Span(span.replica(), before.from(), span.to(), span.hash());
                merged.set(merged.size() - 1, longer);
            } else {
                merged.add(span);
            }
        }
        return merged;
    }
}
