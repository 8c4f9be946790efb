package dev.holdfast.core.sync;

import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.replica.Tables;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Session} asks of the tables of an edge. Made for one transaction; an answer of
 * {@link #keep} may be given to the session only once that transaction is flushed.
 */
public final class Intake {
    private static final long STRANGER_PAUSE_MILLIS = 1_000;

    private final ReplicaTables tables;
    private final ReplicaId node;
    private final Durability retainUntil;
    private final List<Long> returned = new ArrayList<>();

    /**
     * Made for one transaction on the tables of {@code node}.
     *
     * @param retainUntil the level up to which it answers for what it took in
     */
    public Intake(ReplicaTables tables, ReplicaId node, Durability retainUntil) {
        this.tables = tables;
        this.node = node;
        this.retainUntil = retainUntil;
    }

    /**
     * What a client is told when it opens a scope. Of its pending operations an edge has those it
     * answers for: what it only took from above may be there no more, and who asks answers for it
     * still, so that he shall send it.
     */
    public Session.Event.Looked look(Message.Subscribe ask, long nowMillis) {
        String scope = ask.scope();
        Context answered = ask.pending().and(tables.unconfirmed(scope));
        Opening opening = Opening.of(tables, node, scope, ask.cursor(), ask.digest(), answered);
        List<Receipt> reached =
                opening.has().isEmpty()
                        ? List.of()
                        : List.of(
                                new Receipt(
                                        node, scope, Durability.EDGE, nowMillis, opening.has()));
        // One may speak of many replicas.
        Set<Receipt.Signed> heard = new LinkedHashSet<>();
        List<Message.Reject> verdicts = new ArrayList<>();
        for (ReplicaId replica : ask.pending().replicas().keySet()) {
            heard.addAll(tables.watermarks(scope, replica));
            for (Verdict verdict : tables.verdicts(scope, replica)) {
                SignedGrant signer = tables.grant(verdict.node());
                if (signer != null) verdicts.add(new Message.Reject(signer, verdict));
            }
        }
        List<Message.Watermark> watermarks = new ArrayList<>();
        for (Receipt.Signed receipt : heard)
            watermarks.add(new Message.Watermark(tables.grant(receipt.receipt().node()), receipt));
        return new Session.Event.Looked(scope, opening, reached, watermarks, List.of(), verdicts);
    }

    /**
     * The first batch of a push that was written under this node's own key and that it does not
     * know; null for none. Its driver then sees to it that the store takes a new key.
     */
    public @Nullable Span stranger(Session.Action.Keep keep) {
        return new OwnKey(tables, node).strangerAmong(keep.scope(), keep.batches());
    }

    /**
     * Applies what was pushed and answers for it from now on, also where it was here: whoever sends
     * it does not know that it is safe. A push with a {@link #stranger} is left alone: it comes
     * again, and is taken once this node goes by another key.
     */
    public Session.Event.Kept keep(Session.Action.Keep keep, long nowMillis) {
        if (stranger(keep) != null) {
            return new Session.Event.Kept(keep.id(), List.of(), List.of(), STRANGER_PAUSE_MILLIS);
        }
        keep.grants().values().forEach(tables::addGranted);
        Applier applier = new Applier(tables, node);
        List<Batch> flushed = new ArrayList<>();
        List<Rejection> refused = new ArrayList<>();
        List<Batch> known = new ArrayList<>();
        for (Batch batch : keep.batches()) {
            switch (applier.apply(batch)) {
                case Applier.Outcome.Applied applied -> {
                    tables.addToOutbox(
                            new FeedItem(applied.head(), batch), Durability.EDGE, nowMillis);
                    flushed.add(batch);
                }
                case Applier.Outcome.Duplicate duplicate -> {
                    known.add(batch);
                    flushed.add(batch);
                }
                case Applier.Outcome.Forked forked -> {
                    tables.quarantine(batch, Rejection.Code.FORK, forked.reason(), nowMillis);
                    refused.add(Admission.refuse(batch, Rejection.Code.FORK, forked.reason()));
                }
            }
        }
        answerAgain(keep.scope(), known, nowMillis);
        return new Session.Event.Kept(keep.id(), flushed, refused, 0);
    }

    private void answerAgain(String scope, List<Batch> known, long nowMillis) {
        List<FeedItem> back = new ArrayList<>();
        Set<ReplicaId> authors = new LinkedHashSet<>();
        for (Batch batch : known) {
            if (answersFor(batch)) continue;
            FeedHead place = tables.placeOf(scope, batch.author(), batch.first());
            if (place == null) continue; // a snapshot brought it, without its bytes
            FeedItem item = new FeedItem(place, batch);
            tables.addToOutbox(item, Durability.EDGE, nowMillis);
            back.add(item);
            authors.add(batch.author());
        }
        Outbox outbox = new Outbox(tables, retainUntil);
        for (ReplicaId author : authors) outbox.hearAgain(scope, author);
        for (FeedItem item : back) if (answersFor(item.batch())) returned.add(item.head().number());
    }

    private boolean answersFor(Batch batch) {
        return Outbox.answersFor(tables, batch.scope(), Span.of(batch));
    }

    /**
     * The feed numbers of what {@link #keep} put back into the outbox, which a link may have passed
     * already.
     */
    public List<Long> returned() {
        return returned;
    }

    /** A page of an edge's feed, with the grants of its authors. */
    public static Session.Event.FeedRead read(Tables tables, Session.Action.ReadFeed read) {
        return page(tables, read, false);
    }

    /** A page of a region's feed, with all that it has applied of the authors. */
    public static Session.Event.FeedRead readApplied(Tables tables, Session.Action.ReadFeed read) {
        return page(tables, read, true);
    }

    private static Session.Event.FeedRead page(
            Tables tables, Session.Action.ReadFeed read, boolean applied) {
        List<FeedItem> items =
                Limits.fitting(tables.feedAfter(read.scope(), read.after(), read.maxBytes()));
        Set<ReplicaId> authors = new LinkedHashSet<>();
        for (FeedItem item : items) authors.add(item.batch().author());
        Map<ReplicaId, Granted> grants = new HashMap<>();
        for (ReplicaId author : authors) {
            Granted granted = tables.granted(author);
            if (granted != null) grants.put(author, granted);
        }
        List<Span> spans = applied ? Opening.all(tables, read.scope(), authors) : List.of();
        return new Session.Event.FeedRead(
                read.scope(), items, grants, spans, List.of(), new Context());
    }
}
