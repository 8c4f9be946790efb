package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Rejection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one session: a device's towards an edge or region, an edge's towards a
 * region. A machine like {@link Session}; one object lives for one connection, and what outlives it
 * is in the store.
 *
 * <ul>
 *   <li>Two lanes of pushes per scope: what is new since the connection was made, and the backlog
 *       before it. Fresh goes first, but every fourth page is the backlog's, so neither starves.
 *   <li>What is on its way is bounded by the server's window. An answer, or a refusal, makes room;
 *       what the server could not take is sent again after the pause it asked for.
 *   <li>Nothing of the server's is believed unverified but what its connection vouches for: changes
 *       are checked against their authors' signatures and grants, watermarks against the region's.
 *   <li>The driver answers in the order of the questions, so that changes are stored in their
 *       order: a cursor never runs ahead of what it stands for.
 *   <li>Downloads do not wait for uploads, nor the other way round.
 * </ul>
 */
public final class Uplink {
    private static final int PAGE_BYTES = 256 << 10;
    private static final long SILENCE_MILLIS = 30_000;
    private static final int BACKLOG_TURN = 4;
    private static final int MAX_EARLY = 2 * Limits.SCOPES_PER_SESSION;

    /**
     * Who connects.
     *
     * @param authorities the public keys that may sign grants
     */
    public record Client(SignedGrant grant, Set<Bytes> authorities) {
        ReplicaId replica() {
            return grant.replica();
        }
    }

    /**
     * What the store says of a scope when it is subscribed to.
     *
     * @param digest of the whole context; no bytes if it is empty
     * @param pending what this node answers for
     * @param own what it has of its own operations
     * @param head the number of its feed's head: what comes after it is fresh
     */
    public record ScopeState(
            String scope,
            @Nullable Cursor cursor,
            Bytes digest,
            Context pending,
            Intervals own,
            long head) {}

    public enum Lane {
        FRESH,
        BACKLOG
    }

    /** What happened. */
    public sealed interface Event {
        /**
         * The connection stands; {@code own} are 16 random bytes, {@code scopes} those to follow.
         */
        record Connected(Bytes own, List<ScopeState> scopes) implements Event {}

        /** One more scope to follow. */
        record Joined(ScopeState scope) implements Event {}

        record Received(Message message) implements Event {}

        record Signed(long id, Bytes signature) implements Event {}

        record Verified(long id, List<Boolean> answers) implements Event {}

        /**
         * The answer to {@link Action.Fetch}: a page, with the grants of its authors and what this
         * node signed about when it received them. An empty page says that there is nothing more
         * for now.
         */
        record Fetched(
                String scope,
                Lane lane,
                List<OutboxItem> items,
                Map<ReplicaId, SignedGrant> grants,
                List<Receipt.Signed> receipts)
                implements Event {}

        /** There may be something new to push. */
        record Grew(String scope) implements Event {}

        /** Changes up to {@code number} of the server's feed are flushed here. */
        record Stored(String scope, long number) implements Event {}

        /** The answer to {@link Action.Differences}. */
        record Different(String scope, Comparison comparison) implements Event {}

        /** Time passes. */
        record Tick() implements Event {}
    }

    /** What to do. */
    public sealed interface Action {
        record Send(Message message) implements Action {}

        record Sign(long id, Bytes text) implements Action {}

        record Verify(long id, List<SignatureCheck> checks) implements Action {}

        /**
         * Bring a page of the outbox, in feed order; for the fresh lane, seal what is unsealed
         * before.
         */
        record Fetch(String scope, Lane lane, long after, long upTo, int maxBytes)
                implements Action {}

        /** Apply these and keep the cursor, in one transaction. */
        record Store(
                String scope,
                Cursor cursor,
                List<Batch> batches,
                Map<ReplicaId, SignedGrant> grants)
                implements Action {}

        /** Say what this node has in the ranges that differ from these digests. */
        record Differences(String scope, List<Bytes> digests) implements Action {}

        /** Believe this receipt, which {@code signer} signed. */
        record Believe(Receipt.Signed receipt, SignedGrant signer) implements Action {}

        record Refused(Rejection rejection) implements Action {}

        /** The server let this node in. */
        record Welcomed(SignedGrant server, Durability level) implements Action {}

        /** A region's signed time. */
        record Time(long regionMillis) implements Action {}

        /** This session is over. */
        record Close(String reason, boolean retry) implements Action {}
    }

    private final Client client;

    private @Nullable Bytes own;
    private @Nullable Bytes nonce;
    private @Nullable ReplicaId serverId;
    private @Nullable SignedGrant server;
    private Durability level = Durability.EDGE;
    private Bytes proof = Bytes.EMPTY;
    private boolean closed;

    private final Map<String, Lanes> scopes = new LinkedHashMap<>();
    private final List<ScopeState> toSubscribe = new ArrayList<>();
    private final Map<ReplicaId, SignedGrant> verified = new HashMap<>();

    /** Those being verified: shown once, and spoken of by what comes meanwhile. */
    private final Map<ReplicaId, SignedGrant> showing = new HashMap<>();

    private final Set<ReplicaId> told = new HashSet<>();

    /** Intervals that were said to comparisons in this session. */
    private int compared;

    private int window = Message.Pace.OPEN.windowBytes();
    private long inFlightBytes;
    private long pausedSinceMillis;
    private long pausedUntilMillis;
    private long lastAnswerMillis;

    private final Questions<Action> questions = new Questions<>();

    /** What came before the welcome was verified, in its order. */
    private final List<Supplier<List<Action>>> untilWelcome = new ArrayList<>();

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

        /** What the server is known to have. */
        final Context serverHas = new Context();

        /** On its way, by feed number. */
        final TreeMap<Long, Batch> inFlight = new TreeMap<>();

        Lanes(ScopeState state) {
            this.state = state;
            freshAfter = state.head();
        }
    }

    public Uplink(Client client) {
        this.client = client;
    }

    /** Whether the server let this node in. */
    public boolean isOpen() {
        return server != null && !closed;
    }

    /** Whether nothing is on its way or waited for: a polling transport has finished its turn. */
    public boolean isIdle() {
        return questions.isEmpty()
                && scopes.values().stream()
                        .allMatch(lanes -> lanes.inFlight.isEmpty() && !lanes.fetching);
    }

    /**
     * What begins each round on a transport whose server forgets its sessions: the hello once more,
     * and every scope followed from where it stands now. What is to be sent from here on shows the
     * grants of its authors anew; it must follow in one round. Empty until the challenge was
     * answered.
     */
    public List<Message> greeting(List<ScopeState> now) {
        Bytes mine = own;
        Bytes theirs = nonce;
        if (mine == null || theirs == null || proof.size() == 0) return List.of();
        told.clear();
        compared = 0;
        List<Message> greeting = new ArrayList<>();
        greeting.add(new Message.Hello(Message.VERSION, client.grant(), theirs, mine, proof));
        for (ScopeState state : now) {
            if (scopes.containsKey(state.scope())) greeting.add(subscription(state));
        }
        return greeting;
    }

    public List<Action> step(Event event, long nowMillis) {
        if (closed) return List.of();
        return switch (event) {
            case Event.Connected connected -> {
                own = connected.own();
                toSubscribe.addAll(connected.scopes());
                lastAnswerMillis = nowMillis;
                yield greet();
            }
            case Event.Joined joined -> {
                toSubscribe.add(joined.scope());
                yield proof.size() == 0 ? List.of() : subscribe();
            }
            case Event.Received received -> {
                lastAnswerMillis = nowMillis;
                yield receive(received.message(), nowMillis);
            }
            case Event.Signed signed ->
                    questions.answer(signed.id(), signed.signature(), nowMillis);
            case Event.Verified verified ->
                    questions.answer(verified.id(), verified.answers(), nowMillis);
            case Event.Fetched fetched -> fetched(fetched, nowMillis);
            case Event.Grew grew -> {
                Lanes lanes = scopes.get(grew.scope());
                if (lanes == null) yield List.of();
                lanes.fresh = true;
                yield pump(nowMillis);
            }
            case Event.Stored stored ->
                    List.of(new Action.Send(new Message.Took(stored.scope(), stored.number())));
            case Event.Different different -> have(different);
            case Event.Tick tick -> tick(nowMillis);
        };
    }

    private List<Action> receive(Message message, long nowMillis) {
        return switch (message) {
            case Message.Challenge challenge -> {
                if (challenge.version() != Message.VERSION) {
                    yield close("the server speaks version " + challenge.version(), false);
                }
                nonce = challenge.nonce();
                serverId = challenge.node();
                yield greet();
            }
            case Message.Welcome welcome -> welcome(welcome);
            case Message.Opened opened -> {
                Lanes lanes = scopes.get(opened.scope());
                if (lanes == null) yield List.of();
                lanes.open = true;
                yield pump(nowMillis);
            }
            case Message.Compare compare ->
                    List.of(new Action.Differences(compare.scope(), compare.digests()));
            case Message.Ack ack -> ack(ack.receipt(), nowMillis);
            case Message.Changes changes -> changes(changes);
            case Message.Watermark watermark -> watermark(watermark);
            case Message.Reject reject -> {
                answered(reject.rejection().scope(), List.of(reject.rejection().span()));
                List<Action> actions = new ArrayList<>();
                actions.add(new Action.Refused(reject.rejection()));
                actions.addAll(pump(nowMillis));
                yield actions;
            }
            case Message.Pace pace -> pace(pace, nowMillis);
            case Message.Bye bye ->
                    close(
                            bye.reason(),
                            bye.code() == Message.Bye.Code.CLOSING
                                    || bye.code() == Message.Bye.Code.FAILED);
            case Message.Hello m -> close("a message that clients send", false);
            case Message.Subscribe m -> close("a message that clients send", false);
            case Message.Have m -> close("a message that clients send", false);
            case Message.Push m -> close("a message that clients send", false);
            case Message.Took m -> close("a message that clients send", false);
        };
    }

    // Coming in.

    private List<Action> greet() {
        Bytes mine = own;
        Bytes theirs = nonce;
        ReplicaId node = serverId;
        if (mine == null || theirs == null || node == null || proof.size() > 0) return List.of();
        long id =
                questions.signature((signature, now) -> {
                    proof = signature;
                    List<Action> actions = new ArrayList<>();
                    actions.add(
                            new Action.Send(
                                    new Message.Hello(
                                            Message.VERSION, client.grant(), theirs, mine, proof)));
                    actions.addAll(subscribe());
                    return actions;
                });
        return List.of(new Action.Sign(id, Message.proofText(node, theirs, mine)));
    }

    private List<Action> subscribe() {
        List<Action> actions = new ArrayList<>();
        for (ScopeState state : toSubscribe) {
            if (scopes.containsKey(state.scope())) continue;
            scopes.put(state.scope(), new Lanes(state));
            actions.add(new Action.Send(subscription(state)));
        }
        toSubscribe.clear();
        return actions;
    }

    /** What is too much for one message is left out: it is asked for, or sent, once more then. */
    private static Message.Subscribe subscription(ScopeState state) {
        List<Context> pending = state.pending().pieces(Limits.SPANS_PER_MESSAGE);
        return new Message.Subscribe(
                state.scope(),
                state.cursor(),
                state.digest(),
                pending.isEmpty() ? new Context() : pending.get(0),
                state.own().first(Limits.SPANS_PER_MESSAGE));
    }

    private List<Action> welcome(Message.Welcome welcome) {
        SignedGrant grant = welcome.grant();
        Bytes mine = own;
        if (mine == null
                || !grant.replica().equals(serverId)
                || grant.grant().role() == Grant.Role.DEVICE) {
            return close("the server's grant is not that of the node it says it is", false);
        }
        List<SignatureCheck> checks = new ArrayList<>();
        checks.add(
                new SignatureCheck(
                        grant.publicKey(),
                        Message.timeText(mine, welcome.time().millis()),
                        welcome.time().signature()));
        GrantChecks byAuthority = GrantChecks.add(grant, client.authorities(), checks);
        return verify(
                checks,
                (answers, now) -> {
                    if (!answers.get(0) || !byAuthority.hold(answers)) {
                        return close(
                                "the server's grant is not by an authority of this deployment",
                                false);
                    }
                    server = grant;
                    verified.put(grant.replica(), grant);
                    level = welcome.level();
                    window = welcome.pace().windowBytes();
                    List<Action> actions = new ArrayList<>();
                    actions.add(new Action.Welcomed(grant, level));
                    // An edge's clock teaches nobody; a region's, fresh over this client's own
                    // nonce, does.
                    if (grant.grant().role() == Grant.Role.REGION)
                        actions.add(new Action.Time(welcome.time().millis()));
                    for (Supplier<List<Action>> early : untilWelcome) actions.addAll(early.get());
                    untilWelcome.clear();
                    actions.addAll(pump(now));
                    return actions;
                });
    }

    private List<Action> have(Event.Different different) {
        // In pieces, since a scope may have more intervals than one message may name.
        List<Action> actions = new ArrayList<>();
        Comparison whole = different.comparison();
        List<Context> pieces = whole.context().pieces(Limits.SPANS_PER_MESSAGE);
        for (int i = 0; i < Math.max(1, pieces.size()); i++) {
            Context piece = i < pieces.size() ? pieces.get(i) : new Context();
            boolean fits = compared + piece.intervals() <= Limits.INTERVALS_COMPARED;
            if (fits) compared += piece.intervals();
            Comparison part =
                    new Comparison(whole.of(), whole.same(), fits ? piece : new Context());
            boolean last = !fits || i >= pieces.size() - 1;
            actions.add(new Action.Send(new Message.Have(different.scope(), part, last)));
            if (last) break;
        }
        return actions;
    }

    // Pushing.

    private List<Action> pump(long nowMillis) {
        if (server == null || isPaused(nowMillis)) return List.of();
        List<Action> actions = new ArrayList<>();
        for (Lanes lanes : scopes.values()) {
            if (!lanes.open || lanes.fetching || inFlightBytes >= window) continue;
            boolean backlog = lanes.backlog && (!lanes.fresh || ++lanes.turn % BACKLOG_TURN == 0);
            if (!backlog && !lanes.fresh) continue;
            lanes.fetching = true;
            lanes.fetchAfter = backlog ? lanes.backlogAfter : lanes.freshAfter;
            int bytes = (int) Math.min(PAGE_BYTES, window - inFlightBytes);
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

    private List<Action> fetched(Event.Fetched fetched, long nowMillis) {
        Lanes lanes = scopes.get(fetched.scope());
        if (lanes == null) return List.of();
        lanes.fetching = false;
        boolean isFresh = fetched.lane() == Lane.FRESH;
        if (lanes.fetchAfter != (isFresh ? lanes.freshAfter : lanes.backlogAfter)) {
            // A pause sent the lane back while this page was read: taking it would leave a hole.
            if (isFresh) lanes.fresh = true;
            return pump(nowMillis);
        }
        if (fetched.items().isEmpty()) {
            if (!isFresh) lanes.backlog = false;
            return pump(nowMillis);
        }
        if (isFresh) lanes.fresh = true;
        // The wait for an answer begins when nothing was waited for until now.
        if (lanes.inFlight.isEmpty()) lastAnswerMillis = nowMillis;
        List<Batch> batches = new ArrayList<>();
        List<SignedGrant> grants = new ArrayList<>();
        for (OutboxItem item : fetched.items()) {
            Batch batch = item.batch();
            if (isFresh) lanes.freshAfter = item.number();
            else lanes.backlogAfter = item.number();
            boolean there =
                    lanes.serverHas.of(batch.author()).contains(batch.first(), batch.last());
            if (there || lanes.inFlight.containsKey(item.number())) continue;
            batches.add(batch);
            lanes.inFlight.put(item.number(), batch);
            inFlightBytes += batch.sizeBytes();
            SignedGrant grant = fetched.grants().get(batch.author());
            boolean known = batch.author().equals(client.replica());
            if (grant != null && !known && told.add(batch.author())) grants.add(grant);
        }
        List<Action> actions = new ArrayList<>();
        if (!batches.isEmpty()) {
            actions.add(
                    new Action.Send(
                            new Message.Push(
                                    fetched.scope(), grants, batches, fetched.receipts())));
        }
        actions.addAll(pump(nowMillis));
        return actions;
    }

    private List<Action> ack(Receipt.Signed signed, long nowMillis) {
        Receipt receipt = signed.receipt();
        SignedGrant from = server;
        // What the server has of what was pending may come before its welcome is verified; it is
        // kept in order.
        if (from == null) return whenWelcome(() -> ack(signed, nowMillis));
        boolean entitled =
                from.grant().role() == Grant.Role.REGION
                        || !receipt.level().reaches(Durability.REGION);
        if (!entitled || !receipt.node().equals(from.replica()))
            return close("the server acknowledges what is not its to say", true);
        answered(receipt.scope(), receipt.spans());
        return verify(
                List.of(signed.check(from.publicKey())),
                (answers, now) -> {
                    List<Action> actions = new ArrayList<>();
                    if (answers.get(0)) actions.add(new Action.Believe(signed, from));
                    actions.addAll(pump(now));
                    return actions;
                });
    }

    private List<Action> whenWelcome(Supplier<List<Action>> then) {
        if (untilWelcome.size() >= MAX_EARLY) return close("too much before the welcome", true);
        untilWelcome.add(then);
        return List.of();
    }

    private void answered(String scope, List<Span> spans) {
        Lanes lanes = scopes.get(scope);
        if (lanes == null) return;
        for (Span span : spans) lanes.serverHas.add(span.replica(), span.from(), span.to());
        lanes.inFlight
                .values()
                .removeIf(batch -> {
                    boolean done =
                            lanes.serverHas
                                    .of(batch.author())
                                    .contains(batch.first(), batch.last());
                    if (done) inFlightBytes -= batch.sizeBytes();
                    return done;
                });
    }

    private List<Action> pace(Message.Pace pace, long nowMillis) {
        window = Math.max(1, pace.windowBytes());
        if (pace.pauseMillis() == 0) return pump(nowMillis);
        pausedSinceMillis = nowMillis;
        pausedUntilMillis = nowMillis + pace.pauseMillis();
        // What was on its way was not taken: it is read again from the outbox when the pause is
        // over.
        for (Lanes lanes : scopes.values()) {
            if (lanes.inFlight.isEmpty()) continue;
            long lowest = lanes.inFlight.firstKey();
            if (lowest <= lanes.state.head()) {
                lanes.backlogAfter = Math.min(lanes.backlogAfter, lowest - 1);
                lanes.backlog = true;
            }
            Long fresh = lanes.inFlight.higherKey(lanes.state.head());
            if (fresh != null) {
                lanes.freshAfter = Math.min(lanes.freshAfter, fresh - 1);
                lanes.fresh = true;
            }
            lanes.inFlight.clear();
        }
        inFlightBytes = 0;
        return List.of();
    }

    private List<Action> tick(long nowMillis) {
        // A clock that was set back starts the wait anew.
        lastAnswerMillis = Math.min(lastAnswerMillis, nowMillis);
        boolean waits =
                scopes.values().stream().anyMatch(lanes -> !lanes.inFlight.isEmpty())
                        || server == null;
        if (waits && nowMillis - lastAnswerMillis > SILENCE_MILLIS)
            return close("no answer for 30 s", true);
        return pump(nowMillis);
    }

    // Taking in.

    private List<Action> changes(Message.Changes changes) {
        if (server == null) return whenWelcome(() -> changes(changes));
        Map<ReplicaId, SignedGrant> shown = new HashMap<>();
        for (SignedGrant grant : changes.grants()) shown.put(grant.replica(), grant);
        List<SignatureCheck> checks = new ArrayList<>();
        Map<ReplicaId, GrantChecks> unverified = new HashMap<>();
        Map<ReplicaId, SignedGrant> grants = new HashMap<>();
        for (Batch batch : changes.batches()) {
            SignedGrant known = verified.get(batch.author());
            SignedGrant grant = known != null ? known : shown.get(batch.author());
            if (grant == null) grant = showing.get(batch.author());
            if (grant == null) return close("changes without the grant of their author", true);
            if (Admission.judge(batch, grant) != null)
                return close("changes that their author may not make", true);
            grants.put(batch.author(), grant);
            if (known == null && !unverified.containsKey(batch.author())) {
                showing.put(batch.author(), grant);
                unverified.put(
                        batch.author(), GrantChecks.add(grant, client.authorities(), checks));
            }
        }
        int signatures = checks.size();
        for (Batch batch : changes.batches()) {
            SignedGrant grant = Objects.requireNonNull(grants.get(batch.author()));
            checks.add(batch.check(grant.publicKey()));
        }
        return verify(
                checks,
                (answers, now) -> {
                    for (GrantChecks checksOfGrant : unverified.values()) {
                        if (!checksOfGrant.hold(answers))
                            return close("a forged grant in the changes", true);
                    }
                    verified.putAll(grants);
                    showing.keySet().removeAll(grants.keySet());
                    if (answers.subList(signatures, answers.size()).contains(false))
                        return close("a forged batch in the changes", true);
                    Lanes lanes = scopes.get(changes.scope());
                    if (lanes != null) {
                        for (Batch batch : changes.batches())
                            lanes.serverHas.add(batch.author(), batch.first(), batch.last());
                    }
                    return List.of(
                            new Action.Store(
                                    changes.scope(), changes.cursor(), changes.batches(), grants));
                });
    }

    private List<Action> watermark(Message.Watermark watermark) {
        Receipt.Signed signed = watermark.receipt();
        ReplicaId node = signed.receipt().node();
        SignedGrant known = verified.get(node);
        SignedGrant shown = watermark.signer() != null ? watermark.signer() : showing.get(node);
        SignedGrant signer = known != null ? known : shown;
        boolean regions =
                signer != null
                        && signer.replica().equals(node)
                        && signer.grant().role() == Grant.Role.REGION;
        if (!regions || signer == null) return List.of();
        if (known == null) showing.put(node, signer);
        List<SignatureCheck> checks = new ArrayList<>();
        checks.add(signed.check(signer.publicKey()));
        GrantChecks byAuthority =
                GrantChecks.add(signer, known != null ? Set.of() : client.authorities(), checks);
        return verify(
                checks,
                (answers, now) -> {
                    showing.remove(node);
                    if (!answers.get(0) || (known == null && !byAuthority.hold(answers)))
                        return List.of();
                    verified.put(node, signer);
                    return List.of(new Action.Believe(signed, signer));
                });
    }

    // Asking.

    private List<Action> verify(
            List<SignatureCheck> checks, BiFunction<List<Boolean>, Long, List<Action>> then) {
        return List.of(new Action.Verify(questions.checks(then), checks));
    }

    private List<Action> close(String reason, boolean retry) {
        closed = true;
        return List.of(new Action.Close(reason, retry));
    }
}
