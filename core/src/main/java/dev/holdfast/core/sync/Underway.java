package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Span;
import java.util.HashMap;
import java.util.HashSet;
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

    /** On their way, by feed number. */
    private final TreeMap<Long, Batch> batches = new TreeMap<>();

    /**
     * By hash: those, and what was on its way at a pause. That may have been taken all the same:
     * its answer is out. No more than one window holds, since it is sent again before what follows.
     */
    private final Map<Bytes, Sent> byHash = new HashMap<>();

    private record Sent(long number, Batch batch) {}

    boolean isEmpty() {
        return batches.isEmpty();
    }

    /** Puts a batch on its way; false where it is already, or the server has judged it. */
    boolean send(long number, Batch batch) {
        if (isSettled(batch)) {
            byHash.remove(batch.hash());
            return false;
        }
        byHash.put(batch.hash(), new Sent(number, batch));
        return batches.putIfAbsent(number, batch) == null;
    }

    /** The server says that it has {@code spans}; answers the bytes that this frees. */
    long answered(List<Span> spans) {
        long freed = 0;
        for (Span span : spans) {
            Sent sent = byHash.get(span.hash());
            long to = span.to();
            while (sent != null && isWithin(span, to, sent.batch())) {
                Batch batch = sent.batch();
                there.add(batch.author(), batch.first(), batch.last());
                freed += land(sent);
                to = batch.first() - 1;
                sent = byHash.get(batch.body().previous());
            }
        }
        return freed;
    }

    /** Whether {@code batch} is the one of {@code span}'s that ends at {@code to}. */
    private static boolean isWithin(Span span, long to, Batch batch) {
        return batch.last() == to && span.contains(Span.of(batch));
    }

    /** The server has {@code spans}, and the store says that these are its own bytes. */
    long has(List<Span> spans) {
        boolean isNews = false;
        for (Span span : spans) {
            if (there.of(span.replica()).contains(span.from(), span.to())) continue;
            there.add(span.replica(), span.from(), span.to());
            isNews = true;
        }
        return isNews ? settled() : 0;
    }

    /** The batch that {@code span} names, if it is on its way or may have been taken. */
    @Nullable Batch find(Span span) {
        Sent sent = byHash.get(span.hash());
        return sent != null && Span.of(sent.batch()).equals(span) ? sent.batch() : null;
    }

    /** The server refused the batch that {@code span} names. */
    long refused(Span span) {
        if (refused.size() < MOST_REFUSED) refused.add(span.hash());
        Sent sent = byHash.get(span.hash());
        return sent == null ? 0 : land(sent);
    }

    /** {@code batch} goes to the server once more, whatever that said of it. */
    void forget(Batch batch) {
        refused.remove(batch.hash());
        Intervals numbers = Intervals.of(batch.first(), batch.last());
        there.put(batch.author(), there.of(batch.author()).minus(numbers));
    }

    /** Is on its way no more; answers the bytes that this frees. */
    private long land(Sent sent) {
        byHash.remove(sent.batch().hash());
        return batches.remove(sent.number()) == null ? 0 : sent.batch().sizeBytes();
    }

    private long settled() {
        long freed = 0;
        for (Sent sent : List.copyOf(byHash.values()))
            if (isSettled(sent.batch())) freed += land(sent);
        return freed;
    }

    /** The lowest number after {@code number} that is on its way; null for none. */
    @Nullable Long lowestAfter(long number) {
        return batches.higherKey(number);
    }

    /** Nothing that was on its way counts as taken: it is sent again, unless its answer comes. */
    void pause() {
        batches.clear();
    }

    private boolean isSettled(Batch batch) {
        return refused.contains(batch.hash())
                || there.of(batch.author()).contains(batch.first(), batch.last());
    }
}
