package dev.holdfast.region.store;

import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Opening;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Of which operations this region knows that other regions have applied the very same bytes. What
 * another region says counts from where its chain of batches meets this region's own: a region that
 * got a copied key's other branch speaks of other operations under the same numbers.
 *
 * @param wanted in how many regions, this one included, an operation is applied to be GLOBAL; 1
 *     where there is no other region, and then nothing ever is
 */
public record Copies(int wanted) {
    /** One region and no other. */
    public static final Copies NONE = new Copies(1);

    public Copies {
        if (wanted < 1) throw new IllegalArgumentException("a region is one copy at least");
    }

    public boolean isMirrored() {
        return wanted > 1;
    }

    /**
     * All of these authors' operations that are GLOBAL: the newest word about an author is enough.
     */
    public List<Span> global(RegionTables tables, String scope, Collection<ReplicaId> authors) {
        if (!isMirrored() || authors.isEmpty()) return List.of();
        Map<ReplicaId, List<Span>> said = tables.elsewhere(scope, authors);
        if (said.size() < wanted - 1) return List.of();
        // By the number of other regions that have them at least, less one.
        List<Context> in = new ArrayList<>();
        for (int i = 1; i < wanted; i++) in.add(new Context());
        for (List<Span> spans : said.values()) {
            Context same = same(tables, scope, spans);
            for (int i = in.size() - 1; i > 0; i--) in.get(i).addAll(both(in.get(i - 1), same));
            in.getFirst().addAll(same);
        }
        return Opening.spans(tables, scope, in.getLast());
    }

    /** What {@code region} is known to have of these authors, of what this region has. */
    public Context of(
            RegionTables tables, String scope, ReplicaId region, Collection<ReplicaId> authors) {
        if (!isMirrored() || authors.isEmpty()) return new Context();
        return same(
                tables, scope, tables.elsewhere(scope, authors).getOrDefault(region, List.of()));
    }

    private static Context same(RegionTables tables, String scope, List<Span> spans) {
        Context same = new Context();
        for (Span span : spans.subList(0, Math.min(spans.size(), Limits.SPANS_PER_MESSAGE))) {
            BatchHead last = tables.batchTo(scope, span.replica(), span.to());
            // Where this region has not come so far yet, it counts once it has.
            if (last == null || !last.hash().equals(span.hash())) continue;
            Intervals both = connected(tables.context(scope, span.replica()), span);
            same.put(span.replica(), same.of(span.replica()).union(both));
        }
        return same;
    }

    /**
     * The part of a span that its hash vouches for: before a gap here there may be another branch
     * than the one that the other region speaks of.
     */
    private static Intervals connected(Intervals here, Span span) {
        for (int i = 0; i < here.count(); i++) {
            if (here.from(i) <= span.to() && span.to() <= here.to(i))
                return Intervals.of(Math.max(here.from(i), span.from()), span.to());
        }
        return Intervals.NONE;
    }

    private static Context both(Context one, Context other) {
        Context both = new Context();
        one.replicas()
                .forEach((replica, intervals) ->
                        both.put(replica, common(intervals, other.of(replica))));
        return both;
    }

    private static Intervals common(Intervals one, Intervals other) {
        return one.minus(one.minus(other));
    }
}
