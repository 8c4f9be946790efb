package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.sync.Session.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a client has followed one scope's feed: where to start, what to send, what it has anyway.
 * A part of {@link Session}.
 *
 * <p>It is opened once it is known where it starts: at the client's cursor; at the head, where both
 * have the same, unless the client is another region; else at the beginning, after the client said
 * what it has. One page is read at a time, and {@link Session#AHEAD} are on their way at most.
 */
final class Feed {
    private static final int PAGE_BYTES = 256 << 10;

    /** Places that may be passed over in silence before the client is told the cursor. */
    private static final int SILENT = 1_000;

    /** Has a receipt signed and sent, and does what comes after it. */
    @FunctionalInterface
    interface Acknowledge {
        List<Action> acknowledge(Receipt receipt, Supplier<List<Action>> then);
    }

    private final String scope;
    private final ReplicaId node;
    private final Guest guest;
    private final boolean readable;
    private final Acknowledge acknowledge;

    private final Context clientHas = new Context();

    /** What was found of the scope, once it was. */
    private @Nullable Opening opening;

    /** What the client waits for an answer to. */
    private Message.@Nullable Ask question;

    /** The end of what the client has said of itself, where contexts differ. */
    private @Nullable Comparison comparison;

    /** Up to where the client has all of the authors in ranges that are the same. */
    private long sameUpTo;

    /** Up to where the client has all there is. */
    private long hasAllUpTo;

    /** Null until it is known where to start. */
    private @Nullable FeedHead sent;

    /** The cursor that the client is known to have. */
    private FeedHead told = FeedHead.START;

    private long head;
    private boolean caughtUp;
    private boolean reading;
    private int ahead;

    /**
     * A feed that is not opened yet.
     *
     * @param own what the client has of its own operations
     */
    Feed(String scope, ReplicaId node, Guest guest, Intervals own, Acknowledge acknowledge) {
        this.scope = scope;
        this.node = node;
        this.guest = guest;
        this.readable = guest.grant().grant().mayRead(scope);
        this.acknowledge = acknowledge;
        clientHas.put(guest.grant().replica(), own);
    }

    boolean isReading() {
        return reading;
    }

    /** The client is known to have this. */
    void has(Batch batch) {
        clientHas.add(batch.author(), batch.first(), batch.last());
    }

    // Opening.

    List<Action> found(Opening found) {
        opening = found;
        head = Math.max(head, found.head().number());
        FeedHead start = found.start();
        if (found.sameContext() && guest.isRegion()) {
            // It has yet to hear in how many regions that is: the feed is read, and not sent.
            hasAllUpTo = found.head().number();
            return start(FeedHead.START, FeedHead.START);
        }
        if (start != null) return start(start, found.sameContext() ? FeedHead.START : start);
        if (comparison != null) return compared(found, comparison);
        return List.of(new Action.Send(new Message.Compare(scope, found.ranges())));
    }

    List<Action> said(Comparison piece, boolean last) {
        if (sent != null) return List.of();
        clientHas.addAll(piece.context());
        if (!last) return List.of();
        comparison = piece;
        // On a polling transport the answer comes in a session after that of the question, and
        // maybe before the scope was looked up in this one.
        return opening == null ? List.of() : compared(opening, piece);
    }

    private List<Action> compared(Opening found, Comparison said) {
        // What was said of ranges counts for the digests that it was said of.
        if (said.of().equals(Comparison.name(found.ranges()))) sameUpTo = found.head().number();
        return start(FeedHead.START, FeedHead.START);
    }

    /** The client follows after {@code from}; its cursor is at {@code at} yet. */
    private List<Action> start(FeedHead from, FeedHead at) {
        sent = from;
        told = at;
        List<Action> actions = new ArrayList<>();
        actions.add(new Action.Send(new Message.Opened(scope, new Cursor(node, from))));
        if (isWorthTelling()) actions.add(changes(List.of(), List.of()));
        actions.addAll(pump());
        if (question != null) actions.addAll(look(question));
        return actions;
    }

    // Answering.

    /** Answered once the feed is open: on a polling transport a question comes before that. */
    List<Action> asked(Message.Ask ask) {
        if (!readable || question != null) return List.of();
        question = ask;
        return sent == null ? List.of() : look(ask);
    }

    private List<Action> look(Message.Ask ask) {
        return List.of(
                new Action.Look(
                        new Message.Subscribe(
                                scope, null, Bytes.EMPTY, ask.about(), Intervals.NONE)));
    }

    /** Whether what was found answers a question, which it ends, and does not open the feed. */
    boolean isAnswered() {
        if (sent == null || question == null) return false;
        question = null;
        return true;
    }

    // Sending.

    List<Action> grew(long number) {
        head = Math.max(head, number);
        return pump();
    }

    List<Action> took() {
        ahead = Math.max(0, ahead - 1);
        return pump();
    }

    List<Action> read(Session.Event.FeedRead page, long nowMillis) {
        FeedHead from = sent;
        if (from == null) return List.of();
        if (page.applied().isEmpty()) return send(page, from);
        Receipt applied = new Receipt(node, scope, Durability.APPLIED, nowMillis, page.applied());
        // A region counts in how many regions an operation is. It hears of all that is here, also
        // of what came from itself; and before its cursor moves, since it asks once.
        if (guest.isRegion()) return acknowledge.acknowledge(applied, () -> send(page, from));
        // A device shows what it gets at once, and shall not have to show it again.
        if (!guest.isNode())
            return isNews(page)
                    ? acknowledge.acknowledge(
                            applied, () -> global(page, nowMillis, () -> send(page, from)))
                    : send(page, from);
        List<Action> actions = new ArrayList<>(send(page, from));
        // Who was sent nothing of the page need not hear of it: he pushed all of it, and is told
        // what becomes of that.
        if (told.equals(sent)) {
            actions.addAll(acknowledge.acknowledge(applied, List::of));
            actions.addAll(global(page, nowMillis, List::of));
        }
        return actions;
    }

    private List<Action> global(
            Session.Event.FeedRead page, long nowMillis, Supplier<List<Action>> then) {
        if (page.global().isEmpty()) return then.get();
        return acknowledge.acknowledge(
                new Receipt(node, scope, Durability.GLOBAL, nowMillis, page.global()), then);
    }

    private boolean isNews(Session.Event.FeedRead page) {
        for (FeedItem item : page.items()) if (!isThere(item)) return true;
        return false;
    }

    private List<Action> send(Session.Event.FeedRead page, FeedHead from) {
        reading = false;
        FeedHead to = from;
        clientHas.addAll(page.has());
        List<Batch> batches = new ArrayList<>();
        List<SignedGrant> grants = new ArrayList<>();
        for (FeedItem item : page.items()) {
            to = item.head();
            if (isThere(item)) continue;
            Batch batch = item.batch();
            batches.add(batch);
            Granted granted = page.grants().get(batch.author());
            if (granted == null) continue;
            SignedGrant grant = granted.judging(batch);
            if (guest.isNew(grant)) grants.add(grant);
        }
        sent = to;
        // Where bytes were dropped, the feed ends for now.
        if (page.items().isEmpty()) head = Math.min(head, to.number());
        List<Action> actions = new ArrayList<>();
        boolean isWorthTelling = isWorthTelling();
        if (!batches.isEmpty() || isWorthTelling) actions.add(changes(grants, batches));
        actions.addAll(pump());
        return actions;
    }

    private boolean isThere(FeedItem item) {
        Batch batch = item.batch();
        if (item.head().number() <= hasAllUpTo) return true;
        if (clientHas.of(batch.author()).contains(batch.first(), batch.last())) return true;
        boolean same =
                comparison != null
                        && item.head().number() <= sameUpTo
                        && comparison.isSame(batch.author());
        return same || guest.isPushing(batch);
    }

    private List<Action> pump() {
        if (!readable || sent == null || reading || ahead >= Session.AHEAD) return List.of();
        if (sent.number() >= head) return List.of();
        reading = true;
        ReplicaId region = guest.isRegion() ? guest.grant().replica() : null;
        return List.of(new Action.ReadFeed(scope, region, sent.number(), PAGE_BYTES));
    }

    /**
     * Whether the client's cursor is to be moved though there is nothing for it: when it has first
     * caught up, so that contexts are not compared again in its next session, and at intervals from
     * then on.
     */
    private boolean isWorthTelling() {
        if (!readable || sent == null) return false;
        long silent = sent.number() - told.number();
        boolean first = !caughtUp && sent.number() >= head;
        caughtUp |= first;
        return silent >= SILENT || (first && silent > 0);
    }

    private Action changes(List<SignedGrant> grants, List<Batch> batches) {
        ahead++;
        told = Objects.requireNonNull(sent);
        return new Action.Send(new Message.Changes(scope, new Cursor(node, told), grants, batches));
    }
}
