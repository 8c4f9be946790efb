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
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one session: a device's towards an edge or region, an edge's towards a
 * region. A machine like {@link Session}; one object lives for one connection, and what outlives it
 * is in the store.
 *
 * <ul>
 *   <li>What it pushes goes by {@link Outgoing}: fresh first, and bounded by the server's window.
 *   <li>Nothing of the server's is believed unverified but what its connection vouches for: changes
 *       are checked against their authors' signatures and grants, watermarks against the region's.
 *   <li>The driver answers in the order of the questions, so that changes are stored in their
 *       order: a cursor never runs ahead of what it stands for.
 *   <li>Downloads do not wait for uploads, nor the other way round.
 * </ul>
 */
public final class Uplink {
    private static final long GREETING_MILLIS = 10_000;

    /** Of what a server may say of each scope before its welcome is verified. */
    private static final int MAX_EARLY = 4 * Limits.SCOPES_PER_SESSION;

    /**
     * Who connects.
     *
     * @param granted its own grants; it comes in by the newest
     * @param authorities the public keys that may sign grants
     */
    public record Client(Granted granted, Set<Bytes> authorities) {
        public Client(SignedGrant grant, Set<Bytes> authorities) {
            this(Granted.of(grant), authorities);
        }

        public SignedGrant grant() {
            return granted.newest();
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
                Map<ReplicaId, Granted> grants,
                List<Receipt.Signed> receipts)
                implements Event {}

        /** There may be something new to push. */
        record Grew(String scope) implements Event {}

        /** What the outbox has at these feed numbers is to be sent, old or judged as it is. */
        record Again(String scope, List<Long> numbers) implements Event {}

        /**
         * The answer to {@link Action.Store}: changes up to {@code number} of the server's feed are
         * flushed here; {@code same} of them were here before, byte for byte.
         */
        record Stored(String scope, long number, List<Span> same) implements Event {}

        /**
         * The answer to {@link Action.Believe}: of what {@code node} says, {@code same} are bytes
         * that the store has too.
         */
        record Believed(ReplicaId node, String scope, List<Span> same) implements Event {}

        /** The answer to {@link Action.Differences}. */
        record Different(String scope, Comparison comparison) implements Event {}

        /**
         * A part of something arrives: the server is not silent, though over a thin link a message
         * takes minutes.
         */
        record Heard() implements Event {}

        /**
         * The answer to {@link Action.Wonder}: operations of others that are not known to be as
         * safe as this node's own must be.
         */
        record Wondered(String scope, Context about) implements Event {}

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
                String scope, Cursor cursor, List<Batch> batches, Map<ReplicaId, Granted> grants)
                implements Action {}

        /** Say what this node has in the ranges that differ from these digests. */
        record Differences(String scope, List<Bytes> digests) implements Action {}

        /**
         * Say what of others' operations is not known to be safe, of those replicas that come after
         * {@code after}, and of the first ones once there are no more; null to begin.
         */
        record Wonder(String scope, @Nullable ReplicaId after) implements Action {}

        /** Believe this receipt, which {@code signer} signed. */
        record Believe(Receipt.Signed receipt, SignedGrant signer) implements Action {}

        /**
         * Keep this refusal, which {@code signer} signed.
         *
         * @param settled whether it is for good
         */
        record Refused(Verdict verdict, SignedGrant signer, boolean settled) implements Action {}

        /** The server let this node in. */
        record Welcomed(SignedGrant server, Durability level) implements Action {}

        /** A region's signed time. */
        record Time(long regionMillis) implements Action {}

        /** This session is over. */
        record Close(String reason, boolean retry) implements Action {}
    }

    private final Client client;
    private final Patience patience;

    private @Nullable Bytes own;
    private @Nullable Bytes nonce;
    private @Nullable ReplicaId serverId;
    private @Nullable SignedGrant server;
    private Durability level = Durability.EDGE;
    private Bytes proof = Bytes.EMPTY;
    private boolean closed;

    private final Outgoing outgoing;
    private final Wondering wondering = new Wondering();
    private final Grants grants;
    private final List<ScopeState> toSubscribe = new ArrayList<>();

    /** Intervals that were said to comparisons in this session. */
    private int compared;

    private long lastAnswerMillis;

    private final Questions<Action> questions = new Questions<>();

    /** What came before the welcome was verified, in its order. */
    private final List<Supplier<List<Action>>> untilWelcome = new ArrayList<>();

    /**
     * A session that has not begun.
     *
     * @param patience the link's, for all its sessions
     */
    public Uplink(Client client, Patience patience) {
        this.client = client;
        this.patience = patience;
        this.outgoing = new Outgoing(client.granted(), patience);
        this.grants = new Grants(client.authorities());
        grants.add(client.grant());
    }

    /** Whether the server let this node in. */
    public boolean isOpen() {
        return server != null && !closed;
    }

    /** Whether nothing is on its way or waited for: a polling transport has finished its turn. */
    public boolean isIdle() {
        return questions.isEmpty() && outgoing.isIdle();
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
        outgoing.forget();
        compared = 0;
        List<Message> greeting = new ArrayList<>();
        greeting.add(new Message.Hello(Message.VERSION, client.grant(), theirs, mine, proof));
        for (ScopeState state : now) {
            if (outgoing.follows(state.scope())) greeting.add(subscription(state));
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
                if (received.message() instanceof Message.Ack && outgoing.isWaiting())
                    patience.answered(nowMillis - lastAnswerMillis);
                lastAnswerMillis = nowMillis;
                yield receive(received.message(), nowMillis);
            }
            case Event.Heard heard -> {
                lastAnswerMillis = nowMillis;
                yield List.of();
            }
            case Event.Signed signed ->
                    questions.answer(signed.id(), signed.signature(), nowMillis);
            case Event.Verified verified ->
                    questions.answer(verified.id(), verified.answers(), nowMillis);
            case Event.Fetched fetched -> {
                // The wait for an answer begins when nothing was waited for until now.
                if (!outgoing.isWaiting(fetched.scope())) lastAnswerMillis = nowMillis;
                List<Action> actions = new ArrayList<>(outgoing.fetched(fetched));
                actions.addAll(pump(nowMillis));
                yield actions;
            }
            case Event.Grew grew -> outgoing.grew(grew.scope()) ? pump(nowMillis) : List.of();
            case Event.Again again -> {
                outgoing.again(again.scope(), again.numbers());
                yield pump(nowMillis);
            }
            case Event.Stored stored -> {
                // An edge may have it from above, and answer for none of it.
                if (level.reaches(Durability.REGION)) outgoing.has(stored.scope(), stored.same());
                if (role() == Grant.Role.DEVICE) wondering.about(stored.scope(), nowMillis);
                yield List.of(new Action.Send(new Message.Took(stored.scope(), stored.number())));
            }
            case Event.Believed believed -> {
                // What another node has, this server may yet have to be sent.
                boolean isServers = believed.node().equals(serverId);
                if (isServers) outgoing.has(believed.scope(), believed.same());
                boolean isWaitedFor = outgoing.judged(believed.scope());
                yield isServers || isWaitedFor ? pump(nowMillis) : List.of();
            }
            case Event.Different different -> have(different);
            case Event.Wondered wondered ->
                    wondering.asks(wondered.scope(), wondered.about(), nowMillis)
                            ? List.of(
                                    new Action.Send(
                                            new Message.Ask(wondered.scope(), wondered.about())))
                            : List.of();
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
            case Message.Opened opened -> opened(opened, nowMillis);
            case Message.Compare compare ->
                    List.of(new Action.Differences(compare.scope(), compare.digests()));
            case Message.Ack ack -> ack(ack.receipt(), nowMillis);
            case Message.Changes changes -> changes(changes);
            case Message.Watermark watermark -> watermark(watermark);
            case Message.Reject reject -> reject(reject, nowMillis);
            case Message.Pace pace -> {
                outgoing.pace(pace, nowMillis);
                yield pump(nowMillis);
            }
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
            case Message.Ask m -> close("a message that clients send", false);
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
            if (!outgoing.follow(state)) continue;
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
        if (mine == null || !grant.replica().equals(serverId) || !grant.grant().role().isNode()) {
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
                    grants.add(grant);
                    level = welcome.level();
                    outgoing.window(welcome.pace());
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
        return server == null ? List.of() : outgoing.pump(nowMillis);
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
        outgoing.answered(receipt.scope(), receipt.spans());
        return verify(
                List.of(signed.check(from.publicKey())),
                (answers, now) -> {
                    List<Action> actions = new ArrayList<>();
                    if (answers.get(0)) actions.add(new Action.Believe(signed, from));
                    else outgoing.judged(receipt.scope());
                    actions.addAll(pump(now));
                    return actions;
                });
    }

    /** After what the server said before it, which may wait for the welcome. */
    private List<Action> opened(Message.Opened opened, long nowMillis) {
        if (server == null) return whenWelcome(() -> opened(opened, nowMillis));
        if (!outgoing.opened(opened.scope())) return List.of();
        // A region knows; an edge hears with the changes, unless a session broke between the two.
        if (role() != Grant.Role.REGION) wondering.about(opened.scope(), nowMillis);
        return pump(nowMillis);
    }

    private List<Action> whenWelcome(Supplier<List<Action>> then) {
        if (untilWelcome.size() >= MAX_EARLY) return close("too much before the welcome", true);
        untilWelcome.add(then);
        return List.of();
    }

    private List<Action> tick(long nowMillis) {
        // A clock that was set back starts the wait anew.
        lastAnswerMillis = Math.min(lastAnswerMillis, nowMillis);
        long silent = nowMillis - lastAnswerMillis;
        String reason = "no answer for " + silent / 1_000 + " s";
        // A greeting is short: that it was lost says nothing of how much the link bears.
        if (server == null && silent > GREETING_MILLIS) return close(reason, true);
        if (server != null && outgoing.isWaiting() && silent > patience.millis()) {
            patience.exhausted();
            return close(reason, true);
        }
        List<Action> actions = new ArrayList<>(wondering.due(nowMillis));
        actions.addAll(pump(nowMillis));
        return actions;
    }

    private Grant.Role role() {
        return client.grant().grant().role();
    }

    private List<Action> reject(Message.Reject reject, long nowMillis) {
        SignedGrant from = server;
        if (from == null) return whenWelcome(() -> reject(reject, nowMillis));
        Verdict verdict = reject.verdict();
        // Whoever's word it is, this server does not want it in this session.
        Batch batch = outgoing.refused(reject.rejection().scope(), reject.rejection().span());
        List<Action> actions = new ArrayList<>();
        if (verdict.node().equals(from.replica())) {
            actions.addAll(
                    verify(
                            List.of(verdict.check(from.publicKey())),
                            (answers, now) ->
                                    answers.get(0)
                                            ? List.of(refused(verdict, from, batch))
                                            : List.of()));
        } else {
            actions.addAll(
                    regionsWord(
                            reject.signer(),
                            verdict.node(),
                            verdict::check,
                            signer -> refused(verdict, signer, batch),
                            () -> {}));
        }
        actions.addAll(pump(nowMillis));
        return actions;
    }

    /**
     * For good is what a region says of the batch itself, or of what this node showed it; and any
     * word that this node's own grants bear out, by the rule that is the same everywhere. All else
     * is about the edge in between: one that lies, whose clock is wrong, or that showed a region
     * the batch with another signature or grant must not make anybody give up what he wrote.
     */
    private Action refused(Verdict verdict, SignedGrant signer, @Nullable Batch batch) {
        boolean direct = server != null && verdict.node().equals(server.replica());
        boolean settled =
                signer.grant().role() == Grant.Role.REGION
                        && (direct || verdict.rejection().code().isOfTheBatch());
        if (!settled && batch != null && batch.author().equals(client.grant().replica()))
            settled = Admission.judge(batch, client.granted().judging(batch)) != null;
        return new Action.Refused(verdict, signer, settled);
    }

    // Taking in.

    private List<Action> changes(Message.Changes changes) {
        if (server == null) return whenWelcome(() -> changes(changes));
        List<SignatureCheck> checks = new ArrayList<>();
        Grants.Use use = grants.use(changes.grants(), checks);
        for (Batch batch : changes.batches()) {
            SignedGrant grant = use.of(batch);
            if (grant == null) return close("changes without the grant of their author", true);
            if (Admission.judge(batch, grant) != null)
                return close("changes that their author may not make", true);
        }
        int signatures = checks.size();
        for (Batch batch : changes.batches()) {
            SignedGrant grant = Objects.requireNonNull(use.of(batch));
            checks.add(batch.check(grant.publicKey()));
        }
        return verify(
                checks,
                (answers, now) -> {
                    if (!use.answered(answers)) return close("a forged grant in the changes", true);
                    if (answers.subList(signatures, answers.size()).contains(false))
                        return close("a forged batch in the changes", true);
                    return List.of(
                            new Action.Store(
                                    changes.scope(),
                                    changes.cursor(),
                                    changes.batches(),
                                    use.used()));
                });
    }

    private List<Action> watermark(Message.Watermark watermark) {
        Receipt.Signed signed = watermark.receipt();
        String scope = signed.receipt().scope();
        outgoing.toJudge(scope);
        return regionsWord(
                watermark.signer(),
                signed.receipt().node(),
                signed::check,
                signer -> new Action.Believe(signed, signer),
                () -> outgoing.judged(scope));
    }

    /**
     * What comes of a region's word that others pass on.
     *
     * @param otherwise run if it is not a region's, at once or when it was checked
     */
    private List<Action> regionsWord(
            @Nullable SignedGrant shown,
            ReplicaId node,
            Function<Bytes, SignatureCheck> check,
            Function<SignedGrant, Action> then,
            Runnable otherwise) {
        boolean isRegions = shown == null || shown.grant().role() == Grant.Role.REGION;
        List<SignatureCheck> checks = new ArrayList<>();
        Grants.Use use =
                grants.use(shown == null || !isRegions ? List.of() : List.of(shown), checks);
        SignedGrant signer = isRegions ? use.of(node) : null;
        if (signer == null || signer.grant().role() != Grant.Role.REGION) {
            otherwise.run();
            return List.of();
        }
        int signature = checks.size();
        checks.add(check.apply(signer.publicKey()));
        return verify(
                checks,
                (answers, now) -> {
                    if (use.answered(answers) && answers.get(signature))
                        return List.of(then.apply(signer));
                    otherwise.run();
                    return List.of();
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
