package dev.holdfast.core.sync;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.sync.Uplink.Action;
import dev.holdfast.core.sync.Uplink.Lane;
import dev.holdfast.core.sync.Uplink.ScopeState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client pushes in one session, of all scopes. A part of {@link Uplink}.
 *
 * <ul>
 *   <li>Two lanes per scope: what is new since the connection was made, and the backlog before it.
 *       Fresh goes first, but every fourth page is the backlog's, so neither starves.
 *   <li>What is on its way is bounded by the server's window and by what the link was seen to bear
 *       ({@link Patience}). An answer, or a refusal, makes room; what the server could not take is
 *       read again after the pause it asked for.
 * </ul>
 */
final class Outgoing {
    private static final int PAGE_BYTES = 256 << 10;
    private static final int BACKLOG_TURN = 4;

    private final Patience patience;
    private final Map<String, Lanes> scopes = new LinkedHashMap<>();

    private final Granted own;
    private final ShownGrants shown = new ShownGrants();

    private int window = Message.Pace.OPEN.windowBytes();
    private long inFlightBytes;
    private long pausedSinceMillis;
    private long pausedUntilMillis;

    private static final class Lanes {
        final ScopeState state;
        boolean open;
        boolean fetching;
        boolean fresh = true;
        boolean backlog = true;
        long freshAfter;
        long backlogAfter;

        /** Where the page begins that is being fetched. */
        long fetchAfter;

        int turn;

        /**
         * Feed numbers of what is to be sent whatever became of it. Each came back into the outbox
         * in this session, so that there are never more than that had room for.
         */
        final Set<Long> again = new HashSet<>();

        /** Receipts that the store has not compared yet and that came before all else. */
        int unjudged;

        final Underway underway = new Underway();

        Lanes(ScopeState state) {
            this.state = state;
            freshAfter = state.head();
        }

        /** Reads on from {@code number}, or from where that is not passed yet. */
        void backTo(long number) {
            if (number <= state.head()) {
                backlogAfter = Math.min(backlogAfter, number - 1);
                backlog = true;
            } else {
                freshAfter = Math.min(freshAfter, number - 1);
                fresh = true;
            }
        }
    }

    /** {@code own} are this node's grants, the newest of which the server is shown at the start. */
    Outgoing(Granted own, Patience patience) {
        this.own = own;
        this.patience = patience;
        shown.isNew(own.newest());
    }

    /** Follows one more scope; answers whether it was new. */
    boolean follow(ScopeState state) {
        return scopes.putIfAbsent(state.scope(), new Lanes(state)) == null;
    }

    boolean follows(String scope) {
        return scopes.containsKey(scope);
    }

    /** The server forgot which grants it was shown. */
    void forget() {
        shown.clear();
        shown.isNew(own.newest());
    }

    boolean isIdle() {
        for (Lanes lanes : scopes.values()) if (lanes.fetching) return false;
        return !isWaiting();
    }

    /** Whether anything is on its way. */
    boolean isWaiting() {
        for (Lanes lanes : scopes.values()) if (!lanes.underway.isEmpty()) return true;
        return false;
    }

    boolean isWaiting(String scope) {
        Lanes lanes = scopes.get(scope);
        return lanes != null && !lanes.underway.isEmpty();
    }

    /** The server follows the scope too; answers whether it was asked to. */
    boolean opened(String scope) {
        Lanes lanes = scopes.get(scope);
        if (lanes != null) lanes.open = true;
        return lanes != null;
    }

    /** There may be something new; answers whether the scope is followed. */
    boolean grew(String scope) {
        Lanes lanes = scopes.get(scope);
        if (lanes != null) lanes.fresh = true;
        return lanes != null;
    }

    /**
     * What the outbox has at {@code numbers} is to be sent, though a lane has passed it, and though
     * the server has judged it in this session: whoever pushed it again waits for the word.
     */
    void again(String scope, Collection<Long> numbers) {
        Lanes lanes = scopes.get(scope);
        if (lanes == null) return;
        lanes.again.addAll(numbers);
        for (long number : numbers) lanes.backTo(number);
    }

    void window(Message.Pace pace) {
        window = Math.max(1, pace.windowBytes());
    }

    List<Action> pump(long nowMillis) {
        if (isPaused(nowMillis)) return List.of();
        List<Action> actions = new ArrayList<>();
        int most = Math.min(window, patience.bytes());
        for (Lanes lanes : scopes.values()) {
            boolean ready = lanes.open && lanes.unjudged == 0 && !lanes.fetching;
            if (!ready || inFlightBytes >= most) continue;
            boolean backlog = lanes.backlog && (!lanes.fresh || ++lanes.turn % BACKLOG_TURN == 0);
            if (!backlog && !lanes.fresh) continue;
            lanes.fetching = true;
            lanes.fetchAfter = backlog ? lanes.backlogAfter : lanes.freshAfter;
            int bytes = (int) Math.min(PAGE_BYTES, most - inFlightBytes);
            String scope = lanes.state.scope();
            actions.add(
                    backlog
                            ? new Action.Fetch(
                                    scope,
                                    Lane.BACKLOG,
                                    lanes.backlogAfter,
                                    lanes.state.head(),
                                    bytes)
                            : new Action.Fetch(
                                    scope, Lane.FRESH, lanes.freshAfter, Long.MAX_VALUE, bytes));
            if (!backlog) lanes.fresh = false;
        }
        return actions;
    }

    /** A clock that is set back ends a pause: it would last for as long as that otherwise. */
    private boolean isPaused(long nowMillis) {
        return nowMillis >= pausedSinceMillis && nowMillis < pausedUntilMillis;
    }

    /** Sends a page, as far as the server has not got it meanwhile. */
    List<Action> fetched(Uplink.Event.Fetched fetched) {
        Lanes lanes = scopes.get(fetched.scope());
        if (lanes == null) return List.of();
        lanes.fetching = false;
        boolean isFresh = fetched.lane() == Lane.FRESH;
        if (lanes.fetchAfter != (isFresh ? lanes.freshAfter : lanes.backlogAfter)) {
            // A pause sent the lane back while this page was read: taking it would leave a hole.
            if (isFresh) lanes.fresh = true;
            return List.of();
        }
        if (fetched.items().isEmpty()) {
            if (!isFresh) lanes.backlog = false;
            return List.of();
        }
        if (isFresh) lanes.fresh = true;
        List<Batch> batches = new ArrayList<>();
        List<SignedGrant> grants = new ArrayList<>();
        for (OutboxItem item : fetched.items()) {
            Batch batch = item.batch();
            if (isFresh) lanes.freshAfter = item.number();
            else lanes.backlogAfter = item.number();
            if (lanes.again.remove(item.number())) lanes.underway.forget(batch);
            if (!lanes.underway.send(item.number(), batch)) continue;
            batches.add(batch);
            inFlightBytes += batch.sizeBytes();
            boolean isOwn = batch.author().equals(own.newest().replica());
            Granted granted = isOwn ? own : fetched.grants().get(batch.author());
            if (granted == null) continue;
            SignedGrant grant = granted.judging(batch);
            if (shown.isNew(grant)) grants.add(grant);
        }
        if (batches.isEmpty()) return List.of();
        return List.of(
                new Action.Send(
                        new Message.Push(fetched.scope(), grants, batches, fetched.receipts())));
    }

    /** The server says that it has {@code spans}: that makes room. */
    void answered(String scope, List<Span> spans) {
        Lanes lanes = scopes.get(scope);
        if (lanes == null) return;
        inFlightBytes -= lanes.underway.answered(spans);
        toJudge(scope);
    }

    /** What the server says before it opens the scope is waited for, lest that be sent again. */
    void toJudge(String scope) {
        Lanes lanes = scopes.get(scope);
        if (lanes != null && !lanes.open) lanes.unjudged++;
    }

    /**
     * A receipt was compared with the store, or is none: it is waited for no more. Answers whether
     * it was.
     */
    boolean judged(String scope) {
        Lanes lanes = scopes.get(scope);
        if (lanes == null || lanes.unjudged == 0) return false;
        lanes.unjudged--;
        return true;
    }

    /** The server has {@code spans}, and the store says that these are its own bytes. */
    void has(String scope, List<Span> spans) {
        Lanes lanes = scopes.get(scope);
        if (lanes != null) inFlightBytes -= lanes.underway.has(spans);
    }

    /**
     * The server refused the batch that {@code span} names: that makes room too. Answers the batch
     * if it was on its way.
     */
    @Nullable Batch refused(String scope, Span span) {
        Lanes lanes = scopes.get(scope);
        if (lanes == null) return null;
        Batch batch = lanes.underway.find(span);
        inFlightBytes -= lanes.underway.refused(span);
        return batch;
    }

    /** The server goes by another pace; with a pause, nothing that is on its way was taken. */
    void pace(Message.Pace pace, long nowMillis) {
        window(pace);
        if (pace.pauseMillis() == 0) return;
        pausedSinceMillis = nowMillis;
        pausedUntilMillis = nowMillis + pace.pauseMillis();
        // What was on its way was not taken: it is read again from the outbox when the pause is
        // over.
        for (Lanes lanes : scopes.values()) {
            Long lowest = lanes.underway.lowestAfter(0);
            if (lowest == null) continue;
            lanes.backTo(lowest);
            Long fresh = lanes.underway.lowestAfter(lanes.state.head());
            if (fresh != null) lanes.backTo(fresh);
            lanes.underway.pause();
        }
        inFlightBytes = 0;
    }
}
