package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.store.Inspection;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * In what the contexts and the kept batches of a scope differ, between two regions and of each with
 * itself. The two are not read at the same moment: what is on its way shows as lacking.
 */
final class AuthorsDifference {
    private static final int MOST_AUTHORS = 10_000;

    private final Map<Side, Context> lacking = sides();
    private final Map<Side, Context> unseen = sides();
    private final Map<Side, Context> unkept = sides();
    private final Context forked = new Context();
    private boolean partial;

    private AuthorsDifference() {}

    /** What it is now. */
    static AuthorsDifference of(Map<Side, Asked> regions, String scope)
            throws IOException, InterruptedException {
        AuthorsDifference difference = new AuthorsDifference();
        TreeMap<ReplicaId, Map<Side, Inspection.Known>> differing = new TreeMap<>();
        Reader here = new Reader(regions, Side.HERE, scope);
        Reader there = new Reader(regions, Side.THERE, scope);
        while (here.known() != null || there.known() != null) {
            Inspection.Known mine = here.known();
            Inspection.Known theirs = there.known();
            int order = order(mine, theirs);
            if (order == 0 && Objects.equals(mine, theirs)) {
                here.advance();
                there.advance();
                continue;
            }
            if (differing.size() >= MOST_AUTHORS) {
                difference.partial = true;
                break;
            }
            if (order <= 0 && mine != null) {
                put(differing, Side.HERE, mine);
                here.advance();
            }
            if (order >= 0 && theirs != null) {
                put(differing, Side.THERE, theirs);
                there.advance();
            }
        }
        for (var author : differing.entrySet())
            difference.author(regions, scope, author.getKey(), author.getValue());
        return difference;
    }

    /** What a side has not seen, and does not keep either, and the other has seen. */
    Context lacking(Side side) {
        return get(lacking, side);
    }

    /** What a side keeps the batches of, and has not seen. */
    Context unseen(Side side) {
        return get(unseen, side);
    }

    /** What a side has seen and does not keep the batches of, and the other does. */
    Context unkept(Side side) {
        return get(unkept, side);
    }

    /** Of what the sides keep other batches. */
    Context forked() {
        return forked;
    }

    /** Whether there are more authors in whom the regions differ than were looked at. */
    boolean isPartial() {
        return partial;
    }

    /** Whether the two have the same, in good order. */
    boolean isNone() {
        return !partial
                && forked.isEmpty()
                && lacking.values().stream().allMatch(Context::isEmpty)
                && unseen.values().stream().allMatch(Context::isEmpty)
                && unkept.values().stream().allMatch(Context::isEmpty);
    }

    private static int order(Inspection.@Nullable Known mine, Inspection.@Nullable Known theirs) {
        if (mine == null) return 1;
        return theirs == null ? -1 : mine.replica().compareTo(theirs.replica());
    }

    private static void put(
            Map<ReplicaId, Map<Side, Inspection.Known>> differing,
            Side side,
            Inspection.Known known) {
        differing.computeIfAbsent(known.replica(), _ -> new EnumMap<>(Side.class)).put(side, known);
    }

    private void author(
            Map<Side, Asked> regions,
            String scope,
            ReplicaId replica,
            Map<Side, Inspection.Known> known)
            throws IOException, InterruptedException {
        Map<Side, Kept> kept = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            // Of whom a side has nothing, there is nothing to ask it.
            kept.put(
                    side,
                    known.containsKey(side)
                            ? Kept.of(get(regions, side), scope, replica)
                            : new Kept());
        }
        Kept here = get(kept, Side.HERE);
        Kept there = get(kept, Side.THERE);
        // Only where both keep something under a number, and not the same.
        Intervals fork = common(here.coveredOtherThan(there), there.coveredOtherThan(here));
        forked.put(replica, fork);
        for (Side side : Side.values()) {
            Kept own = get(kept, side);
            Kept others = get(kept, side.other());
            lacking(side).put(replica, others.seen.minus(own.seen).minus(own.covered));
            unseen(side).put(replica, own.unseen);
            unkept(side).put(replica, common(own.unkept, others.covered));
        }
    }

    /** What a region has of one author. */
    private static final class Kept {
        /** By their hashes. */
        final Map<Bytes, Inspection.Link> batches = new HashMap<>();

        Intervals seen = Intervals.NONE;
        Intervals covered = Intervals.NONE;
        Intervals unseen = Intervals.NONE;
        Intervals unkept = Intervals.NONE;

        static Kept of(Asked region, String scope, ReplicaId replica)
                throws IOException, InterruptedException {
            Kept kept = new Kept();
            long after = 0;
            long end = 0;
            Inspection.Chain chain;
            do {
                chain = region.ask(new Question.Chain(scope, replica, after));
                // Each page is of one moment, and judged by what was seen at that moment.
                kept.seen = chain.context();
                Intervals page = Intervals.NONE;
                for (Inspection.Link link : chain.links().items()) {
                    kept.batches.put(link.hash(), link);
                    page = page.with(link.first(), link.last());
                    after = link.first();
                }
                long upTo = chain.links().more() ? page.max() : Limits.MAX_SEQ;
                Intervals between = within(chain.context(), end + 1, upTo);
                kept.unkept = kept.unkept.union(between.minus(page));
                kept.unseen = kept.unseen.union(page.minus(chain.context()));
                kept.covered = kept.covered.union(page);
                end = upTo;
            } while (chain.links().more());
            return kept;
        }

        /** What is covered here by batches that the other does not have. */
        Intervals coveredOtherThan(Kept other) {
            Intervals own = Intervals.NONE;
            for (var batch : batches.entrySet()) {
                if (!other.batches.containsKey(batch.getKey()))
                    own =
                            own.union(
                                    Intervals.of(
                                            batch.getValue().first(), batch.getValue().last()));
            }
            return own;
        }
    }

    private static Intervals within(Intervals intervals, long from, long to) {
        return intervals.isEmpty() || from > to
                ? Intervals.NONE
                : common(intervals, Intervals.of(from, to));
    }

    private static Intervals common(Intervals one, Intervals other) {
        return one.minus(one.minus(other));
    }

    private static Map<Side, Context> sides() {
        Map<Side, Context> both = new EnumMap<>(Side.class);
        for (Side side : Side.values()) both.put(side, new Context());
        return both;
    }

    static <T> T get(Map<Side, T> both, Side side) {
        return Objects.requireNonNull(both.get(side));
    }

    /** The authors of a scope in one region, one after the other. */
    private static final class Reader {
        private final Asked region;
        private final String scope;
        private Inspection.Page<Inspection.Known> page;
        private int at;

        Reader(Map<Side, Asked> regions, Side side, String scope)
                throws IOException, InterruptedException {
            this.region = get(regions, side);
            this.scope = scope;
            this.page = region.ask(new Question.Authors(scope, null));
        }

        Inspection.@Nullable Known known() {
            return at < page.items().size() ? page.items().get(at) : null;
        }

        void advance() throws IOException, InterruptedException {
            at++;
            if (at < page.items().size() || !page.more()) return;
            ReplicaId last = page.items().getLast().replica();
            page = region.ask(new Question.Authors(scope, last));
            at = 0;
        }
    }
}
