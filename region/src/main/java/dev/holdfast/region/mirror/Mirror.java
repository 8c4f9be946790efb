package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.sync.Session;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.Transactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a region's {@link Uplink} towards another region asks of this one. A region pulls: it
 * follows the feeds of the other, as an edge does, and what is new to it goes into its own log,
 * from where its workers apply it like any push. So it takes in no faster than it can, an operation
 * is applied once by whatever ways it came, and a relay is a region like another.
 *
 * <p>The other side says with each page what it has applied of the page's authors: with that an
 * operation becomes GLOBAL, and is not sent back to where it is.
 *
 * <p>No thread and no waiting but for log and database. Thread-safe.
 */
public final class Mirror {
    private static final int PAGE_SCOPES = 1_000;

    /** Some two hundred bytes each. */
    private static final int RECENT_BATCHES = 20_000;

    private final ReplicaId self;
    private final Ingest ingest;
    private final Transactor tables;
    private final Copies copies;
    private final RecentlyTaken taken = new RecentlyTaken(RECENT_BATCHES);

    public Mirror(ReplicaId self, Ingest ingest, Transactor tables, Copies copies) {
        this.self = self;
        this.ingest = ingest;
        this.tables = tables;
        this.copies = copies;
    }

    /** What became of a page. */
    public sealed interface Taken {
        /**
         * It is in the log, and the cursor is kept.
         *
         * @param same of it, what was applied here before
         */
        record Kept(List<Span> same) implements Taken {}

        /** Nothing of it counts: the session is to end, and to begin anew after this. */
        record Later(Duration pause) implements Taken {}
    }

    /**
     * Scopes that this region has anything of or follows elsewhere, by name: as many as a session
     * may follow, and one more to tell that there are more.
     */
    public List<String> scopes() {
        List<String> all = new ArrayList<>();
        String after = "";
        while (all.size() <= Limits.SCOPES_PER_SESSION) {
            String last = after;
            List<String> page = tables.read(t -> t.scopes(last, PAGE_SCOPES));
            all.addAll(page);
            if (page.size() < PAGE_SCOPES) break;
            after = page.getLast();
        }
        return all;
    }

    /** Remembers that {@code region} has the scope, so that whoever follows it follows that too. */
    public void heard(String scope, ReplicaId region) {
        boolean known =
                tables.read(
                        t -> t.feedHead(scope).number() > 0 || t.followed(scope, region) != null);
        if (known) return;
        tables.write(t -> {
            t.putFollowed(scope, region, FeedHead.START);
            return true;
        });
    }

    /** What to say to {@code region} when the scope is subscribed to. */
    public Uplink.ScopeState state(String scope, ReplicaId region) {
        return tables.read(t -> {
            FeedHead place = t.followed(scope, region);
            Context context = t.context(scope);
            return new Uplink.ScopeState(
                    scope,
                    place == null || place.equals(FeedHead.START)
                            ? null
                            : new Cursor(region, place),
                    context.isEmpty() ? Bytes.EMPTY : context.digest(),
                    new Context(),
                    context.of(self),
                    t.feedHead(scope).number());
        });
    }

    /** Puts what is new of a page into the log, and then keeps the cursor. */
    public Taken store(Uplink.Action.Store store) {
        String scope = store.scope();
        List<Batch> fresh = new ArrayList<>();
        List<Span> same = new ArrayList<>();
        tables.read(t -> {
            for (Batch batch : store.batches()) {
                if (isHere(t, batch)) same.add(Span.of(batch));
                else fresh.add(batch);
            }
            return true;
        });
        // Before it can be applied, and so be in the feed.
        taken.add(store.cursor().node(), store.batches());
        if (!fresh.isEmpty()) {
            Session.Event.Kept kept =
                    ingest.keep(new Session.Action.Keep(0, scope, fresh, store.grants(), Map.of()));
            if (kept.pauseMillis() > 0)
                return new Taken.Later(Duration.ofMillis(kept.pauseMillis()));
        }
        tables.write(t -> {
            t.putFollowed(scope, store.cursor().node(), store.cursor().head());
            return true;
        });
        return new Taken.Kept(same);
    }

    private static boolean isHere(RegionTables tables, Batch batch) {
        BatchHead last = tables.batchTo(batch.scope(), batch.author(), batch.last());
        return last != null && last.hash().equals(batch.hash());
    }

    /**
     * Takes another region's word for what it has applied.
     *
     * @return what is GLOBAL of those authors now, to be told
     */
    public List<Span> believe(Receipt receipt) {
        if (!receipt.level().reaches(Durability.APPLIED) || receipt.node().equals(self))
            return List.of();
        String scope = receipt.scope();
        Map<ReplicaId, List<Span>> said = Span.byReplica(receipt.spans());
        tables.write(t -> {
            said.forEach((author, spans) -> t.putElsewhere(scope, author, receipt.node(), spans));
            return true;
        });
        // After it is committed, as a worker looks after its own commit: else both could look
        // before either, and nobody would tell.
        return tables.read(t -> copies.global(t, scope, said.keySet()));
    }

    /** A page for {@code region}, which need not be sent what came from there a moment ago. */
    Session.Event.FeedRead without(Session.Event.FeedRead page, ReplicaId region) {
        Context known = new Context();
        known.addAll(page.has());
        for (FeedItem item : page.items()) {
            Batch batch = item.batch();
            if (taken.isFrom(region, batch)) known.add(batch.author(), batch.first(), batch.last());
        }
        return page.knownToHave(known);
    }

    /** The answer to digests of the other region. */
    public Comparison differences(Uplink.Action.Differences asked) {
        return tables.read(t -> Comparison.with(asked.digests(), t.context(asked.scope())));
    }
}
