package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Session;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The driver of a server's {@link Session} in a simulation: it carries actions to a node and
 * answers back.
 */
final class SimSession {
    /** What a server does for its sessions; answers come at once or later, on virtual time. */
    interface Backend {
        /** A client that proved its key follows a scope. */
        default void subscribes(SignedGrant client, String scope) {}

        void look(Message.Subscribe subscribe, Consumer<Session.Event.Looked> then);

        void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then);

        void read(Session.Action.ReadFeed read, Consumer<Session.Event.FeedRead> then);
    }

    private final SimServer node;
    private final Session session;
    private final SimNetwork.Connection connection;
    private final Deque<Session.Event> events = new ArrayDeque<>();

    /** Pages of changes on their way, by scope, counted beside the machine. */
    private final Map<String, Integer> ahead = new TreeMap<>();

    private boolean running;

    SimSession(SimServer node, Bytes nonce, SimNetwork.Connection connection) {
        this.node = node;
        this.session = new Session(node.server, nonce);
        this.connection = connection;
    }

    void challenge() {
        connection.toClient(session.challenge());
    }

    void received(Bytes message) {
        Message decoded;
        try {
            decoded = MessageCodec.decode(message);
        } catch (MalformedException e) {
            connection.close();
            return;
        }
        if (decoded instanceof Message.Took took) ahead.merge(took.scope(), -1, Integer::sum);
        happened(new Session.Event.Received(decoded));
    }

    void happened(Session.Event event) {
        events.add(event);
        if (running) return;
        running = true;
        while (!events.isEmpty()) {
            session.step(events.removeFirst(), node.clock.millis()).forEach(this::act);
        }
        running = false;
    }

    private void act(Session.Action action) {
        switch (action) {
            case Session.Action.Send send -> send(send.message());
            case Session.Action.Verify verify ->
                    happened(
                            new Session.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(node.keys::verify).toList()));
            case Session.Action.Sign sign ->
                    happened(
                            new Session.Event.Signed(
                                    sign.id(),
                                    node.keys.sign(node.grant.publicKey(), sign.text())));
            case Session.Action.Look look -> {
                SignedGrant client = session.client();
                if (client != null) node.subscribes(client, look.subscribe().scope());
                node.look(look.subscribe(), this::happened);
            }
            case Session.Action.Keep keep -> node.keep(keep, this::happened);
            case Session.Action.ReadFeed read -> node.read(read, this::happened);
            case Session.Action.Close close -> connection.close();
        }
    }

    private void send(Message message) {
        switch (message) {
            case Message.Ack ack -> node.says(ack.receipt().receipt());
            case Message.Changes changes -> {
                int pages = ahead.getOrDefault(changes.scope(), 0) + 1;
                ahead.put(changes.scope(), pages);
                Invariant.QUEUES_ARE_BOUNDED.hold(
                        pages <= Session.AHEAD, () -> node + " is more pages ahead than it may be");
            }
            case Message.Pace pace -> {
                if (pace.pauseMillis() > 0) node.world.coverage.count(Coverage.PAUSED);
            }
            default -> {}
        }
        connection.toClient(message);
    }
}
