package dev.holdfast.drill.sim;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Backoff;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The driver of an {@link Uplink} in a simulation, for a device or an edge: connects, comes again
 * after a jittered wait, and carries the machine's actions to the node's disk.
 */
final class SimLink {
    /** What the link tells its node. */
    interface Node {
        /** A receipt was believed and is durable. */
        void believed(Receipt.Signed receipt, SignedGrant signer);

        void refused(Verdict verdict, SignedGrant signer);

        /** A region's signed time: heal the clock. */
        void regionTime(long millis);

        /** The node above knows bytes under this node's key that it does not have. */
        void cloned();

        /** What is sent in place of {@code message}: only liars change it. */
        default Message sends(Message message) {
            return message;
        }
    }

    private static final int TICK_MILLIS = 1_000;

    private final SimNode owner;
    private final World world;
    private final SimDisk disk;
    private final Schema schema;
    private final Uplink.Client client;
    private final List<String> scopes;
    private final Supplier<List<? extends SimServer>> above;
    private final Durability retainUntil;
    private final Node told;
    private final Backoff backoff;
    private final Patience patience = new Patience();

    private @Nullable Uplink uplink;
    private SimNetwork.@Nullable Connection connection;
    private final Deque<Uplink.Event> events = new ArrayDeque<>();

    /** Pushed and not answered, counted beside the machine. */
    private final List<Batch> unanswered = new ArrayList<>();

    /** What the node above has said that it has, by scope: pushed after that, it is no news. */
    private final Map<String, Context> said = new TreeMap<>();

    private boolean running;
    private boolean stopped;
    private int generation;

    /**
     * A link that takes any of those {@code above} that live.
     *
     * @param retainUntil the level up to which its node answers for what it took in
     * @param told hears what the link learns
     */
    SimLink(
            SimNode owner,
            Schema schema,
            List<String> scopes,
            Supplier<List<? extends SimServer>> above,
            Durability retainUntil,
            Node told) {
        this.owner = owner;
        this.world = owner.world;
        this.disk = owner.disk;
        this.schema = schema;
        this.client = new Uplink.Client(owner.grants(), owner.authorities());
        this.scopes = scopes;
        this.above = above;
        this.retainUntil = retainUntil;
        this.told = told;
        backoff = new Backoff(200, 10_000, world.random::nextDouble);
    }

    void start() {
        world.after(backoff.failed(), this::connect);
    }

    void stop() {
        stopped = true;
        drop();
    }

    /** Ends the connection; the next one may be to another node. */
    void moveOn() {
        if (connection != null) connection.close();
    }

    void grew(String scope) {
        if (uplink != null) happened(new Uplink.Event.Grew(scope));
    }

    void again(String scope, List<Long> numbers) {
        if (uplink != null) happened(new Uplink.Event.Again(scope, numbers));
    }

    private Upstream upstream(MemoryTables tables) {
        return new Upstream(
                tables, client.grant().replica(), client.grant().grant().role(), retainUntil);
    }

    private void connect() {
        if (stopped || connection != null) return;
        List<? extends SimServer> choice = above.get();
        SimNetwork.Connection made =
                choice.isEmpty()
                        ? null
                        : choice.get(world.random.nextInt(choice.size())).dial(owner.name);
        if (made == null) {
            world.after(1 + backoff.failed(), this::connect);
            return;
        }
        int born = ++generation;
        connection = made;
        uplink = new Uplink(client, patience);
        made.clientClosed =
                () -> {
                    if (born == generation) lost();
                };
        made.clientHears =
                () -> {
                    if (born == generation) happened(new Uplink.Event.Heard());
                };
        made.atClient =
                message -> {
                    if (born == generation) received(MessageCodec.decode(message));
                };
        disk.read(
                tables -> {
                    List<Uplink.ScopeState> states = new ArrayList<>();
                    for (String scope : scopes) states.add(upstream(tables).state(scope));
                    return states;
                },
                answer(
                        born,
                        states ->
                                happened(
                                        new Uplink.Event.Connected(
                                                owner.keys.random(16), states))));
        tick(born);
    }

    private void tick(int born) {
        world.after(
                TICK_MILLIS,
                () -> {
                    if (born != generation || uplink == null) return;
                    happened(new Uplink.Event.Tick());
                    tick(born);
                });
    }

    private void lost() {
        drop();
        if (!stopped) world.after(1 + backoff.failed(), this::connect);
    }

    private void drop() {
        generation++;
        SimNetwork.Connection old = connection;
        connection = null;
        uplink = null;
        events.clear();
        unanswered.clear();
        said.clear();
        if (old != null) old.close();
    }

    private void hangUp() {
        SimNetwork.Connection now = connection;
        if (now != null) now.close();
    }

    private void received(Message message) {
        switch (message) {
            case Message.Ack ack ->
                    answered(ack.receipt().receipt().scope(), ack.receipt().receipt().spans());
            case Message.Reject reject ->
                    answered(reject.rejection().scope(), List.of(reject.rejection().span()));
            // What the node above sends back it has, as good as acknowledged.
            case Message.Changes changes -> answered(changes.scope(), Span.of(changes.batches()));
            case Message.Pace pace -> {
                if (pace.pauseMillis() > 0) unanswered.clear();
            }
            default -> {}
        }
        happened(new Uplink.Event.Received(message));
    }

    private void answered(String scope, List<Span> spans) {
        Context all = said.computeIfAbsent(scope, none -> new Context());
        for (Span span : spans) all.add(span.replica(), span.from(), span.to());
        unanswered.removeIf(batch ->
                batch.scope().equals(scope)
                        && spans.stream()
                                .anyMatch(span ->
                                        span.replica().equals(batch.author())
                                                && span.from() <= batch.first()
                                                && span.to() >= batch.last()));
    }

    /** What is on its way is bounded: each scope's next page may be read while there is room. */
    private void pushes(Message.Push push) {
        long bytes = unanswered.stream().mapToLong(Batch::sizeBytes).sum();
        long window = Message.Pace.OPEN.windowBytes();
        Invariant.QUEUES_ARE_BOUNDED.hold(
                bytes < window * scopes.size(),
                () -> owner + " pushes on over " + bytes + " bytes without an answer");
        List<Batch> news = new ArrayList<>(push.batches());
        Context known = said.getOrDefault(push.scope(), new Context());
        news.removeIf(batch -> known.of(batch.author()).contains(batch.first(), batch.last()));
        unanswered.addAll(news);
        long sent = push.batches().stream().mapToLong(Batch::sizeBytes).sum();
        if (bytes + sent >= window) world.coverage.count(Coverage.FULL_WINDOW);
    }

    private void happened(Uplink.Event event) {
        events.add(event);
        if (running) return;
        running = true;
        while (!events.isEmpty()) {
            Uplink machine = uplink;
            Uplink.Event next = events.poll();
            if (machine != null && next != null)
                machine.step(next, owner.clock.millis()).forEach(this::act);
        }
        running = false;
    }

    private void act(Uplink.Action action) {
        int born = generation;
        SimNetwork.Connection to = connection;
        if (to == null) return;
        switch (action) {
            case Uplink.Action.Send send -> {
                Message message = told.sends(send.message());
                if (message instanceof Message.Push push) pushes(push);
                to.toServer(message);
            }
            case Uplink.Action.Sign sign ->
                    happened(
                            new Uplink.Event.Signed(
                                    sign.id(),
                                    owner.keys.sign(client.grant().publicKey(), sign.text())));
            case Uplink.Action.Verify verify ->
                    happened(
                            new Uplink.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(owner.keys::verify).toList()));
            case Uplink.Action.Fetch fetch -> fetch(fetch, born);
            case Uplink.Action.Store store ->
                    disk.write(
                            tables -> upstream(tables).store(store, owner.clock.millis()),
                            answer(
                                    born,
                                    taken -> {
                                        if (taken.cloned()) told.cloned();
                                        else
                                            happened(
                                                    new Uplink.Event.Stored(
                                                            store.scope(),
                                                            store.cursor().head().number(),
                                                            taken.same()));
                                    }),
                            to::close);
            case Uplink.Action.Differences asked ->
                    disk.read(
                            tables -> upstream(tables).differences(asked),
                            answer(
                                    born,
                                    context ->
                                            happened(
                                                    new Uplink.Event.Different(
                                                            asked.scope(), context))));
            case Uplink.Action.Wonder wonder ->
                    disk.read(
                            tables -> upstream(tables).wonder(wonder),
                            answer(
                                    born,
                                    about ->
                                            happened(
                                                    new Uplink.Event.Wondered(
                                                            wonder.scope(), about))));
            case Uplink.Action.Believe believe ->
                    disk.write(
                            tables -> upstream(tables).believe(believe),
                            taken -> {
                                if (taken.cloned()) {
                                    told.cloned();
                                    return;
                                }
                                told.believed(believe.receipt(), believe.signer());
                                Receipt receipt = believe.receipt().receipt();
                                if (born == generation)
                                    happened(
                                            new Uplink.Event.Believed(
                                                    receipt.node(), receipt.scope(), taken.same()));
                            },
                            to::close);
            case Uplink.Action.Refused refused ->
                    disk.write(
                            tables -> upstream(tables).refuse(refused, owner.clock.millis()),
                            news -> {
                                if (news) told.refused(refused.verdict(), refused.signer());
                            },
                            to::close);
            case Uplink.Action.Welcomed welcomed -> backoff.succeeded();
            case Uplink.Action.Time time -> told.regionTime(time.regionMillis());
            case Uplink.Action.Close close -> {
                world.note("link of " + to.client + " closes: " + close.reason());
                to.close();
            }
        }
    }

    private void fetch(Uplink.Action.Fetch fetch, int born) {
        if (fetch.lane() == Uplink.Lane.FRESH) seal(fetch, born);
        else page(fetch, born);
    }

    /** Seals what is unsealed, one batch after the other, each flushed before it may leave. */
    private void seal(Uplink.Action.Fetch fetch, int born) {
        Batch.Draft draft =
                disk.store.read(tables ->
                        author(tables).draft(fetch.scope(), client.granted(), fetch.maxBytes()));
        if (draft == null) {
            page(fetch, born);
            return;
        }
        Batch batch = draft.signed(owner.keys.sign(client.grant().publicKey(), draft.signedText()));
        disk.write(
                tables -> Optional.ofNullable(author(tables).seal(batch, owner.clock.millis())),
                answer(born, item -> seal(fetch, born)),
                // As in the real link: nothing else would have it sealed once there is room.
                () -> {
                    if (born == generation) hangUp();
                });
    }

    private void page(Uplink.Action.Fetch fetch, int born) {
        disk.read(
                tables -> upstream(tables).fetch(fetch),
                answer(
                        born,
                        page -> {
                            Receipt received = page.received();
                            List<Receipt.Signed> receipts =
                                    received == null
                                            ? List.of()
                                            : List.of(
                                                    received.signed(
                                                            owner.keys.sign(
                                                                    client.grant().publicKey(),
                                                                    received.signedText())));
                            happened(
                                    new Uplink.Event.Fetched(
                                            fetch.scope(),
                                            fetch.lane(),
                                            page.items(),
                                            page.grants(),
                                            receipts));
                        }));
    }

    private Author author(MemoryTables tables) {
        return new Author(tables, client.grant().replica(), schema);
    }

    /** An answer that counts only while the connection it was asked for lives. */
    private <T> Consumer<T> answer(int born, Consumer<T> then) {
        return value -> {
            if (born == generation) then.accept(value);
        };
    }
}
