package dev.holdfast.edge;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.sync.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What was committed lately, decoded as it came: nearly every reader of a live feed wants just
 * that, and would else read and decode it once more each. A table with one place per scope and
 * number, modulo its size; what is not there any more is in the store. Thread-safe.
 */
final class RecentFeed {
    private static final int PLACES = 2_048;

    /** Larger ones are seldom, and would make this large. */
    private static final int MAX_BYTES = 32 << 10;

    private final AtomicReferenceArray<@Nullable Kept> places = new AtomicReferenceArray<>(PLACES);

    private record Kept(FeedItem item, Granted author) {
        boolean isAt(String scope, long number) {
            return item.head().number() == number && item.batch().scope().equals(scope);
        }
    }

    /**
     * Remembers batches that are committed and follow each other in the feed.
     *
     * @param before the head before the first of them
     * @param after the head behind the last; where they do not lead there, nothing is remembered
     */
    void add(FeedHead before, List<Batch> batches, FeedHead after, Map<ReplicaId, Granted> grants) {
        List<Kept> all = new ArrayList<>(batches.size());
        FeedHead head = before;
        for (Batch batch : batches) {
            head = head.next(batch.hash());
            Granted author = grants.get(batch.author());
            if (author == null) return;
            all.add(new Kept(new FeedItem(head, batch), author));
        }
        if (!head.equals(after)) return;
        for (Kept kept : all) {
            Batch batch = kept.item().batch();
            if (batch.sizeBytes() <= MAX_BYTES)
                places.set(place(batch.scope(), kept.item().head().number()), kept);
        }
    }

    /** A page, if its first item is remembered; else null. */
    Session.Event.@Nullable FeedRead read(Session.Action.ReadFeed ask) {
        List<FeedItem> items = new ArrayList<>();
        Map<ReplicaId, Granted> grants = new HashMap<>();
        int bytes = 0;
        for (long number = ask.after() + 1; bytes < ask.maxBytes(); number++) {
            Kept kept = places.get(place(ask.scope(), number));
            if (kept == null || !kept.isAt(ask.scope(), number)) break;
            Batch batch = kept.item().batch();
            bytes += batch.sizeBytes();
            items.add(kept.item());
            grants.merge(batch.author(), kept.author(), Granted::with);
        }
        return items.isEmpty()
                ? null
                : new Session.Event.FeedRead(
                        ask.scope(), items, grants, List.of(), List.of(), new Context());
    }

    private static int place(String scope, long number) {
        return Math.floorMod(scope.hashCode() * 31L + number, PLACES);
    }
}
