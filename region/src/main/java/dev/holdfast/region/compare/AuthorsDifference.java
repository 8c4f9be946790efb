package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.store.Inspection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
        List<ReplicaId> differing = new ArrayList<>();
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
                differing.add(mine.replica());
                here.advance();
            }
            if (order >= 0 && theirs != null) {
                if (order > 0) differing.add(theirs.replica());
                there.advance();
            }
        }
        for (ReplicaId author : differing) difference.author(regions, scope, author);
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

    private static int order(Inspection.@Nullable Known mine, Inspection.@Nullable Known theirs) {
        if (mine == null) return 1;
        return theirs == null ? -1 : mine.replica().compareTo(theirs.replica());
    }

    /** Range by range: what is the same on both sides is passed over by its digest. */
    private void author(Map<Side, Asked> regions, String scope, ReplicaId replica)
            throws IOException, InterruptedException {
        Kept here = new Kept(get(regions, Side.HERE));
        Kept there = new Kept(get(regions, Side.THERE));
        long upTo = 0;
        do {
            long after = upTo;
            Inspection.Chain mine =
                    here.ask(new Question.Chain(scope, replica, after, Limits.MAX_SEQ, false));
            upTo = mine.last() > 0 ? mine.last() : Limits.MAX_SEQ;
            Inspection.Chain theirs =
                    there.ask(new Question.Chain(scope, replica, after, upTo, false));
            if (theirs.last() > 0) {
                if (theirs.last() <= after)
                    throw new MalformedException("batches before those that were asked for");
                upTo = theirs.last();
                mine = here.ask(new Question.Chain(scope, replica, after, upTo, false));
            }
            here.take(mine);
            there.take(theirs);
            if (mine.digest().equals(theirs.digest())) continue;
            Question.Chain each = new Question.Chain(scope, replica, after, upTo, true);
            here.list(here.ask(each));
            there.list(there.ask(each));
        } while (upTo < Limits.MAX_SEQ);
        // Only where both keep something under a number, and not the same.
        forked.put(replica, common(here.coveredOtherThan(there), there.coveredOtherThan(here)));
        differ(Side.HERE, replica, here, there);
        differ(Side.THERE, replica, there, here);
    }

    private void differ(Side side, ReplicaId replica, Kept own, Kept others) {
        lacking(side).put(replica, others.seen.minus(own.seen).minus(own.unseen));
        unseen(side).put(replica, own.unseen);
        unkept(side).put(replica, common(own.unkept, others.covered()));
    }

    /** What a region has of one author; of batches, those in ranges that differ. */
    private static final class Kept {
        private final Asked region;
        private final Map<Bytes, Inspection.Link> batches = new HashMap<>();
        Intervals seen = Intervals.NONE;
        Intervals unseen = Intervals.NONE;
        Intervals unkept = Intervals.NONE;

        Kept(Asked region) {
            this.region = region;
        }

        Inspection.Chain ask(Question.Chain question) throws IOException, InterruptedException {
            return region.ask(question);
        }

        /** Each range is of one moment, and judged by what was seen at that moment. */
        void take(Inspection.Chain range) {
            seen = range.seen();
            unseen = unseen.union(range.unseen());
            unkept = unkept.union(range.unkept());
        }

        void list(Inspection.Chain range) {
            for (Inspection.Link link : range.links()) batches.put(link.hash(), link);
        }

        Intervals covered() {
            return coveredOtherThan(Set.of());
        }

        /** What is covered here by batches that the other does not have. */
        Intervals coveredOtherThan(Kept other) {
            return coveredOtherThan(other.batches.keySet());
        }

        private Intervals coveredOtherThan(Set<Bytes> others) {
            Intervals own = Intervals.NONE;
            for (var batch : batches.entrySet()) {
                Inspection.Link link = batch.getValue();
                if (!others.contains(batch.getKey())) own = own.with(link.first(), link.last());
            }
            return own;
        }
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
