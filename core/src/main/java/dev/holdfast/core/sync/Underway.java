package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Span;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which batches of one scope are on their way to the server, and which need not go: a part of
 * {@link Outgoing}.
 *
 * <p>A batch counts as there by its bytes, never by its numbers: where a key was copied, the server
 * may have another branch, and must be shown this one to refuse it. What is on its way is compared
 * here, back from the end of a span by the hash that each batch names of the one before it; of all
 * else the store says what of a span are its own bytes, since it has the chains.
 */
final class Underway {
    /** What a server may make this node remember of refusals; beyond, it is shown them again. */
    private static final int MOST_REFUSED = 10_000;

    /** What of this node's own bytes the server is known to have. */
    private final Context there = new Context();

    private final Set<Bytes> refused = new HashSet<>();

    /** By feed number. */
    private final TreeMap<Long, Batch> batches = new TreeMap<>();

    /** Were on their way at a pause, and may have been taken all the same: the answer is out. */
    private final Map<Long, Batch> unsure = new HashMap<>();

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** Puts a batch on its way; false where it is already, or the server has judged it. */
    boolean send(long number, Batch batch) {
        unsure.remove(number);
        return !isSettled(batch) && batches.putIfAbsent(number, batch) == null;
    }

    /** The server says that it has {@code spans}; answers the bytes that this frees. */
    long answered(List<Span> spans) {
        Map<Dot, Batch> byEnd = new HashMap<>();
        for (Batch batch : unsure.values()) byEnd.put(new Dot(batch.author(), batch.last()), batch);
        for (Batch batch : batches.values())
            byEnd.put(new Dot(batch.author(), batch.last()), batch);
        for (Span span : spans) {
            Bytes hash = span.hash();
            long to = span.to();
            while (to >= span.from()) {
                Batch batch = byEnd.get(new Dot(span.replica(), to));
                if (batch == null || !batch.hash().equals(hash)) break;
                if (batch.first() < span.from()) break;
                there.add(batch.author(), batch.first(), batch.last());
                hash = batch.body().previous();
                to = batch.first() - 1;
            }
        }
        return settled();
    }

    /** The server has {@code spans}, and the store says that these are its own bytes. */
    long has(List<Span> spans) {
        for (Span span : spans) there.add(span.replica(), span.from(), span.to());
        return settled();
    }

    /** The batch that {@code span} names, if it is on its way or may have been taken. */
    @Nullable Batch find(Span span) {
        for (Collection<Batch> some : List.of(batches.values(), unsure.values())) {
            for (Batch batch : some) if (Span.of(batch).equals(span)) return batch;
        }
        return null;
    }

    /** The server refused the batch that {@code span} names. */
    long refused(Span span) {
        if (refused.size() < MOST_REFUSED) refused.add(span.hash());
        return settled();
    }

    private long settled() {
        long freed = 0;
        for (Iterator<Batch> all = batches.values().iterator(); all.hasNext(); ) {
            Batch batch = all.next();
            if (!isSettled(batch)) continue;
            freed += batch.sizeBytes();
            all.remove();
        }
        return freed;
    }

    /** The lowest number after {@code number} that is on its way; null for none. */
    @Nullable Long lowestAfter(long number) {
        return batches.higherKey(number);
    }

    /** Nothing that was on its way counts as taken: it is sent again, unless its answer comes. */
    void pause() {
        unsure.putAll(batches);
        batches.clear();
    }

    private boolean isSettled(Batch batch) {
        return refused.contains(batch.hash())
                || there.of(batch.author()).contains(batch.first(), batch.last());
    }
}
