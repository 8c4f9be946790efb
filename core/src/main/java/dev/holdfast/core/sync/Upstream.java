package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Heard;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Uplink} asks of the tables of a device or an edge. Made for one transaction; its
 * driver, real or simulated, only opens the transactions and carries the answers.
 */
public final class Upstream {
    /** Replicas in one question, and intervals of them. */
    private static final int WONDERED = 100;

    private static final int WONDERED_INTERVALS = 1_000;

    private final ReplicaTables tables;
    private final ReplicaId self;
    private final Grant.Role role;
    private final Durability retainUntil;

    /**
     * A view of {@code tables} for the node that writes as {@code self}.
     *
     * @param role a device or an edge, which speaks for others too
     * @param retainUntil the level up to which it answers for what it took in
     */
    public Upstream(ReplicaTables tables, ReplicaId self, Grant.Role role, Durability retainUntil) {
        this.tables = tables;
        this.self = self;
        this.role = role;
        this.retainUntil = retainUntil;
    }

    /** What to say when the scope is subscribed to. */
    public Uplink.ScopeState state(String scope) {
        Context context = tables.context(scope);
        return new Uplink.ScopeState(
                scope,
                tables.cursor(scope),
                context.isEmpty() ? Bytes.EMPTY : context.digest(),
                asked(scope, context),
                sealed(scope, context),
                tables.feedHead(scope).number());
    }

    /**
     * What this node answers for. An edge whose operations are to be GLOBAL asks about all that it
     * does not know to be: it may have become so while nobody could tell, and a device that comes
     * here waits for the word.
     */
    private Context asked(String scope, Context context) {
        Context asked = tables.unconfirmed(scope);
        if (role != Grant.Role.EDGE || !retainUntil.reaches(Durability.GLOBAL)) return asked;
        for (var author : context.replicas().entrySet()) {
            Intervals left = author.getValue();
            for (Receipt.Signed receipt : tables.watermarks(scope, author.getKey())) {
                if (!receipt.receipt().level().reaches(Durability.GLOBAL)) continue;
                for (Span span : receipt.receipt().spans()) {
                    if (span.replica().equals(author.getKey()))
                        left = left.minus(Intervals.of(span.from(), span.to()));
                }
            }
            asked.put(author.getKey(), asked.of(author.getKey()).union(left));
        }
        return asked;
    }

    /**
     * What others wrote that is not known to be as safe as this node's own must be, to be asked
     * about: of a hundred replicas at most, those after {@code asked.after()} first.
     */
    public Context wonder(Uplink.Action.Wonder asked) {
        String scope = asked.scope();
        Heard heard = new Heard(tables, scope);
        Context about = new Context();
        List<ReplicaId> replicas = new ArrayList<>(tables.context(scope).replicas().keySet());
        ReplicaId after = asked.after();
        int first = 0;
        while (after != null
                && first < replicas.size()
                && replicas.get(first).compareTo(after) <= 0) first++;
        Collections.rotate(replicas, -first);
        for (ReplicaId replica : replicas) {
            if (about.replicas().size() == WONDERED || about.intervals() >= WONDERED_INTERVALS)
                break;
            Intervals left =
                    tables.context(scope, replica)
                            .minus(heard.reached(replica, retainUntil))
                            .minus(tables.unconfirmed(scope, replica));
            if (replica.equals(self) || left.isEmpty()) continue;
            about.put(replica, left.first(WONDERED_INTERVALS));
        }
        return about;
    }

    /**
     * What was sealed under this node's own key: what was not has not left, so nobody could send it
     * back.
     */
    private Intervals sealed(String scope, Context context) {
        var author = tables.author(scope);
        long sealedSeq = author == null ? 0 : author.sealedSeq();
        var unsealed = Intervals.NONE;
        if (context.of(self).max() > sealedSeq)
            unsealed = unsealed.with(sealedSeq + 1, context.of(self).max());
        return context.of(self).minus(unsealed);
    }

    /**
     * A page of the outbox.
     *
     * @param received what this node may sign about when it received the page, the latest time of
     *     all; null for an empty page or one of only its own batches
     */
    public record Page(
            List<OutboxItem> items, Map<ReplicaId, Granted> grants, @Nullable Receipt received) {}

    public Page fetch(Uplink.Action.Fetch fetch) {
        List<OutboxItem> items =
                Limits.fitting(
                        tables.outbox(
                                fetch.scope(), fetch.after(), fetch.upTo(), fetch.maxBytes()));
        Map<ReplicaId, Granted> grants = new HashMap<>();
        List<Batch> others = new ArrayList<>();
        long since = 0;
        for (OutboxItem item : items) {
            ReplicaId author = item.batch().author();
            if (!grants.containsKey(author)) {
                Granted granted = tables.granted(author);
                if (granted != null) grants.put(author, granted);
            }
            if (author.equals(self)) continue;
            others.add(item.batch());
            since = Math.max(since, item.sinceMillis());
        }
        Receipt received =
                others.isEmpty()
                        ? null
                        : new Receipt(self, fetch.scope(), Durability.EDGE, since, Span.of(others));
        return new Page(items, grants, received);
    }

    /**
     * What became of changes or a receipt from above.
     *
     * @param same what of them are bytes that were here before: the node above has those
     * @param cloned whether they hold something written under this node's own key that it does not
     *     know: its store was copied, and it must take a new key before it goes on. Nothing was
     *     changed then.
     */
    public record Taken(Set<DocumentId> changed, List<Span> same, boolean cloned) {
        static final Taken CLONED = new Taken(Set.of(), List.of(), true);
    }

    /** Applies a page of changes and keeps the cursor with it. */
    public Taken store(Uplink.Action.Store store, long nowMillis) {
        if (new OwnKey(tables, self).strangerAmong(store.scope(), store.batches()) != null)
            return Taken.CLONED;
        store.grants().values().forEach(tables::addGranted);
        Applier applier = new Applier(tables, self);
        Set<DocumentId> changed = new HashSet<>();
        List<Span> same = new ArrayList<>();
        Set<ReplicaId> gapped = new HashSet<>();
        for (Batch batch : store.batches()) {
            if (tables.context(batch.scope(), batch.author()).count() > 1)
                gapped.add(batch.author());
            switch (applier.apply(batch)) {
                case Applier.Outcome.Applied applied -> changed.addAll(applied.changed());
                case Applier.Outcome.Duplicate duplicate -> same.add(Span.of(batch));
                case Applier.Outcome.Forked forked ->
                        tables.quarantine(batch, Rejection.Code.FORK, forked.reason(), nowMillis);
            }
        }
        tables.putCursor(store.scope(), store.cursor());
        // What was heard of what lies before a gap counts once the gap is closed.
        Outbox outbox = new Outbox(tables, retainUntil);
        for (ReplicaId author : gapped) changed.addAll(outbox.hearAgain(store.scope(), author));
        return new Taken(changed, same, false);
    }

    /** Believes a receipt; a region's is kept for the authors who will ask for it. */
    public Taken believe(Uplink.Action.Believe believe) {
        Receipt receipt = believe.receipt().receipt();
        if (new OwnKey(tables, self).stranger(receipt.scope(), receipt.spans()) != null)
            return Taken.CLONED;
        List<Span> held = heldBack(receipt);
        Outbox.Recorded recorded = new Outbox(tables, retainUntil).record(receipt);
        for (Span span : held) {
            if (isWithin(recorded.same(), span)) tables.dropVerdict(receipt.scope(), span);
        }
        if (receipt.level().reaches(Durability.REGION)) {
            // Whoever asks later must be able to verify it.
            tables.addGrant(believe.signer());
            tables.putWatermark(believe.receipt());
        }
        return new Taken(recorded.changed(), recorded.same(), false);
    }

    /** Keeps a refusal, if it is of bytes that this node has; answers whether that is news. */
    public boolean refuse(Uplink.Action.Refused refused, long nowMillis) {
        Outbox outbox = new Outbox(tables, retainUntil);
        boolean isNews = outbox.record(refused.verdict(), refused.settled(), nowMillis);
        // Whoever asks later must be able to verify it.
        if (isNews) tables.addGrant(refused.signer());
        return isNews;
    }

    /**
     * What this node answers for and has sealed, to be carried by hand. The bytes leave with it, so
     * that it must be flushed before anybody has it.
     *
     * @throws MalformedException when it is more than a bundle may hold
     */
    public Bundle bundle() {
        List<Message.Push> pushes = new ArrayList<>();
        ShownGrants shown = new ShownGrants();
        for (String scope : tables.scopes()) {
            long after = 0;
            while (true) {
                Page page =
                        fetch(
                                new Uplink.Action.Fetch(
                                        scope,
                                        Uplink.Lane.BACKLOG,
                                        after,
                                        Long.MAX_VALUE,
                                        Limits.BATCH_BYTES));
                if (page.items().isEmpty()) break;
                List<Batch> batches = new ArrayList<>();
                List<SignedGrant> grants = new ArrayList<>();
                for (OutboxItem item : page.items()) {
                    after = item.number();
                    Granted granted = page.grants().get(item.batch().author());
                    if (granted == null) continue;
                    batches.add(item.batch());
                    SignedGrant grant = granted.judging(item.batch());
                    if (shown.isNew(grant)) grants.add(grant);
                }
                if (!batches.isEmpty())
                    pushes.add(new Message.Push(scope, grants, batches, List.of()));
            }
        }
        return new Bundle(pushes);
    }

    /**
     * What became of a bundle.
     *
     * @param operations how many were new here
     * @param cloned whether it holds something written under this node's own key that it does not
     *     know. Nothing was changed then.
     */
    public record Carried(long operations, boolean cloned) {}

    /**
     * Applies what a bundle brought and answers for it from now on, so that whoever is reached
     * first gets it. What was here before is passed over: it came another way, or with the same
     * file.
     */
    public Carried carry(Bundle.Accepted accepted, long nowMillis) {
        OwnKey own = new OwnKey(tables, self);
        for (Message.Push push : accepted.pushes()) {
            if (own.strangerAmong(push.scope(), push.batches()) != null)
                return new Carried(0, true);
        }
        accepted.grants().values().forEach(tables::addGranted);
        Applier applier = new Applier(tables, self);
        Outbox outbox = new Outbox(tables, retainUntil);
        long operations = 0;
        for (Message.Push push : accepted.pushes()) {
            Set<ReplicaId> authors = new HashSet<>();
            for (Batch batch : push.batches()) {
                switch (applier.apply(batch)) {
                    case Applier.Outcome.Applied applied -> {
                        tables.addToOutbox(
                                new FeedItem(applied.head(), batch), Durability.DEVICE, nowMillis);
                        authors.add(batch.author());
                        operations += batch.last() - batch.first() + 1;
                    }
                    case Applier.Outcome.Duplicate duplicate -> {}
                    case Applier.Outcome.Forked forked ->
                            tables.quarantine(
                                    batch, Rejection.Code.FORK, forked.reason(), nowMillis);
                }
            }
            // A region's word about them may have come before they did.
            for (ReplicaId author : authors) outbox.hearAgain(push.scope(), author);
        }
        return new Carried(operations, false);
    }

    /**
     * Own batches that were refused, and whose refusal a receipt like this one lifts: those that
     * this node goes on answering for, and any that is applied and as safe as it must be. Nothing
     * where {@code receipt} is about others.
     */
    private List<Span> heldBack(Receipt receipt) {
        List<Span> held = new ArrayList<>();
        if (!isAboutSelf(receipt)) return held;
        for (Verdict verdict : tables.verdicts(receipt.scope(), self)) {
            Span span = verdict.rejection().span();
            boolean isLifted =
                    isAppliedAndSafe(receipt.level())
                            || Outbox.answersFor(tables, receipt.scope(), span);
            if (isLifted) held.add(span);
        }
        return held;
    }

    /** What is kept aside counts as REGION too, so that level says nothing of a refusal. */
    private boolean isAppliedAndSafe(Durability level) {
        return level.reaches(Durability.APPLIED) && level.reaches(retainUntil);
    }

    private boolean isAboutSelf(Receipt receipt) {
        for (Span span : receipt.spans()) if (span.replica().equals(self)) return true;
        return false;
    }

    private static boolean isWithin(List<Span> spans, Span span) {
        for (Span one : spans) if (one.contains(span)) return true;
        return false;
    }

    /** The answer to digests of the node above. */
    public Comparison differences(Uplink.Action.Differences asked) {
        return Comparison.with(asked.digests(), tables.context(asked.scope()));
    }
}
