package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.core.sync.Upstream;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreTables;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session of core's {@link Uplink} with a store: what happened goes in, and before the call
 * returns everything the machine wants done about it is done, in the order it was asked for, and
 * what is to be sent was sent. Consecutive changes, receipts and refusals share a transaction.
 *
 * <p>Knows no transport. Not thread-safe: its link's thread owns it.
 */
final class Exchange {
    /** Changes, receipts and refusals in one transaction. */
    private static final int GROUP = 64;

    private static final Bytes NO_HASH = Bytes.wrap(new byte[32]);

    /** Why it is over. */
    sealed interface End {
        /**
         * The machine, or the server, ended it.
         *
         * @param retry whether it may go better next time without anybody's doing
         */
        record Closed(String reason, boolean retry) implements End {}

        /** Somebody else wrote under this store's key, which has taken a new one. */
        record Renewed() implements End {}
    }

    /** The way out. */
    @FunctionalInterface
    interface Sender {
        void send(Message message) throws IOException;
    }

    private final ReplicaStore store;
    private final SignedGrant grant;
    private final ReplicaKey key;
    private final Durability retainUntil;
    private final Signatures signatures;
    private final InstantSource clock;
    private final Sender sender;
    private final Learned learned;

    private final Uplink machine;
    private final Set<String> followed = new LinkedHashSet<>();
    private final ArrayDeque<Uplink.Action> todo = new ArrayDeque<>();
    private @Nullable End end;

    /** What the driver wants to hear of, beyond what the store tells. */
    interface Learned extends LinkListener {
        void welcomed(ReplicaId server, Durability level);

        void regionTime(long regionMillis);
    }

    Exchange(
            ReplicaStore store,
            Granted grants,
            LinkSettings settings,
            Signatures signatures,
            InstantSource clock,
            Patience patience,
            Sender sender,
            Learned learned) {
        this.store = store;
        this.grant = grants.newest();
        this.key = store.key();
        this.retainUntil = settings.retainUntil();
        this.signatures = signatures;
        this.clock = clock;
        this.sender = sender;
        this.learned = learned;
        this.machine = new Uplink(new Uplink.Client(grants, settings.authorities()), patience);
    }

    /** Null while it goes on. */
    @Nullable End end() {
        return end;
    }

    boolean isOpen() {
        return machine.isOpen();
    }

    Set<String> followed() {
        return followed;
    }

    void begin(Bytes own, Message.Challenge challenge, Set<String> scopes) throws IOException {
        List<Uplink.ScopeState> states = new ArrayList<>();
        for (String scope : scopes) {
            followed.add(scope);
            states.add(state(scope));
        }
        happened(new Uplink.Event.Connected(own, states));
        happened(new Uplink.Event.Received(challenge));
    }

    /** The beginning of a round, by what the store has now. */
    List<Message> greeting() {
        return machine.greeting(followed.stream().map(this::state).toList());
    }

    /** The scope has something new, or is to be followed from now on. */
    void grew(String scope) {
        boolean isNew = followed.add(scope);
        step(isNew ? new Uplink.Event.Joined(state(scope)) : new Uplink.Event.Grew(scope));
    }

    /** What the outbox has at {@code numbers} is to be sent. */
    void again(String scope, Collection<Long> numbers) {
        step(new Uplink.Event.Again(scope, List.copyOf(numbers)));
    }

    void received(Message message) {
        step(new Uplink.Event.Received(message));
    }

    /** A part of something arrives. */
    void heard() {
        step(new Uplink.Event.Heard());
    }

    void tick() {
        step(new Uplink.Event.Tick());
    }

    /** Does what the machine wants done. */
    void run() throws IOException {
        while (end == null && !todo.isEmpty()) {
            if (isKeeping(todo.getFirst())) keep();
            else perform(todo.removeFirst());
        }
    }

    private void happened(Uplink.Event event) throws IOException {
        step(event);
        run();
    }

    private void step(Uplink.Event event) {
        todo.addAll(machine.step(event, clock.millis()));
    }

    private Uplink.ScopeState state(String scope) {
        return store.read(tables -> upstream(tables).state(scope));
    }

    private Upstream upstream(StoreTables tables) {
        return new Upstream(tables, grant.replica(), grant.grant().role(), retainUntil);
    }

    private void perform(Uplink.Action action) throws IOException {
        switch (action) {
            case Uplink.Action.Send send -> sender.send(send.message());
            case Uplink.Action.Sign sign ->
                    step(new Uplink.Event.Signed(sign.id(), key.sign(sign.text())));
            case Uplink.Action.Verify verify ->
                    step(
                            new Uplink.Event.Verified(
                                    verify.id(), signatures.verify(verify.checks())));
            case Uplink.Action.Fetch fetch -> step(fetched(fetch));
            case Uplink.Action.Differences asked ->
                    step(
                            new Uplink.Event.Different(
                                    asked.scope(),
                                    store.read(tables -> upstream(tables).differences(asked))));
            case Uplink.Action.Wonder wonder ->
                    step(
                            new Uplink.Event.Wondered(
                                    wonder.scope(),
                                    store.read(tables -> upstream(tables).wonder(wonder))));
            case Uplink.Action.Welcomed welcomed ->
                    learned.welcomed(welcomed.server().replica(), welcomed.level());
            case Uplink.Action.Time time -> heal(time.regionMillis());
            case Uplink.Action.Close close -> end = new End.Closed(close.reason(), close.retry());
            case Uplink.Action.Store store -> throw new IllegalStateException("is kept in groups");
            case Uplink.Action.Believe believe ->
                    throw new IllegalStateException("is kept in groups");
            case Uplink.Action.Refused refused ->
                    throw new IllegalStateException("is kept in groups");
        }
    }

    // Pushing.

    /** A page; for the fresh lane, of what is sealed now where all that was sealed has gone. */
    private Uplink.Event.Fetched fetched(Uplink.Action.Fetch fetch) {
        Upstream.Page page = store.read(tables -> upstream(tables).fetch(fetch));
        while (page.items().isEmpty() && fetch.lane() == Uplink.Lane.FRESH) {
            if (store.seal(fetch.scope(), clock.millis(), fetch.maxBytes()).isEmpty()) break;
            page = store.read(tables -> upstream(tables).fetch(fetch));
        }
        Receipt received = page.received();
        List<Receipt.Signed> receipts =
                received == null
                        ? List.of()
                        : List.of(received.signed(key.sign(received.signedText())));
        return new Uplink.Event.Fetched(
                fetch.scope(), fetch.lane(), page.items(), page.grants(), receipts);
    }

    // Taking in.

    private static boolean isKeeping(Uplink.Action action) {
        return action instanceof Uplink.Action.Store
                || action instanceof Uplink.Action.Believe
                || action instanceof Uplink.Action.Refused;
    }

    /** An action that was kept, and what of it the store had before, byte for byte. */
    private record Done(Uplink.Action action, List<Span> same) {}

    /**
     * What one transaction made of a group of actions.
     *
     * @param done those that were kept, in order
     * @param stranger the first that speaks of bytes under this store's key that it never wrote, or
     *     null; it and what follows it were left alone
     */
    private record Kept(List<Done> done, @Nullable Span stranger, String scope) {}

    private void keep() {
        List<Uplink.Action> group = new ArrayList<>();
        while (!todo.isEmpty() && group.size() < GROUP && isKeeping(todo.getFirst())) {
            group.add(todo.removeFirst());
        }
        Kept kept = store.write(tables -> keep(tables, group));
        for (Done done : kept.done()) {
            switch (done.action()) {
                case Uplink.Action.Store stored ->
                        step(
                                new Uplink.Event.Stored(
                                        stored.scope(),
                                        stored.cursor().head().number(),
                                        done.same()));
                case Uplink.Action.Believe believed -> {
                    learned.believed(believed.receipt(), believed.signer());
                    Receipt receipt = believed.receipt().receipt();
                    step(new Uplink.Event.Believed(receipt.node(), receipt.scope(), done.same()));
                }
                case Uplink.Action.Refused refused ->
                        learned.rejected(refused.verdict(), refused.signer());
                default -> throw new IllegalStateException("is not kept");
            }
        }
        Span stranger = kept.stranger();
        if (stranger == null) return;
        boolean renewed =
                store.shownForeign(
                        kept.scope(), stranger.replica(), stranger.to(), stranger.hash());
        // Not known and yet not foreign: only a session under the key before can be told such.
        end =
                renewed
                        ? new End.Renewed()
                        : new End.Closed("the server speaks of another history", true);
    }

    private Kept keep(StoreTables tables, List<Uplink.Action> group) {
        List<Done> done = new ArrayList<>();
        Upstream upstream = upstream(tables);
        long now = clock.millis();
        for (Uplink.Action action : group) {
            switch (action) {
                case Uplink.Action.Store changes -> {
                    Upstream.Taken taken = upstream.store(changes, now);
                    if (taken.cloned()) {
                        List<Span> spans = changes.batches().stream().map(Span::of).toList();
                        return stopped(tables, done, changes.scope(), spans);
                    }
                    done.add(new Done(action, taken.same()));
                }
                case Uplink.Action.Believe believe -> {
                    Upstream.Taken taken = upstream.believe(believe);
                    if (taken.cloned()) {
                        Receipt receipt = believe.receipt().receipt();
                        return stopped(tables, done, receipt.scope(), receipt.spans());
                    }
                    done.add(new Done(action, taken.same()));
                }
                case Uplink.Action.Refused refused -> {
                    Rejection rejection = refused.verdict().rejection();
                    if (isFork(tables, rejection)) {
                        Span span = rejection.span();
                        return new Kept(
                                done,
                                new Span(span.replica(), span.from(), span.to(), NO_HASH),
                                rejection.scope());
                    }
                    if (upstream.refuse(refused, now)) done.add(new Done(action, List.of()));
                }
                default -> throw new IllegalStateException("is not kept");
            }
        }
        return new Kept(done, null, "");
    }

    /**
     * Whether our own bytes were refused because others of our key came first. Their hash is not
     * told; any but ours says as much.
     */
    private boolean isFork(StoreTables tables, Rejection rejection) {
        Span span = rejection.span();
        return rejection.code() == Rejection.Code.FORK
                && span.replica().equals(grant.replica())
                && Outbox.answersFor(tables, rejection.scope(), span)
                && isKnown(tables, rejection.scope(), span);
    }

    /** The first of {@code spans} under this store's key that is not known here. */
    private Kept stopped(StoreTables tables, List<Done> done, String scope, List<Span> spans) {
        for (Span span : spans) {
            boolean own = span.replica().equals(grant.replica());
            if (own && !isKnown(tables, scope, span)) return new Kept(done, span, scope);
        }
        throw new IllegalStateException("a stranger's batch, and none is strange");
    }

    private static boolean isKnown(StoreTables tables, String scope, Span span) {
        BatchHead head = tables.batchTo(scope, span.replica(), span.to());
        return head != null && head.hash().equals(span.hash());
    }

    // Time.

    private void heal(long regionMillis) {
        for (String scope : store.read(StoreTables::scopes)) {
            store.write(tables -> store.author(tables).heal(scope, regionMillis));
        }
        learned.regionTime(regionMillis);
    }
}
