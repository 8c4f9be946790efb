package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
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
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one session: an edge's towards its devices, a region's towards edges and
 * devices. A machine without threads, clocks or I/O: {@link #step} takes what happened and answers
 * what to do. Its driver does the actions in order and brings the answers back as events, in any
 * order.
 *
 * <ul>
 *   <li>Nothing is acknowledged but by a {@link Event.Kept} that says it is flushed, and then
 *       signed.
 *   <li>Every batch of a push is judged by itself: a refused one never holds up another.
 *   <li>Changes and pushes do not wait for each other. Changes go out ahead of the client's {@link
 *       Message.Took} by {@link #AHEAD} pages at most, so a slow client costs no memory here; the
 *       driver stops reading from the socket while {@link #isBusy}.
 *   <li>A client is not sent what it is known to have: what it pushed here, its own, what it said
 *       it has.
 * </ul>
 */
public final class Session {
    /** Pages of changes that may be on their way to the client. */
    public static final int AHEAD = 4;

    private static final int PAGE_BYTES = 256 << 10;

    /** Feed places that may be passed over in silence before the client is told the cursor. */
    private static final int SILENT = 1_000;

    private static final int MAX_PUSHES = 8;
    private static final int MAX_EARLY = 2 * Limits.SCOPES_PER_SESSION;

    /**
     * Who serves.
     *
     * @param grant this node's own, whose role says what it is
     * @param authorities the public keys that may sign grants
     * @param level what keeping a push means here
     */
    public record Server(SignedGrant grant, Set<Bytes> authorities, Durability level) {
        ReplicaId node() {
            return grant.replica();
        }
    }

    /** What happened. */
    public sealed interface Event {
        record Received(Message message) implements Event {}

        /** The answers to {@link Action.Verify}, in its order. */
        record Verified(long id, List<Boolean> answers) implements Event {}

        record Signed(long id, Bytes signature) implements Event {}

        /**
         * What was found of a scope.
         *
         * @param reached statements about the client's pending operations, to be signed and sent
         * @param watermarks of regions about them, as kept
         */
        record Looked(
                String scope,
                Opening opening,
                List<Receipt> reached,
                List<Message.Watermark> watermarks,
                List<Rejection> rejections)
                implements Event {}

        /**
         * What became of a push: the batches that are flushed now, and those refused by the store.
         *
         * @param pauseMillis when above 0 the others were not taken, and the client shall come back
         *     after it
         */
        record Kept(long id, List<Batch> flushed, List<Rejection> refused, long pauseMillis)
                implements Event {}

        /**
         * A page of the feed, with the grants of its authors.
         *
         * @param applied at a region, all that it has applied of the page's authors: an edge that
         *     gets the page can then answer any of them; elsewhere empty
         */
        record FeedRead(
                String scope,
                List<FeedItem> items,
                Map<ReplicaId, SignedGrant> grants,
                List<Span> applied)
                implements Event {}

        /** The feed of a scope has grown to {@code head}. */
        record Grew(String scope, FeedHead head) implements Event {}

        /**
         * A region's word has come about some replica; it is sent on if it concerns this client.
         */
        record Marked(Message.Watermark watermark) implements Event {}

        /** A batch was refused after it had been kept; sent on if it concerns this client. */
        record Refused(Rejection rejection) implements Event {}
    }

    /** What to do. */
    public sealed interface Action {
        record Send(Message message) implements Action {}

        record Verify(long id, List<SignatureCheck> checks) implements Action {}

        /** Sign with this node's key. */
        record Sign(long id, Bytes text) implements Action {}

        record Look(Message.Subscribe subscribe) implements Action {}

        /**
         * Make these durable, with the grants of their authors.
         *
         * @param firstSeen per author, the time an edge vouches for, where it did
         */
        record Keep(
                long id,
                String scope,
                List<Batch> batches,
                Map<ReplicaId, SignedGrant> grants,
                Map<ReplicaId, Long> firstSeen)
                implements Action {}

        record ReadFeed(String scope, long after, int maxBytes) implements Action {}

        /** Send what was said before, then close. */
        record Close() implements Action {}
    }

    private final Server server;
    private final Bytes nonce;

    private @Nullable SignedGrant client;
    private boolean greeting;
    private final List<Message> early = new ArrayList<>();
    private boolean closed;

    private final Questions<Action> questions = new Questions<>();

    private int pushes;

    /** Intervals that the client has said to comparisons. */
    private int compared;

    private final Map<ReplicaId, SignedGrant> verified = new HashMap<>();

    /** Those being verified: shown once, and spoken of by what comes meanwhile. */
    private final Map<ReplicaId, SignedGrant> showing = new HashMap<>();

    private final Set<ReplicaId> told = new HashSet<>();
    private final Set<ReplicaId> answersFor = new HashSet<>();
    private final Map<String, Feed> feeds = new LinkedHashMap<>();

    /** Hashes of what the client pushed and is not kept yet: it has those very bytes. */
    private final Set<Bytes> keeping = new HashSet<>();

    private static final class Feed {
        final boolean readable;

        /** Null until it is known where to start. */
        @Nullable FeedHead sent;

        /** The cursor that the client is known to have. */
        FeedHead told = FeedHead.START;

        long head;

        /** What was found of the scope, once it was. */
        @Nullable Opening opening;

        /** The end of what the client has said of itself, where contexts differ. */
        @Nullable Comparison comparison;

        /** Up to where the client has all of the authors in ranges that are the same. */
        long sameUpTo;

        boolean caughtUp;
        boolean reading;
        int ahead;
        final Context clientHas = new Context();

        Feed(boolean readable) {
            this.readable = readable;
        }

        boolean isSame(FeedItem item) {
            return comparison != null
                    && item.head().number() <= sameUpTo
                    && comparison.isSame(item.batch().author());
        }
    }

    /**
     * A session over which the client proves its key; {@code nonce} must be new, or still fresh.
     */
    public Session(Server server, Bytes nonce) {
        this.server = server;
        this.nonce = nonce;
    }

    /** The first message, for transports on which the server speaks first. */
    public Message.Challenge challenge() {
        return new Message.Challenge(Message.VERSION, server.node(), nonce);
    }

    /** Whether so much is under way that the driver should not read on. */
    public boolean isBusy() {
        return pushes >= MAX_PUSHES;
    }

    /** Whether nothing is under way: a round of {@code POST /v1/sync} is over then. */
    public boolean isIdle() {
        return questions.isEmpty() && feeds.values().stream().noneMatch(feed -> feed.reading);
    }

    /** Who proved to be here; null before. */
    public @Nullable SignedGrant client() {
        return client;
    }

    public Set<String> scopes() {
        return Set.copyOf(feeds.keySet());
    }

    public List<Action> step(Event event, long nowMillis) {
        if (closed) return List.of();
        return switch (event) {
            case Event.Received received -> receive(received.message(), nowMillis);
            case Event.Verified verified ->
                    questions.answer(verified.id(), verified.answers(), nowMillis);
            case Event.Signed signed ->
                    questions.answer(signed.id(), signed.signature(), nowMillis);
            case Event.Looked looked -> opened(looked);
            case Event.Kept kept -> questions.answer(kept.id(), kept, nowMillis);
            case Event.FeedRead read -> changes(read, nowMillis);
            case Event.Grew grew -> {
                Feed feed = feeds.get(grew.scope());
                if (feed == null) yield List.of();
                feed.head = Math.max(feed.head, grew.head().number());
                yield pump(grew.scope(), feed);
            }
            case Event.Marked marked -> mark(marked.watermark());
            case Event.Refused refused ->
                    concerns(refused.rejection().scope(), refused.rejection().span().replica())
                            ? List.of(new Action.Send(new Message.Reject(refused.rejection())))
                            : List.of();
        };
    }

    private List<Action> receive(Message message, long nowMillis) {
        if (message instanceof Message.Hello hello) return hello(hello, nowMillis);
        if (message instanceof Message.Bye) {
            closed = true;
            return List.of(new Action.Close());
        }
        if (client == null) {
            // A client need not wait for its welcome to go on.
            if (!greeting || early.size() >= MAX_EARLY)
                return bye(Message.Bye.Code.UNEXPECTED, "say hello first");
            early.add(message);
            return List.of();
        }

        return switch (message) {
            case Message.Subscribe subscribe -> subscribe(subscribe);
            case Message.Have have -> have(have);
            case Message.Push push -> push(push);
            case Message.Took took -> {
                Feed feed = feeds.get(took.scope());
                if (feed == null) yield List.of();
                feed.ahead = Math.max(0, feed.ahead - 1);
                yield pump(took.scope(), feed);
            }
            default -> bye(Message.Bye.Code.UNEXPECTED, "a message that servers send");
        };
    }

    // Coming in.

    private List<Action> hello(Message.Hello hello, long nowMillis) {
        if (greeting) return bye(Message.Bye.Code.UNEXPECTED, "hello was said already");
        greeting = true;
        if (hello.version() != Message.VERSION) {
            return bye(Message.Bye.Code.VERSION, "this node speaks version " + Message.VERSION);
        }
        if (!hello.nonce().equals(nonce))
            return bye(Message.Bye.Code.UNAUTHORIZED, "the nonce is not this session's");
        if (!hello.grant().grant().countsAt(nowMillis)) {
            return bye(
                    Message.Bye.Code.UNAUTHORIZED, "the grant is not valid now: ask for a new one");
        }
        List<SignatureCheck> checks = new ArrayList<>();
        checks.add(
                new SignatureCheck(
                        hello.grant().publicKey(),
                        Message.proofText(server.node(), nonce, hello.own()),
                        hello.proof()));
        GrantChecks byAuthority = GrantChecks.add(hello.grant(), server.authorities(), checks);
        return verify(
                checks,
                (answers, now) -> {
                    if (!answers.get(0))
                        return bye(
                                Message.Bye.Code.UNAUTHORIZED,
                                "the proof is not by the grant's key");
                    if (!byAuthority.hold(answers)) {
                        return bye(
                                Message.Bye.Code.UNAUTHORIZED,
                                "the grant is not by an authority of this deployment");
                    }
                    return sign(
                            Message.timeText(hello.own(), now),
                            (signature, later) -> {
                                client = hello.grant();
                                verified.put(hello.grant().replica(), hello.grant());
                                told.add(hello.grant().replica());
                                answersFor.add(hello.grant().replica());
                                List<Action> actions = new ArrayList<>();
                                Message.SignedTime time = new Message.SignedTime(now, signature);
                                actions.add(
                                        new Action.Send(
                                                new Message.Welcome(
                                                        server.grant(),
                                                        server.level(),
                                                        time,
                                                        Message.Pace.OPEN)));
                                for (Message message : early)
                                    actions.addAll(receive(message, later));
                                early.clear();
                                return actions;
                            });
                });
    }

    private List<Action> subscribe(Message.Subscribe subscribe) {
        String scope = subscribe.scope();
        SignedGrant holder = java.util.Objects.requireNonNull(client);
        if (!holder.grant().names(scope)) {
            return bye(Message.Bye.Code.FORBIDDEN, "the grant does not name the scope " + scope);
        }
        if (feeds.size() >= Limits.SCOPES_PER_SESSION) {
            return bye(
                    Message.Bye.Code.FORBIDDEN,
                    "more than " + Limits.SCOPES_PER_SESSION + " scopes in one session");
        }
        Feed feed = new Feed(holder.grant().mayRead(scope));
        feed.clientHas.put(holder.replica(), subscribe.own());
        feeds.put(scope, feed);
        answersFor.addAll(subscribe.pending().replicas().keySet());
        return List.of(new Action.Look(subscribe));
    }

    private List<Action> opened(Event.Looked looked) {
        Feed feed = feeds.get(looked.scope());
        if (feed == null) return List.of();
        List<Action> actions = new ArrayList<>();
        for (Receipt receipt : looked.reached()) actions.addAll(acknowledge(receipt));
        for (Message.Watermark watermark : looked.watermarks()) actions.addAll(mark(watermark));
        for (Rejection rejection : looked.rejections())
            actions.add(new Action.Send(new Message.Reject(rejection)));
        Opening opening = looked.opening();
        feed.head = Math.max(feed.head, opening.head().number());
        feed.opening = opening;
        FeedHead start = opening.start();
        if (start != null) {
            FeedHead known = opening.sameContext() ? FeedHead.START : start;
            actions.addAll(start(looked.scope(), feed, start, known));
        } else if (feed.comparison != null) {
            actions.addAll(compared(looked.scope(), feed, opening, feed.comparison));
        } else {
            actions.add(new Action.Send(new Message.Compare(looked.scope(), opening.ranges())));
        }
        return actions;
    }

    private List<Action> have(Message.Have have) {
        Feed feed = feeds.get(have.scope());
        if (feed == null || feed.sent != null) return List.of();
        Comparison piece = have.piece();
        compared += piece.context().intervals();
        if (compared > Limits.INTERVALS_COMPARED) {
            return bye(
                    Message.Bye.Code.MALFORMED,
                    "more than " + Limits.INTERVALS_COMPARED + " intervals to compare");
        }
        feed.clientHas.addAll(piece.context());
        if (!have.last()) return List.of();
        feed.comparison = piece;
        // On a polling transport the answer comes in a session after that of the question, and
        // maybe before the scope was looked up in this one.
        return feed.opening == null ? List.of() : compared(have.scope(), feed, feed.opening, piece);
    }

    private List<Action> compared(String scope, Feed feed, Opening opening, Comparison comparison) {
        // What was said of ranges counts for the digests that it was said of.
        if (comparison.of().equals(Comparison.name(opening.ranges())))
            feed.sameUpTo = opening.head().number();
        return start(scope, feed, FeedHead.START, FeedHead.START);
    }

    /** The client follows the feed after {@code from}; its cursor is at {@code told} yet. */
    private List<Action> start(String scope, Feed feed, FeedHead from, FeedHead told) {
        feed.sent = from;
        feed.told = told;
        List<Action> actions = new ArrayList<>();
        actions.add(new Action.Send(new Message.Opened(scope, new Cursor(server.node(), from))));
        if (isWorthTelling(feed)) actions.add(changes(scope, feed, List.of(), List.of()));
        actions.addAll(pump(scope, feed));
        return actions;
    }

    // Pushes.

    /**
     * A batch on its way through the checks.
     *
     * @param check the place of its signature's answer
     * @param byAuthority the checks of its author's grant; null if that was verified before
     */
    private record Candidate(
            Batch batch, SignedGrant grant, int check, @Nullable GrantChecks byAuthority) {}

    private List<Action> push(Message.Push push) {
        if (!feeds.containsKey(push.scope()))
            return bye(Message.Bye.Code.UNEXPECTED, "subscribe to the scope first");
        SignedGrant holder = java.util.Objects.requireNonNull(client);
        Map<ReplicaId, SignedGrant> shown = new HashMap<>();
        for (SignedGrant grant : push.grants()) shown.put(grant.replica(), grant);
        List<SignatureCheck> checks = new ArrayList<>();
        Map<ReplicaId, Long> vouched = new HashMap<>();
        boolean vouches = holder.grant().role() == Grant.Role.EDGE;
        for (Receipt.Signed receipt : push.receipts()) {
            // Only the edge that pushes vouches for when it received, and never for the future.
            if (!vouches || !receipt.receipt().node().equals(holder.replica())) continue;
            checks.add(receipt.check(holder.publicKey()));
        }
        int receipts = checks.size();
        Map<ReplicaId, GrantChecks> unverified = new HashMap<>();
        List<Action> actions = new ArrayList<>();
        List<Candidate> candidates = new ArrayList<>();
        for (Batch batch : push.batches()) {
            SignedGrant known = verified.get(batch.author());
            SignedGrant grant = known != null ? known : shown.get(batch.author());
            if (grant == null) grant = showing.get(batch.author());
            if (grant == null) {
                actions.add(
                        reject(
                                Admission.refuse(
                                        batch,
                                        Rejection.Code.NO_GRANT,
                                        "no grant of the author was shown")));
                continue;
            }
            if (known == null && !unverified.containsKey(batch.author())) {
                showing.put(batch.author(), grant);
                unverified.put(
                        batch.author(), GrantChecks.add(grant, server.authorities(), checks));
            }
            candidates.add(
                    new Candidate(batch, grant, checks.size(), unverified.get(batch.author())));
            checks.add(batch.check(grant.publicKey()));
        }
        if (candidates.isEmpty()) return actions;
        pushes++;
        actions.addAll(
                verify(
                        checks,
                        (answers, now) -> {
                            showing.keySet().removeAll(unverified.keySet());
                            for (int i = 0, r = 0;
                                    i < push.receipts().size() && receipts > 0;
                                    i++) {
                                Receipt receipt = push.receipts().get(i).receipt();
                                if (!receipt.node().equals(holder.replica())) continue;
                                if (answers.get(r++)) {
                                    for (Span span : receipt.spans())
                                        vouched.merge(
                                                span.replica(),
                                                Math.min(receipt.timeMillis(), now),
                                                Math::max);
                                }
                            }
                            return judged(push.scope(), candidates, answers, vouched, now);
                        }));
        return actions;
    }

    private List<Action> judged(
            String scope,
            List<Candidate> candidates,
            List<Boolean> answers,
            Map<ReplicaId, Long> vouched,
            long now) {
        List<Action> actions = new ArrayList<>();
        List<Batch> accepted = new ArrayList<>();
        Map<ReplicaId, SignedGrant> grants = new HashMap<>();
        for (Candidate candidate : candidates) {
            Batch batch = candidate.batch();
            Rejection refusal;
            if (candidate.byAuthority() != null && !candidate.byAuthority().hold(answers)) {
                refusal =
                        Admission.refuse(
                                batch,
                                Rejection.Code.NO_GRANT,
                                "the grant is not by an authority of this deployment");
            } else if (!answers.get(candidate.check())) {
                refusal =
                        Admission.refuse(
                                batch,
                                Rejection.Code.BAD_SIGNATURE,
                                "the signature is not the author's");
            } else {
                verified.put(batch.author(), candidate.grant());
                refusal =
                        Admission.judge(
                                batch,
                                candidate.grant(),
                                vouched.getOrDefault(batch.author(), now));
            }
            if (refusal != null) {
                actions.add(reject(refusal));
            } else {
                accepted.add(batch);
                grants.put(batch.author(), candidate.grant());
            }
        }
        if (accepted.isEmpty()) {
            pushes--;
            return actions;
        }
        answersFor.addAll(grants.keySet());
        for (Batch batch : accepted) keeping.add(batch.hash());
        long id =
                questions.ask((answer, later) -> {
                    for (Batch batch : accepted) keeping.remove(batch.hash());
                    return kept(scope, (Event.Kept) answer, later);
                });
        actions.add(new Action.Keep(id, scope, accepted, grants, vouched));
        return actions;
    }

    private List<Action> kept(String scope, Event.Kept kept, long nowMillis) {
        pushes--;
        List<Action> actions = new ArrayList<>();
        Feed feed = feeds.get(scope);
        List<Span> spans = new ArrayList<>();
        for (Batch batch : kept.flushed()) {
            spans.add(Span.of(batch));
            if (feed != null) feed.clientHas.add(batch.author(), batch.first(), batch.last());
        }
        if (!spans.isEmpty()) {
            actions.addAll(
                    acknowledge(
                            new Receipt(
                                    server.node(),
                                    scope,
                                    server.level(),
                                    nowMillis,
                                    merged(spans))));
        }
        for (Rejection rejection : kept.refused()) actions.add(reject(rejection));
        if (kept.pauseMillis() > 0) {
            actions.add(
                    new Action.Send(
                            new Message.Pace(Message.Pace.OPEN.windowBytes(), kept.pauseMillis())));
        }
        return actions;
    }

    /** Spans that follow one another in the order they stand, as one. */
    static List<Span> merged(List<Span> spans) {
        List<Span> merged = new ArrayList<>();
        for (Span span : spans) {
            Span before = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (before != null
                    && before.replica().equals(span.replica())
                    && before.to() + 1 == span.from()) {
                merged.set(
                        merged.size() - 1,
                        new Span(span.replica(), before.from(), span.to(), span.hash()));
            } else {
                merged.add(span);
            }
        }
        return merged;
    }

    private List<Action> acknowledge(Receipt receipt) {
        return sign(
                receipt.signedText(),
                (signature, now) ->
                        List.of(new Action.Send(new Message.Ack(receipt.signed(signature)))));
    }

    private Action reject(Rejection rejection) {
        return new Action.Send(new Message.Reject(rejection));
    }

    // The feed.

    private List<Action> pump(String scope, Feed feed) {
        if (!feed.readable || feed.sent == null || feed.reading || feed.ahead >= AHEAD)
            return List.of();
        if (feed.sent.number() >= feed.head) return List.of();
        feed.reading = true;
        return List.of(new Action.ReadFeed(scope, feed.sent.number(), PAGE_BYTES));
    }

    private List<Action> changes(Event.FeedRead read, long nowMillis) {
        Feed feed = feeds.get(read.scope());
        if (feed == null || feed.sent == null) return List.of();
        feed.reading = false;
        List<Batch> batches = new ArrayList<>();
        List<SignedGrant> grants = new ArrayList<>();
        for (FeedItem item : read.items()) {
            Batch batch = item.batch();
            feed.sent = item.head();
            if (feed.clientHas.of(batch.author()).contains(batch.first(), batch.last())) continue;
            if (feed.isSame(item)) continue;
            if (keeping.contains(batch.hash())) continue;
            batches.add(batch);
            SignedGrant grant = read.grants().get(batch.author());
            if (grant != null && told.add(batch.author())) grants.add(grant);
        }
        feed.head = read.items().isEmpty() ? Math.min(feed.head, feed.sent.number()) : feed.head;
        List<Action> actions = new ArrayList<>();
        boolean isWorthTelling = isWorthTelling(feed);
        if (!batches.isEmpty() || isWorthTelling) {
            actions.add(changes(read.scope(), feed, grants, batches));
            if (!read.applied().isEmpty() && isNode(client)) {
                Receipt receipt =
                        new Receipt(
                                server.node(),
                                read.scope(),
                                Durability.APPLIED,
                                nowMillis,
                                read.applied());
                actions.addAll(acknowledge(receipt));
            }
        }
        actions.addAll(pump(read.scope(), feed));
        return actions;
    }

    /**
     * Whether the client's cursor is to be moved though there is nothing for it: when it has first
     * caught up, so that contexts are not compared again in its next session, and at intervals from
     * then on.
     */
    private static boolean isWorthTelling(Feed feed) {
        if (!feed.readable || feed.sent == null) return false;
        long silent = feed.sent.number() - feed.told.number();
        boolean first = !feed.caughtUp && feed.sent.number() >= feed.head;
        feed.caughtUp |= first;
        return silent >= SILENT || (first && silent > 0);
    }

    private Action changes(String scope, Feed feed, List<SignedGrant> grants, List<Batch> batches) {
        FeedHead sent = java.util.Objects.requireNonNull(feed.sent);
        feed.ahead++;
        feed.told = sent;
        return new Action.Send(
                new Message.Changes(scope, new Cursor(server.node(), sent), grants, batches));
    }

    private static boolean isNode(@Nullable SignedGrant client) {
        return client != null && client.grant().role() != Grant.Role.DEVICE;
    }

    private List<Action> mark(Message.Watermark watermark) {
        Receipt receipt = watermark.receipt().receipt();
        boolean concerns =
                receipt.spans().stream()
                        .anyMatch(span -> concerns(receipt.scope(), span.replica()));
        if (!concerns) return List.of();
        // This node's own word needs no introduction; another's grant goes along once.
        if (receipt.node().equals(server.node()))
            return List.of(new Action.Send(new Message.Ack(watermark.receipt())));
        boolean known = !told.add(receipt.node());
        return List.of(
                new Action.Send(
                        known ? new Message.Watermark(null, watermark.receipt()) : watermark));
    }

    private boolean concerns(String scope, ReplicaId replica) {
        return feeds.containsKey(scope) && answersFor.contains(replica);
    }

    // Asking.

    private List<Action> verify(
            List<SignatureCheck> checks, BiFunction<List<Boolean>, Long, List<Action>> then) {
        return List.of(new Action.Verify(questions.checks(then), checks));
    }

    private List<Action> sign(Bytes text, BiFunction<Bytes, Long, List<Action>> then) {
        return List.of(new Action.Sign(questions.signature(then), text));
    }

    private List<Action> bye(Message.Bye.Code code, String reason) {
        closed = true;
        return List.of(new Action.Send(new Message.Bye(code, reason)), new Action.Close());
    }
}
