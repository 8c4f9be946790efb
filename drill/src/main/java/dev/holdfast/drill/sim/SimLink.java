package dev.holdfast.drill.sim;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Backoff;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
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

        void refused(Rejection rejection);

        /** A region's signed time: heal the clock. */
        void regionTime(long millis);

        /** The node above knows bytes under this node's key that it does not have. */
        void cloned();
    }

    private static final int TICK_MILLIS = 1_000;

    private final World world;
    private final SimKeys keys;
    private final SimDisk disk;
    private final Schema schema;
    private final Uplink.Client client;
    private final Durability retainUntil;
    private final List<String> scopes;
    private final Function<World, SimNetwork.@Nullable Connection> dial;
    private final Node node;
    private final Backoff backoff;

    private @Nullable Uplink uplink;
    private SimNetwork.@Nullable Connection connection;
    private final Deque<Uplink.Event> events = new ArrayDeque<>();
    private boolean running;
    private boolean stopped;
    private int generation;

    /** A link that connects wherever {@code dial} says; null from it is nowhere, for now. */
    SimLink(
            World world,
            SimKeys keys,
            SimDisk disk,
            Schema schema,
            Uplink.Client client,
            Durability retainUntil,
            List<String> scopes,
            Function<World, SimNetwork.@Nullable Connection> dial,
            Node node) {
        this.world = world;
        this.keys = keys;
        this.disk = disk;
        this.schema = schema;
        this.client = client;
        this.retainUntil = retainUntil;
        this.scopes = scopes;
        this.dial = dial;
        this.node = node;
        backoff = new Backoff(200, 10_000, world.random::nextDouble);
    }

    void start() {
        world.after(backoff.failed(), this::connect);
    }

    void stop() {
        stopped = true;
        drop();
    }

    void grew(String scope) {
        if (uplink != null) happened(new Uplink.Event.Grew(scope));
    }

    private Upstream upstream(MemoryTables tables) {
        return new Upstream(tables, client.grant().replica(), retainUntil);
    }

    private void connect() {
        if (stopped || connection != null) return;
        SimNetwork.Connection made = dial.apply(world);
        if (made == null) {
            world.after(1 + backoff.failed(), this::connect);
            return;
        }
        int born = ++generation;
        connection = made;
        uplink = new Uplink(client);
        made.clientClosed =
                () -> {
                    if (born == generation) lost();
                };
        made.atClient =
                message -> {
                    if (born == generation)
                        happened(new Uplink.Event.Received(MessageCodec.decode(message)));
                };
        disk.read(
                tables -> {
                    List<Uplink.ScopeState> states = new ArrayList<>();
                    for (String scope : scopes) states.add(upstream(tables).state(scope));
                    return states;
                },
                answer(
                        born,
                        states -> happened(new Uplink.Event.Connected(keys.random(16), states))));
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
        if (old != null) old.close();
    }

    private void happened(Uplink.Event event) {
        events.add(event);
        if (running) return;
        running = true;
        while (!events.isEmpty()) {
            Uplink machine = uplink;
            Uplink.Event next = events.poll();
            if (machine != null && next != null)
                machine.step(next, world.nowMillis()).forEach(this::act);
        }
        running = false;
    }

    private void act(Uplink.Action action) {
        int born = generation;
        SimNetwork.Connection to = connection;
        if (to == null) return;
        switch (action) {
            case Uplink.Action.Send send -> to.toServer(MessageCodec.encode(send.message()));
            case Uplink.Action.Sign sign ->
                    happened(
                            new Uplink.Event.Signed(
                                    sign.id(), keys.sign(client.grant().publicKey(), sign.text())));
            case Uplink.Action.Verify verify ->
                    happened(
                            new Uplink.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(keys::verify).toList()));
            case Uplink.Action.Fetch fetch -> fetch(fetch, born);
            case Uplink.Action.Store store ->
                    disk.write(
                            tables -> upstream(tables).store(store, world.nowMillis()),
                            answer(
                                    born,
                                    taken -> {
                                        if (taken.cloned()) node.cloned();
                                        else
                                            happened(
                                                    new Uplink.Event.Stored(
                                                            store.scope(),
                                                            store.cursor().head().number()));
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
            case Uplink.Action.Believe believe ->
                    disk.write(
                            tables -> upstream(tables).believe(believe),
                            taken -> {
                                if (taken.cloned()) node.cloned();
                                else node.believed(believe.receipt(), believe.signer());
                            },
                            to::close);
            case Uplink.Action.Refused refused ->
                    disk.write(
                            tables ->
                                    upstream(tables).refuse(refused.rejection(), world.nowMillis()),
                            mine -> {
                                if (mine) node.refused(refused.rejection());
                            },
                            to::close);
            case Uplink.Action.Welcomed welcomed -> backoff.succeeded();
            case Uplink.Action.Time time -> node.regionTime(time.regionMillis());
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
                disk.store.read(
                        tables -> author(tables).draft(fetch.scope(), client.grant().grant()));
        if (draft == null) {
            page(fetch, born);
            return;
        }
        Batch batch = draft.signed(keys.sign(client.grant().publicKey(), draft.signedText()));
        disk.write(
                tables -> Optional.ofNullable(author(tables).seal(batch, world.nowMillis())),
                answer(born, item -> seal(fetch, born)),
                () -> page(fetch, born));
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
                                                            keys.sign(
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
