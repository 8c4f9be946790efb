package dev.holdfast.region.mirror;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.compare.Asked;
import dev.holdfast.region.compare.Question;
import dev.holdfast.region.store.Inspection;
import dev.holdfast.region.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks how far this region is behind another one, also while the link rests: asks the peer for its
 * feeds' heads, and for what is in them after the last place up to which all is known to be applied
 * here.
 *
 * <p>A cursor alone would not tell. What of a feed came from here is not sent, and the cursor moves
 * over it now and then only; and what a cursor is past may wait in this region's log. So each batch
 * after the place is looked up in this region's contexts. Not thread-safe.
 */
final class LagWatch {
    static final Duration INTERVAL = Duration.ofSeconds(3);

    /** Pages of feeds in one look; more than is in them is told as "at least". */
    private static final int PAGES = 20;

    private static final int MOST_SCOPES = 20_000;

    private final Asked peer;
    private final Inspection here;
    private final MirrorMeters meters;
    private final InstantSource clock;

    /** Per scope, up to where all of the peer's feed is applied here. */
    private final Map<String, Long> places = new HashMap<>();

    private @Nullable ReplicaId node;

    LagWatch(Asked peer, Inspection here, MirrorMeters meters, InstantSource clock) {
        this.peer = peer;
        this.here = here;
        this.meters = meters;
        this.clock = clock;
    }

    void look() throws InterruptedException {
        meters.lags(lag());
    }

    private Lag lag() throws InterruptedException {
        try {
            return new Look().all();
        } catch (IOException | StoreException | MalformedException e) {
            return new Lag.Unknown(clock.instant(), String.valueOf(e.getMessage()));
        }
    }

    /** One look at all scopes. */
    private final class Look {
        private long operations;
        private long batches;
        private long oldestMillis;
        private boolean exact = true;
        private int pages = PAGES;

        Lag all() throws IOException, InterruptedException {
            Map<String, Long> followed = Map.of();
            String after = "";
            int scopes = 0;
            do {
                Question.ScopesOf page =
                        peer.ask(new Question.Scopes(after, Inspection.Depth.NONE));
                if (after.isEmpty()) {
                    // Another key, and so another feed.
                    if (!page.node().equals(node)) places.clear();
                    node = page.node();
                    followed = here.followed(page.node());
                }
                for (Inspection.ScopeFound scope : page.scopes().found()) {
                    long start = followed.getOrDefault(scope.name(), 0L);
                    long place = places.computeIfAbsent(scope.name(), _ -> start);
                    if (scope.number() > place) scope(scope.name(), place);
                }
                scopes += page.scopes().found().size();
                after = page.scopes().next();
                exact &= after.isEmpty() || scopes < MOST_SCOPES;
            } while (!after.isEmpty() && scopes < MOST_SCOPES);
            return new Lag.Known(
                    clock.instant(),
                    operations,
                    batches,
                    exact,
                    oldestMillis > 0
                            ? Optional.of(Duration.ofMillis(oldestMillis))
                            : Optional.empty());
        }

        private void scope(String name, long place) throws IOException, InterruptedException {
            long after = place;
            boolean all = true;
            while (pages-- > 0) {
                Inspection.Feed page = peer.ask(new Question.Feed(name, after));
                Context dots = new Context();
                for (Inspection.Passed passed : page.passed())
                    dots.add(passed.replica(), passed.first(), passed.last());
                Context lacking = here.lacking(name, dots);
                for (Inspection.Passed passed : page.passed()) {
                    after = passed.number();
                    if (lacking.of(passed.replica()).overlaps(passed.first(), passed.last())) {
                        all = false;
                        operations += passed.last() - passed.first() + 1;
                        batches++;
                        if (passed.appliedMillis() >= 0)
                            oldestMillis =
                                    Math.max(
                                            oldestMillis,
                                            page.nowMillis() - passed.appliedMillis());
                    } else if (all) places.put(name, after);
                }
                if (page.passed().isEmpty() || after >= page.head()) return;
            }
            exact = false;
        }
    }
}
