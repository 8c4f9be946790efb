package dev.holdfast.region.ingest;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What this process appended to the log and has not seen judged yet, so that a client that comes
 * again need not push it again. Bounded: the oldest is forgotten first, and then only pushed once
 * more. Thread-safe.
 */
final class RecentAppends {
    private record Author(String scope, ReplicaId replica) {}

    private final int batchesMax;
    private final Map<Author, List<Span>> spans = new LinkedHashMap<>();
    private int batches;

    RecentAppends(int batchesMax) {
        this.batchesMax = batchesMax;
    }

    synchronized void appended(List<Batch> appended) {
        for (Batch batch : appended) {
            List<Span> known =
                    spans.computeIfAbsent(
                            new Author(batch.scope(), batch.author()), none -> new ArrayList<>());
            Span span = Span.of(batch);
            if (known.contains(span)) continue;
            known.add(span);
            batches++;
        }
        Iterator<List<Span>> oldest = spans.values().iterator();
        while (batches > batchesMax && oldest.hasNext()) {
            batches -= oldest.next().size();
            oldest.remove();
        }
    }

    /** Forgets what is applied: the database says so from now on. */
    synchronized void applied(String scope, List<Span> applied) {
        for (Span done : applied)
            forget(scope, done, span -> span.from() >= done.from() && span.to() <= done.to());
    }

    /**
     * Forgets what was refused: whoever comes while the database is away cannot be told of that,
     * must push it again, and is told then.
     */
    synchronized void refused(String scope, Span refused) {
        forget(scope, refused, refused::equals);
    }

    private void forget(String scope, Span done, Predicate<Span> these) {
        Author author = new Author(scope, done.replica());
        List<Span> known = spans.get(author);
        if (known == null) return;
        int before = known.size();
        known.removeIf(these);
        batches -= before - known.size();
        if (known.isEmpty()) spans.remove(author);
    }

    /** What of the pending operations is in the log. */
    synchronized List<Span> of(String scope, Context pending) {
        List<Span> found = new ArrayList<>();
        pending.replicas()
                .forEach((replica, intervals) -> {
                    for (Span span : spans.getOrDefault(new Author(scope, replica), List.of())) {
                        if (intervals.overlaps(span.from(), span.to())) found.add(span);
                    }
                });
        return found;
    }
}
