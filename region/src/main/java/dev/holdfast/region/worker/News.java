package dev.holdfast.region.worker;

import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Rejection;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to tell of a scope once the transaction that made it true is committed. Whoever misses it
 * finds the same in the database.
 *
 * @param head of the feed, if it grew
 * @param applied of every author that had a part, all that is applied now: the newest is enough
 * @param refused batches that went to quarantine
 */
public record News(
        String scope, @Nullable FeedHead head, List<Span> applied, List<Rejection> refused) {
    public News {
        applied = List.copyOf(applied);
        refused = List.copyOf(refused);
    }

    /**
     * The same, author by author: a receipt must say all about an author, since who keeps only the
     * newest one must lose nothing by it.
     */
    public Collection<List<Span>> appliedByAuthor() {
        return Span.byReplica(applied).values();
    }
}
