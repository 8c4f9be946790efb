package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Rounds;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session of core's {@link Uplink} with an {@link Image}, for a driver that can only answer
 * later. Tell it what happened; then ask {@link #next} until it answers null, and do each time what
 * it wants.
 *
 * <p>It goes on only once what it wanted is done: a batch's bytes are sent after the flush of its
 * sealing, and {@code took} after the flush of the changes, since the flush is asked for in
 * between. Consecutive changes, receipts and refusals share one. Not thread-safe.
 */
final class Exchange {
    /** Changes, receipts and refusals in one transaction. */
    private static final int GROUP = 64;

    /** What the driver is to do next. */
    sealed interface Want {
        /** Send this. */
        record Send(Bytes message) implements Want {}

        /** Sign this with the replica's key, and call {@link #signed}. */
        record Sign(Bytes text) implements Want {}

        /** Answer these, and call {@link #verified}. */
        record Verify(List<SignatureCheck> checks) implements Want {}

        /** Make durable what the image holds, and call {@link #flushed}. */
        record Flush() implements Want {}

        /** Know that the server let this device in. */
        record Welcomed(ReplicaId server, Durability level) implements Want {}

        /** Know what a region's clock said. */
        record Time(long regionMillis) implements Want {}

        /** Know that a write was refused. */
        record Refused(String scope, Span span) implements Want {}

        /**
         * The session is over.
         *
         * @param retry whether it may go better next time without anybody's doing
         * @param copied whether somebody else wrote under this device's key: its store was copied
         */
        record Closed(String reason, boolean retry, boolean copied) implements Want {}
    }

    private final Image image;
    private final Granted grants;
    private final Grant grant;
    private final Schema schema;
    private final Durability retainUntil;
    private final @Nullable Rounds rounds;
    private final Uplink machine;

    private final Set<String> followed = new LinkedHashSet<>();
    private final ArrayDeque<Uplink.Action> todo = new ArrayDeque<>();
    private final ArrayDeque<Want> wants = new ArrayDeque<>();

    /** What is waited for: the want and what to do with its answer. */
    private @Nullable Want waiting;

    private @Nullable Step then;
    private boolean closed;

    /** What comes of an answer. */
    private interface Step {
        void go(@Nullable Object answer, long nowMillis);
    }

    /**
     * A session that has not begun.
     *
     * @param byRounds whether the driver speaks by posts
     */
    Exchange(
            Image image,
            Granted grants,
            Set<Bytes> authorities,
            Schema schema,
            Durability retainUntil,
            Patience patience,
            boolean byRounds) {
        this.image = image;
        this.grants = grants;
        this.grant = grants.newest().grant();
        this.schema = schema;
        this.retainUntil = retainUntil;
        this.rounds = byRounds ? new Rounds() : null;
        this.machine = new Uplink(new Uplink.Client(grants, authorities), patience);
    }

    // What happens.

    /**
     * The server has said its challenge.
     *
     * @param own 16 random bytes
     */
    void begin(Bytes own, Message challenge, Set<String> scopes, long nowMillis) {
        List<Uplink.ScopeState> states = new ArrayList<>();
        for (String scope : scopes) {
            if (!follows(scope)) continue;
            followed.add(scope);
            states.add(state(scope));
        }
        step(new Uplink.Event.Connected(own, states), nowMillis);
        step(new Uplink.Event.Received(challenge), nowMillis);
    }

    void received(Message message, long nowMillis) {
        step(new Uplink.Event.Received(message), nowMillis);
    }

    /** The scope has something new, or is to be followed from now on. */
    void grew(String scope, long nowMillis) {
        if (followed.contains(scope)) step(new Uplink.Event.Grew(scope), nowMillis);
        else if (follows(scope)) {
            followed.add(scope);
            step(new Uplink.Event.Joined(state(scope)), nowMillis);
        }
    }

    void tick(long nowMillis) {
        step(new Uplink.Event.Tick(), nowMillis);
    }

    // Rounds.

    /** The body of the next post. */
    Bytes round() {
        List<Uplink.ScopeState> states = new ArrayList<>();
        for (String scope : followed) states.add(state(scope));
        CborWriter out = new CborWriter(4096);
        for (Message message : byRounds().next(machine.greeting(states)))
            MessageCodec.write(message, out);
        return out.toBytes();
    }

    /** What came back. */
    void answered(Bytes body, long nowMillis) {
        List<Message> answers = MessageCodec.decodeAll(body);
        for (Message message : byRounds().answers(answers, machine.isOpen()))
            received(message, nowMillis);
    }

    /** Whether the next round should follow at once. */
    boolean isMore() {
        return byRounds().isMore();
    }

    /** Scopes whose feed the server had nothing more of in the last round. */
    Set<String> exhausted() {
        return byRounds().exhausted();
    }

    /** Whether the last round moved anything. */
    boolean wasBusy() {
        return byRounds().wasBusy();
    }

    // What is wanted.

    /** What the driver is to do; null when there is nothing until something happens. */
    @Nullable Want next(long nowMillis) {
        while (true) {
            Want told = wants.poll();
            if (told != null) return told;
            if (waiting != null) return waiting;
            if (closed) return null;
            Uplink.Action first = todo.peek();
            if (first == null) return null;
            if (isKeeping(first)) keep(nowMillis);
            else perform(todo.remove(), nowMillis);
        }
    }

    void signed(Bytes signature, long nowMillis) {
        answer(Want.Sign.class, signature, nowMillis);
    }

    void verified(List<Boolean> answers, long nowMillis) {
        answer(Want.Verify.class, answers, nowMillis);
    }

    void flushed(long nowMillis) {
        answer(Want.Flush.class, null, nowMillis);
    }

    private void answer(Class<? extends Want> kind, @Nullable Object answer, long nowMillis) {
        Step step = then;
        if (step == null || !kind.isInstance(waiting))
            throw new IllegalStateException("an answer to no question");
        waiting = null;
        then = null;
        step.go(answer, nowMillis);
    }

    private void await(Want want, Step step) {
        waiting = want;
        then = step;
    }

    private void step(Uplink.Event event, long nowMillis) {
        todo.addAll(machine.step(event, nowMillis));
    }

    @SuppressWarnings("unchecked") // verified() brings exactly this
    private void perform(Uplink.Action action, long nowMillis) {
        switch (action) {
            case Uplink.Action.Send send -> send(send.message());
            case Uplink.Action.Sign sign ->
                    await(
                            new Want.Sign(sign.text()),
                            (answer, now) ->
                                    step(new Uplink.Event.Signed(sign.id(), bytes(answer)), now));
            case Uplink.Action.Verify verify ->
                    await(
                            new Want.Verify(verify.checks()),
                            (answer, now) ->
                                    step(
                                            new Uplink.Event.Verified(
                                                    verify.id(),
                                                    (List<Boolean>) Objects.requireNonNull(answer)),
                                            now));
            case Uplink.Action.Fetch fetch -> fetch(fetch, nowMillis);
            case Uplink.Action.Differences asked ->
                    step(
                            new Uplink.Event.Different(
                                    asked.scope(),
                                    image.read(tables -> upstream(tables).differences(asked))),
                            nowMillis);
            case Uplink.Action.Wonder wonder ->
                    step(
                            new Uplink.Event.Wondered(
                                    wonder.scope(),
                                    image.read(tables -> upstream(tables).wonder(wonder))),
                            nowMillis);
            case Uplink.Action.Welcomed welcomed ->
                    wants.add(new Want.Welcomed(welcomed.server().replica(), welcomed.level()));
            case Uplink.Action.Time time -> heal(time.regionMillis());
            case Uplink.Action.Close close -> close(close.reason(), close.retry(), false);
            case Uplink.Action.Store store -> throw new IllegalStateException("is kept in groups");
            case Uplink.Action.Believe believe ->
                    throw new IllegalStateException("is kept in groups");
            case Uplink.Action.Refused refused ->
                    throw new IllegalStateException("is kept in groups");
        }
    }

    private void send(Message message) {
        if (rounds != null) rounds.add(message);
        else wants.add(new Want.Send(MessageCodec.encode(message)));
    }

    private void close(String reason, boolean retry, boolean copied) {
        closed = true;
        wants.add(new Want.Closed(reason, retry, copied));
    }

    // Pushing.

    /** A page; for the fresh lane, of what is sealed now where all that was sealed has gone. */
    private void fetch(Uplink.Action.Fetch fetch, long nowMillis) {
        Upstream.Page page = image.read(tables -> upstream(tables).fetch(fetch));
        Batch.Draft draft =
                page.items().isEmpty() && fetch.lane() == Uplink.Lane.FRESH
                        ? image.<Batch.@Nullable Draft>read(tables ->
                                tables.isHeld(fetch.scope())
                                        ? null
                                        : author(tables)
                                                .draft(fetch.scope(), grants, fetch.maxBytes()))
                        : null;
        if (draft == null) {
            step(
                    new Uplink.Event.Fetched(
                            fetch.scope(), fetch.lane(), page.items(), page.grants(), List.of()),
                    nowMillis);
            return;
        }
        await(
                new Want.Sign(draft.signedText()),
                (answer, signedAt) -> {
                    Batch batch = draft.signed(bytes(answer));
                    // Where it follows no more, something was stamped anew meanwhile: once more.
                    image.write(tables -> author(tables).seal(batch, signedAt) != null);
                    await(new Want.Flush(), (none, flushedAt) -> fetch(fetch, flushedAt));
                });
    }

    // Taking in.

    private static boolean isKeeping(Uplink.Action action) {
        return action instanceof Uplink.Action.Store
                || action instanceof Uplink.Action.Believe
                || action instanceof Uplink.Action.Refused;
    }

    /** What one transaction made of a group of actions. */
    private record Kept(List<Step> then, boolean copied) {}

    private void keep(long nowMillis) {
        List<Uplink.Action> group = new ArrayList<>();
        while (group.size() < GROUP && !todo.isEmpty() && isKeeping(todo.getFirst()))
            group.add(todo.removeFirst());
        Kept kept = image.write(tables -> keep(tables, group, nowMillis));
        await(
                new Want.Flush(),
                (none, now) -> {
                    for (Step step : kept.then()) step.go(null, now);
                    if (kept.copied())
                        close("somebody else wrote under the key of this device", false, true);
                });
    }

    private Kept keep(ImageTables tables, List<Uplink.Action> group, long nowMillis) {
        List<Step> steps = new ArrayList<>();
        Upstream upstream = upstream(tables);
        for (Uplink.Action action : group) {
            switch (action) {
                case Uplink.Action.Store changes -> {
                    Upstream.Taken taken = upstream.store(changes, nowMillis);
                    if (taken.cloned()) return new Kept(steps, true);
                    long number = changes.cursor().head().number();
                    steps.add((none, now) ->
                            step(
                                    new Uplink.Event.Stored(changes.scope(), number, taken.same()),
                                    now));
                }
                case Uplink.Action.Believe believe -> {
                    Upstream.Taken taken = upstream.believe(believe);
                    if (taken.cloned()) return new Kept(steps, true);
                    Receipt receipt = believe.receipt().receipt();
                    steps.add((none, now) ->
                            step(
                                    new Uplink.Event.Believed(
                                            receipt.node(), receipt.scope(), taken.same()),
                                    now));
                }
                case Uplink.Action.Refused refused -> {
                    Rejection rejection = refused.verdict().rejection();
                    if (isFork(tables, rejection)) return new Kept(steps, true);
                    if (!upstream.refuse(refused, nowMillis)) continue;
                    steps.add((none, now) ->
                            wants.add(new Want.Refused(rejection.scope(), rejection.span())));
                }
                default -> throw new IllegalStateException("is not kept");
            }
        }
        return new Kept(steps, false);
    }

    /** Whether our own bytes were refused because others of our key came first. */
    private boolean isFork(ImageTables tables, Rejection rejection) {
        Span span = rejection.span();
        if (rejection.code() != Rejection.Code.FORK || !span.replica().equals(image.self()))
            return false;
        BatchHead head = tables.batchTo(rejection.scope(), span.replica(), span.to());
        return head != null
                && head.hash().equals(span.hash())
                && Outbox.answersFor(tables, rejection.scope(), span);
    }

    private void heal(long regionMillis) {
        for (String scope : image.read(ImageTables::scopes))
            image.write(tables -> author(tables).heal(scope, regionMillis));
        await(new Want.Flush(), (none, now) -> wants.add(new Want.Time(regionMillis)));
    }

    // For the parts above.

    private boolean follows(String scope) {
        return grant.names(scope) && followed.size() < Limits.SCOPES_PER_SESSION;
    }

    private Uplink.ScopeState state(String scope) {
        return image.read(tables -> upstream(tables).state(scope));
    }

    private Upstream upstream(ImageTables tables) {
        return new Upstream(tables, image.self(), grant.role(), retainUntil);
    }

    private Author author(ImageTables tables) {
        return new Author(tables, image.self(), schema);
    }

    private Rounds byRounds() {
        return Objects.requireNonNull(rounds, "a session over a socket has no rounds");
    }

    private static Bytes bytes(@Nullable Object answer) {
        return (Bytes) Objects.requireNonNull(answer);
    }
}
