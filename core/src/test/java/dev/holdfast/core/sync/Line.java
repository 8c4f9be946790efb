package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.AUTHORITY;
import static dev.holdfast.core.sync.Peer.FORGED;
import static dev.holdfast.core.sync.Peer.NOON;
import static dev.holdfast.core.sync.Peer.SCOPE;
import static dev.holdfast.core.sync.Peer.SIGNATURE;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignatureCheck;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * One session between a client and a node, both with real machines and stores, on one thread:
 * everything that is asked for is done in its order until nothing is left to do.
 */
final class Line {
    final Peer client;
    final Peer server;
    final Uplink uplink;
    final Session session;

    /** What was said, both ways. */
    final List<Message> said = new ArrayList<>();

    /** Happens before the client's answer to a comparison comes. */
    Runnable beforeHave = () -> {};

    private long nowMillis = NOON;
    private final Deque<Runnable> todo = new ArrayDeque<>();

    Line(Peer client, Peer server) {
        this.client = client;
        this.server = server;
        uplink = new Uplink(new Uplink.Client(client.grant, Set.of(AUTHORITY)), new Patience());
        session =
                new Session(
                        new Session.Server(
                                server.grant,
                                Set.of(AUTHORITY),
                                isRegion() ? Durability.REGION : Durability.EDGE),
                        Bytes.wrap(new byte[16]));
    }

    /** Connects, follows the scope, and runs until all is quiet. */
    Line open() {
        Uplink.ScopeState state = client.store.read(tables -> upstream(tables).state(SCOPE));
        happened(new Uplink.Event.Connected(Bytes.wrap(new byte[16]), List.of(state)));
        happened(new Uplink.Event.Received(session.challenge()));
        run();
        return this;
    }

    /** The client has written. */
    void grew() {
        happened(new Uplink.Event.Grew(SCOPE));
        run();
    }

    /** Time passes at the client. */
    void later(long millis) {
        nowMillis += millis;
        happened(new Uplink.Event.Tick());
        run();
    }

    /** The client has put back into its outbox what stands at {@code number}. */
    void again(long number) {
        happened(new Uplink.Event.Again(SCOPE, List.of(number)));
        run();
    }

    /** The client hears {@code message} besides. */
    void heard(Message message) {
        happened(new Uplink.Event.Received(MessageCodec.decode(MessageCodec.encode(message))));
        run();
    }

    <M extends Message> List<M> said(Class<M> kind) {
        return said.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    static List<Boolean> answers(List<SignatureCheck> checks) {
        return checks.stream().map(check -> !check.signature().equals(FORGED)).toList();
    }

    private boolean isRegion() {
        return server.grant.grant().role() == Grant.Role.REGION;
    }

    private void run() {
        for (Runnable next = todo.poll(); next != null; next = todo.poll()) next.run();
    }

    private void happened(Uplink.Event event) {
        todo.add(() -> uplink.step(event, nowMillis).forEach(this::act));
    }

    private void happened(Session.Event event) {
        todo.add(() -> session.step(event, NOON).forEach(this::act));
    }

    private Session.Event grown() {
        return new Session.Event.Grew(SCOPE, server.store.read(tables -> tables.feedHead(SCOPE)));
    }

    private Upstream upstream(dev.holdfast.core.replica.ReplicaTables tables) {
        return new Upstream(tables, client.id(), client.grant.grant().role(), Durability.APPLIED);
    }

    private void act(Uplink.Action action) {
        switch (action) {
            case Uplink.Action.Send send -> {
                said.add(send.message());
                Message received = MessageCodec.decode(MessageCodec.encode(send.message()));
                if (received instanceof Message.Have) {
                    beforeHave.run();
                    happened(grown());
                }
                happened(new Session.Event.Received(received));
            }
            case Uplink.Action.Sign sign -> happened(new Uplink.Event.Signed(sign.id(), SIGNATURE));
            case Uplink.Action.Verify verify ->
                    happened(new Uplink.Event.Verified(verify.id(), answers(verify.checks())));
            case Uplink.Action.Fetch fetch -> {
                while (fetch.lane() == Uplink.Lane.FRESH && client.seal() != null) {}
                Upstream.Page page = client.store.read(tables -> upstream(tables).fetch(fetch));
                happened(
                        new Uplink.Event.Fetched(
                                SCOPE, fetch.lane(), page.items(), page.grants(), List.of()));
            }
            case Uplink.Action.Store store -> {
                Upstream.Taken taken =
                        client.store.write(tables -> upstream(tables).store(store, NOON));
                long number = store.cursor().head().number();
                happened(new Uplink.Event.Stored(SCOPE, number, taken.same()));
            }
            case Uplink.Action.Differences asked ->
                    happened(
                            new Uplink.Event.Different(
                                    SCOPE,
                                    client.store.read(
                                            tables -> upstream(tables).differences(asked))));
            case Uplink.Action.Wonder wonder ->
                    happened(
                            new Uplink.Event.Wondered(
                                    SCOPE,
                                    client.store.read(tables -> upstream(tables).wonder(wonder))));
            case Uplink.Action.Believe believe -> {
                Upstream.Taken taken =
                        client.store.write(tables -> upstream(tables).believe(believe));
                happened(new Uplink.Event.Believed(server.id(), SCOPE, taken.same()));
            }
            case Uplink.Action.Refused refused ->
                    client.store.write(tables -> upstream(tables).refuse(refused, NOON));
            case Uplink.Action.Welcomed welcomed -> {}
            case Uplink.Action.Time time -> {
                if (server.grant.grant().role() != Grant.Role.REGION)
                    throw new AssertionError("an edge teaches nobody");
            }
            case Uplink.Action.Close close -> throw new AssertionError(close.reason());
        }
    }

    private void act(Session.Action action) {
        switch (action) {
            case Session.Action.Send send -> {
                said.add(send.message());
                Message received = MessageCodec.decode(MessageCodec.encode(send.message()));
                happened(new Uplink.Event.Received(received));
            }
            case Session.Action.Sign sign ->
                    happened(new Session.Event.Signed(sign.id(), SIGNATURE));
            case Session.Action.Verify verify ->
                    happened(new Session.Event.Verified(verify.id(), answers(verify.checks())));
            case Session.Action.Look look ->
                    happened(
                            server.store.<Session.Event>read(tables ->
                                    new Intake(tables, server.id(), Durability.APPLIED)
                                            .look(look.subscribe(), NOON)));
            case Session.Action.Keep keep -> {
                happened(
                        server.store.<Session.Event>write(tables ->
                                new Intake(tables, server.id(), Durability.APPLIED)
                                        .keep(keep, NOON)));
                happened(grown());
            }
            case Session.Action.ReadFeed read ->
                    happened(
                            server.store.<Session.Event>read(tables ->
                                    isRegion()
                                            ? Intake.readApplied(tables, read)
                                            : Intake.read(tables, read)));
            case Session.Action.Close close -> throw new AssertionError("the session was closed");
        }
    }
}
