package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one session: an edge's towards its devices, a region's towards edges and
 * devices. A machine without threads, clocks or I/O: {@link #step} takes what happened and answers
 * what to do. Its driver does the actions in order and brings the answers back as events, in any
 * order.
 *
 * <ul>
 *   <li>Nothing is acknowledged but by a {@link Event.Kept} that says it is flushed, and then
 *       signed ({@link Pushes}).
 *   <li>Every batch of a push is judged by itself: a refused one never holds up another.
 *   <li>Changes and pushes do not wait for each other. Changes go out ahead of the client's {@link
 *       Message.Took} by {@link #AHEAD} pages at most, so a slow client costs no memory here; the
 *       driver stops reading from the socket while {@link #isBusy}.
 *   <li>A client is not sent what it is known to have: what it pushed here, its own, what it said
 *       it has.
 *   <li>What becomes of operations that the client answers for, or pushed here, it is told.
 * </ul>
 *
 * <p>{@link Pushes} takes in, {@link Feed} sends out; this class greets and hands each its share.
 */
public final class Session {
    /** Pages of changes that may be on their way to the client. */
    public static final int AHEAD = 4;

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

        /** The latest that it can be when this node's clock says {@code nowMillis}. */
        long latestMillis(long nowMillis) {
            return grant.grant().role().latestMillis(nowMillis);
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
         * @param refused of them by this node, to be signed and sent
         * @param verdicts of regions, as kept
         */
        record Looked(
                String scope,
                Opening opening,
                List<Receipt> reached,
                List<Message.Watermark> watermarks,
                List<Rejection> refused,
                List<Message.Reject> verdicts)
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
         *     gets the page can then answer any of them, and another region learns what is in both;
         *     elsewhere empty
         * @param global of these authors, what is GLOBAL: nobody need ask for it; elsewhere empty
         * @param has of the page's authors, what a region that asks is known to have
         */
        record FeedRead(
                String scope,
                List<FeedItem> items,
                Map<ReplicaId, Granted> grants,
                List<Span> applied,
                List<Span> global,
                Context has)
                implements Event {
            /** Who wrote what is in it. */
            public Set<ReplicaId> authors() {
                Set<ReplicaId> authors = new LinkedHashSet<>();
                for (FeedItem item : items) authors.add(item.batch().author());
                return authors;
            }

            /** The same page for a region that has this of it. */
            public FeedRead knownToHave(Context known) {
                return new FeedRead(scope, items, grants, applied, global, known);
            }

            /** The same page, of whose authors these are GLOBAL. */
            public FeedRead whereGlobal(List<Span> spans) {
                return new FeedRead(scope, items, grants, applied, spans, has);
            }
        }

        /** The feed of a scope has grown to {@code head}. */
        record Grew(String scope, FeedHead head) implements Event {}

        /**
         * A region's word has come about some replica; it is sent on if it concerns this client.
         */
        record Marked(Message.Watermark watermark) implements Event {}

        /**
         * A region refused a batch that had been kept; it is sent on if it concerns this client.
         */
        record Refused(Message.Reject refusal) implements Event {}
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
                Map<ReplicaId, Granted> grants,
                Map<ReplicaId, Long> firstSeen)
                implements Action {}

        /**
         * A page of the feed after {@code after}.
         *
         * @param region which other region it is for; null where it is for none
         */
        record ReadFeed(String scope, @Nullable ReplicaId region, long after, int maxBytes)
                implements Action {}

        /** Send what was said before, then close. */
        record Close() implements Action {}
    }

    private final Server server;
    private final Bytes nonce;

    private boolean greeting;
    private final List<Message> early = new ArrayList<>();
    private boolean closed;

    private final Questions<Action> questions = new Questions<>();
    private final Grants grants;
    private final Map<String, Feed> feeds = new LinkedHashMap<>();

    /** Who it is, and what it pushes; null until it proved its key. */
    private @Nullable Guest guest;

    private @Nullable Pushes pushes;

    /** Intervals that the client has said to comparisons. */
    private int compared;

    /**
     * A session over which the client proves its key; {@code nonce} must be new, or still fresh.
     */
    public Session(Server server, Bytes nonce) {
        this.server = server;
        this.nonce = nonce;
        this.grants = new Grants(server.authorities());
    }

    /** The first message, for transports on which the server speaks first. */
    public Message.Challenge challenge() {
        return new Message.Challenge(Message.VERSION, server.node(), nonce);
    }

    /** Whether so much is under way that the driver should not read on. */
    public boolean isBusy() {
        return pushes != null && pushes.isFull();
    }

    /** Whether nothing is under way: a round of {@code POST /v1/sync} is over then. */
    public boolean isIdle() {
        return questions.isEmpty() && feeds.values().stream().noneMatch(Feed::isReading);
    }

    /** Who proved to be here; null before. */
    public @Nullable SignedGrant client() {
        return guest == null ? null : guest.grant();
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
            case Event.Looked looked -> looked(looked);
            case Event.Kept kept -> questions.answer(kept.id(), kept, nowMillis);
            case Event.FeedRead read -> with(read.scope(), feed -> feed.read(read, nowMillis));
            case Event.Grew grew -> with(grew.scope(), feed -> feed.grew(grew.head().number()));
            case Event.Marked marked -> mark(marked.watermark());
            case Event.Refused refused -> passOn(refused.refusal());
        };
    }

    private List<Action> receive(Message message, long nowMillis) {
        if (message instanceof Message.Hello hello) return hello(hello, nowMillis);
        if (message instanceof Message.Bye) {
            closed = true;
            return List.of(new Action.Close());
        }
        Guest here = guest;
        Pushes pushing = pushes;
        if (here == null || pushing == null) {
            // A client need not wait for its welcome to go on.
            if (!greeting || early.size() >= MAX_EARLY)
                return bye(Message.Bye.Code.UNEXPECTED, "say hello first");
            early.add(message);
            return List.of();
        }
        return switch (message) {
            case Message.Subscribe subscribe -> subscribe(subscribe, here);
            case Message.Have have -> have(have);
            case Message.Push push -> {
                Feed feed = feeds.get(push.scope());
                yield feed == null
                        ? bye(Message.Bye.Code.UNEXPECTED, "subscribe to the scope first")
                        : pushing.push(push, feed);
            }
            case Message.Took took -> with(took.scope(), Feed::took);
            case Message.Ask ask -> with(ask.scope(), feed -> feed.asked(ask));
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
        if (hello.grant().grant().role() == Grant.Role.OPERATOR)
            return bye(
                    Message.Bye.Code.UNAUTHORIZED, "an operator's grant is for looking at nodes");
        if (!hello.grant().grant().countsBetween(nowMillis, server.latestMillis(nowMillis))) {
            return bye(
                    Message.Bye.Code.UNAUTHORIZED, "the grant is not valid now: ask for a new one");
        }
        List<SignatureCheck> checks = new ArrayList<>();
        Bytes proven = Message.proofText(server.node(), nonce, hello.own());
        checks.add(new SignatureCheck(hello.grant().publicKey(), proven, hello.proof()));
        GrantChecks byAuthority = GrantChecks.add(hello.grant(), server.authorities(), checks);
        long id =
                questions.checks((answers, now) -> {
                    String fault = "";
                    if (!answers.get(0)) fault = "the proof is not by the grant's key";
                    else if (!byAuthority.hold(answers))
                        fault = "the grant is not by an authority of this deployment";
                    return fault.isEmpty()
                            ? sign(
                                    Message.timeText(hello.own(), now),
                                    (signature, later) -> welcome(hello, now, signature, later))
                            : bye(Message.Bye.Code.UNAUTHORIZED, fault);
                });
        return List.of(new Action.Verify(id, checks));
    }

    private List<Action> welcome(
            Message.Hello hello, long timeMillis, Bytes signature, long nowMillis) {
        Guest here = new Guest(hello.grant());
        guest = here;
        pushes = new Pushes(server, here, grants, questions, this::acknowledge, this::refuse);
        grants.add(hello.grant());
        Message.SignedTime time = new Message.SignedTime(timeMillis, signature);
        List<Action> actions = new ArrayList<>();
        actions.add(
                new Action.Send(
                        new Message.Welcome(
                                server.grant(), server.level(), time, Message.Pace.OPEN)));
        for (Message message : early) actions.addAll(receive(message, nowMillis));
        early.clear();
        return actions;
    }

    // Scopes.

    private List<Action> subscribe(Message.Subscribe subscribe, Guest here) {
        String scope = subscribe.scope();
        if (!here.grant().grant().names(scope)) {
            return bye(Message.Bye.Code.FORBIDDEN, "the grant does not name the scope " + scope);
        }
        if (feeds.size() >= Limits.SCOPES_PER_SESSION) {
            return bye(
                    Message.Bye.Code.FORBIDDEN,
                    "more than " + Limits.SCOPES_PER_SESSION + " scopes in one session");
        }
        here.answersFor(subscribe.pending().replicas().keySet());
        if (here.answersForTooMany()) {
            return bye(
                    Message.Bye.Code.MALFORMED,
                    "more than " + Limits.ANSWERED_FOR + " replicas to answer for in one session");
        }
        feeds.put(scope, new Feed(scope, server.node(), here, subscribe.own(), this::acknowledged));
        return List.of(new Action.Look(subscribe));
    }

    private List<Action> looked(Event.Looked looked) {
        Feed feed = feeds.get(looked.scope());
        if (feed == null) return List.of();
        if (feed.isAnswered()) return told(looked);
        List<Action> actions = new ArrayList<>();
        for (Message.Watermark watermark : looked.watermarks()) actions.addAll(mark(watermark));
        for (Message.Reject verdict : looked.verdicts()) actions.addAll(passOn(verdict));
        for (Rejection refused : looked.refused()) actions.addAll(refuse(refused));
        actions.addAll(reached(looked.reached().iterator(), feed, looked.opening()));
        return actions;
    }

    /**
     * Says all that is reached before the scope is open, though signatures may come later: else the
     * client would send again what it is about to be told.
     */
    private List<Action> reached(Iterator<Receipt> receipts, Feed feed, Opening opening) {
        if (!receipts.hasNext()) return feed.found(opening);
        return acknowledged(receipts.next(), () -> reached(receipts, feed, opening));
    }

    /** The answer to {@link Message.Ask}: what is more than that they are here. */
    private List<Action> told(Event.Looked looked) {
        List<Action> actions = new ArrayList<>();
        for (Message.Watermark watermark : looked.watermarks()) actions.add(tell(watermark));
        for (Receipt receipt : looked.reached()) {
            if (receipt.level().reaches(Durability.REGION)) actions.addAll(acknowledge(receipt));
        }
        return actions;
    }

    private List<Action> have(Message.Have have) {
        compared += have.piece().context().intervals();
        if (compared > Limits.INTERVALS_COMPARED) {
            return bye(
                    Message.Bye.Code.MALFORMED,
                    "more than " + Limits.INTERVALS_COMPARED + " intervals to compare");
        }
        return with(have.scope(), feed -> feed.said(have.piece(), have.last()));
    }

    private List<Action> with(String scope, Function<Feed, List<Action>> then) {
        Feed feed = feeds.get(scope);
        return feed == null ? List.of() : then.apply(feed);
    }

    // What becomes of operations.

    private List<Action> acknowledge(Receipt receipt) {
        return acknowledged(receipt, List::of);
    }

    /** Has the receipt signed and sent, and then does what comes after it. */
    private List<Action> acknowledged(Receipt receipt, Supplier<List<Action>> then) {
        return sign(
                receipt.signedText(),
                (signature, now) -> {
                    List<Action> actions = new ArrayList<>();
                    actions.add(new Action.Send(new Message.Ack(receipt.signed(signature))));
                    actions.addAll(then.get());
                    return actions;
                });
    }

    private List<Action> refuse(Rejection rejection) {
        ReplicaId node = server.node();
        return sign(
                Verdict.signedText(node, rejection),
                (signature, now) -> {
                    Verdict verdict = new Verdict(node, rejection, signature);
                    return List.of(new Action.Send(new Message.Reject(null, verdict)));
                });
    }

    private List<Action> passOn(Message.Reject refusal) {
        Rejection rejection = refusal.rejection();
        if (!isConcernedBy(rejection.scope(), rejection.span())) return List.of();
        Verdict verdict = refusal.verdict();
        return List.of(
                new Action.Send(
                        isIntroduced(verdict.node(), refusal.signer())
                                ? new Message.Reject(null, verdict)
                                : refusal));
    }

    /** This node's own word needs no introduction; another's grant goes along once. */
    private boolean isIntroduced(ReplicaId node, @Nullable SignedGrant signer) {
        return node.equals(server.node())
                || guest == null
                || signer == null
                || !guest.isNew(signer);
    }

    private List<Action> mark(Message.Watermark watermark) {
        Receipt receipt = watermark.receipt().receipt();
        boolean concerns =
                receipt.spans().stream().anyMatch(span -> isConcernedBy(receipt.scope(), span));
        return concerns || isForItsClients(receipt) ? List.of(tell(watermark)) : List.of();
    }

    private Action tell(Message.Watermark watermark) {
        ReplicaId node = watermark.receipt().receipt().node();
        if (node.equals(server.node()))
            return new Action.Send(new Message.Ack(watermark.receipt()));
        return new Action.Send(
                isIntroduced(node, watermark.signer())
                        ? new Message.Watermark(null, watermark.receipt())
                        : watermark);
    }

    /**
     * Whether an edge is to be told what it did not ask for. What it got from here became APPLIED
     * before it came and GLOBAL after: any device that comes to that edge may wait for the word.
     */
    private boolean isForItsClients(Receipt receipt) {
        return guest != null
                && guest.isNode()
                && !guest.isRegion()
                && receipt.level().reaches(Durability.GLOBAL)
                && feeds.containsKey(receipt.scope());
    }

    private boolean isConcernedBy(String scope, Span span) {
        return guest != null && feeds.containsKey(scope) && guest.isConcernedBy(span.replica());
    }

    private List<Action> sign(Bytes text, BiFunction<Bytes, Long, List<Action>> then) {
        return List.of(new Action.Sign(questions.signature(then), text));
    }

    private List<Action> bye(Message.Bye.Code code, String reason) {
        closed = true;
        return List.of(new Action.Send(new Message.Bye(code, reason)), new Action.Close());
    }
}
