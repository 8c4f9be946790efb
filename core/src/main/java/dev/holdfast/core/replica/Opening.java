package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a node finds in its tables when a peer opens a scope.
 *
 * @param start where the peer's cursor stands in this feed; null if that is not known here
 * @param head the feed's head
 * @param sameContext whether the peer has exactly what this node has
 * @param ranges digests of this node's context by range, for a peer that has something else; else
 *     empty
 * @param has what this node has of the peer's pending operations
 */
public record Opening(
        @Nullable FeedHead start,
        FeedHead head,
        boolean sameContext,
        List<Bytes> ranges,
        List<Span> has) {

    /**
     * Looks {@code cursor} up in the feed of {@code node}, and compares contexts only where it
     * must.
     */
    public static Opening of(
            Tables tables,
            ReplicaId node,
            String scope,
            @Nullable Cursor cursor,
            Bytes digest,
            Context pending) {
        FeedHead head = tables.feedHead(scope);
        List<Span> has = spans(tables, scope, pending);
        if (cursor != null
                && cursor.node().equals(node)
                && isOurs(tables, scope, cursor.head(), head)) {
            return new Opening(cursor.head(), head, false, List.of(), has);
        }
        // A peer with nothing starts at the beginning; there is nothing to compare.
        if (digest.size() == 0) return new Opening(FeedHead.START, head, false, List.of(), has);
        Context context = tables.context(scope);
        if (context.digest().equals(digest)) return new Opening(head, head, true, List.of(), has);
        List<Bytes> ranges = new ArrayList<>(Context.RANGES);
        for (int range = 0; range < Context.RANGES; range++) ranges.add(context.rangeDigest(range));
        return new Opening(null, head, false, ranges, has);
    }

    /** What the tables have of {@code asked}, as spans that end where a batch ends. */
    public static List<Span> spans(Tables tables, String scope, Context asked) {
        List<Span> spans = new ArrayList<>();
        for (var entry : asked.replicas().entrySet()) {
            ReplicaId replica = entry.getKey();
            Intervals here = tables.context(scope, replica);
            Intervals both = entry.getValue().minus(entry.getValue().minus(here));
            for (int i = 0; i < both.count() && spans.size() < Limits.SPANS_PER_MESSAGE; i++) {
                BatchHead last = tables.batchTo(scope, replica, both.to(i));
                if (last != null)
                    spans.add(new Span(replica, both.from(i), both.to(i), last.hash()));
            }
        }
        return spans;
    }

    /**
     * All that the tables have of {@code replicas}: what a watermark says, so that the newest one
     * about a replica is enough.
     */
    public static List<Span> all(Tables tables, String scope, Set<ReplicaId> replicas) {
        Context asked = new Context();
        for (ReplicaId replica : replicas) asked.put(replica, tables.context(scope, replica));
        return spans(tables, scope, asked);
    }

    /** The whole interval of {@code replica} that holds {@code seq}. */
    public static @Nullable Span whole(Tables tables, String scope, ReplicaId replica, long seq) {
        for (Span span : all(tables, scope, Set.of(replica))) {
            if (seq >= span.from() && seq <= span.to()) return span;
        }
        return null;
    }

    private static boolean isOurs(Tables tables, String scope, FeedHead place, FeedHead head) {
        if (place.number() == 0) return true;
        if (place.number() > head.number()) return false;
        return place.hash().equals(tables.feedHash(scope, place.number()));
    }
}
