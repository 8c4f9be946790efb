package dev.holdfast.region;

import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import dev.holdfast.region.worker.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what other processes of the region applied and refused, for the scopes that are
 * followed here: each look asks the database for their heads and for what was quarantined lately.
 * What this process did itself is told at once and only seen again here. Not thread-safe.
 */
final class FeedWatch {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(FeedWatch.class);

    /** What may have come between a new follower's own look and the first one here. */
    private static final int MOMENT_BATCHES = 200;

    /** More refusals between two looks are not told live, but when their authors come again. */
    private static final int MOMENT_REFUSALS = 1_000;

    private final Transactor store;
    private final Hub hub;
    private final Consumer<News> listener;

    /** Heads as last told; of followed scopes only, so it is as large as what is followed. */
    private final Map<String, FeedHead> told = new HashMap<>();

    /** Of those that the last look saw. */
    private Set<Rejection> refusalsTold = Set.of();

    FeedWatch(Transactor store, Hub hub, Consumer<News> listener) {
        this.store = store;
        this.hub = hub;
        this.listener = listener;
    }

    void look() {
        Set<String> followed = hub.followed();
        told.keySet().retainAll(followed);
        if (followed.isEmpty()) return;
        try {
            for (News news : news(followed)) {
                listener.accept(news);
                if (news.head() != null) told.put(news.scope(), news.head());
            }
            List<Rejection> refused =
                    store.read(tables -> tables.latelyQuarantined(followed, MOMENT_REFUSALS));
            for (Rejection one : refused) {
                if (!refusalsTold.contains(one)) listener.accept(refusal(one));
            }
            refusalsTold = Set.copyOf(refused);
        } catch (StoreException e) {
            LOG.debug("the feeds cannot be looked at now", e);
        } catch (RuntimeException e) {
            // Asked again in a moment; who misses it meanwhile finds the same in the database.
            LOG.warn("the feeds of {} scopes could not be told", followed.size(), e);
        }
    }

    private static News refusal(Rejection refused) {
        return new News(refused.scope(), null, List.of(), List.of(refused));
    }

    private List<News> news(Set<String> followed) {
        return store.read(tables -> {
            List<News> news = new ArrayList<>();
            for (var entry : tables.feedHeads(followed).entrySet()) {
                String scope = entry.getKey();
                FeedHead head = entry.getValue();
                FeedHead before = told.get(scope);
                if (head.equals(before)) continue;
                // Who began to follow has looked for himself, a moment ago.
                long since =
                        before == null
                                ? Math.max(0, head.number() - MOMENT_BATCHES)
                                : before.number();
                Set<ReplicaId> authors = tables.authorsAfter(scope, since, head.number());
                List<Span> applied = Opening.all(tables, scope, authors);
                news.add(new News(scope, head, applied, List.of()));
            }
            return news;
        });
    }
}
