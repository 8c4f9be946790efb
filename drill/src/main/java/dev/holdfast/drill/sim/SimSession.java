package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Session;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The driver of a server's {@link Session} in a simulation: it carries actions to a node and
 * answers back.
 */
final class SimSession {
    /** What a server does for its sessions; answers come at once or later, on virtual time. */
    interface Backend {
        void look(Message.Subscribe subscribe, Consumer<Session.Event.Looked> then);

        void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then);

        void read(Session.Action.ReadFeed read, Consumer<Session.Event.FeedRead> then);
    }

    private final World world;
    private final SimKeys keys;
    private final Session session;
    private final Session.Server server;
    private final Backend backend;
    private final SimNetwork.Connection connection;
    private final Deque<Session.Event> events = new ArrayDeque<>();
    private boolean running;

    SimSession(
            World world,
            SimKeys keys,
            Session.Server server,
            Bytes nonce,
            Backend backend,
            SimNetwork.Connection connection) {
        this.world = world;
        this.keys = keys;
        this.session = new Session(server, nonce);
        this.server = server;
        this.backend = backend;
        this.connection = connection;
    }

    void challenge() {
        connection.toClient(MessageCodec.encode(session.challenge()));
    }

    void received(Bytes message) {
        Message decoded;
        try {
            decoded = MessageCodec.decode(message);
        } catch (MalformedException e) {
            connection.close();
            return;
        }
        happened(new Session.Event.Received(decoded));
    }

    void happened(Session.Event event) {
        events.add(event);
        if (running) return;
        running = true;
        while (!events.isEmpty()) {
            session.step(events.removeFirst(), world.nowMillis()).forEach(this::act);
        }
        running = false;
    }

    private void act(Session.Action action) {
        switch (action) {
            case Session.Action.Send send ->
                    connection.toClient(MessageCodec.encode(send.message()));
            case Session.Action.Verify verify ->
                    happened(
                            new Session.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(keys::verify).toList()));
            case Session.Action.Sign sign ->
                    happened(
                            new Session.Event.Signed(
                                    sign.id(), keys.sign(server.grant().publicKey(), sign.text())));
            case Session.Action.Look look -> backend.look(look.subscribe(), this::happened);
            case Session.Action.Keep keep -> backend.keep(keep, this::happened);
            case Session.Action.ReadFeed read -> backend.read(read, this::happened);
            case Session.Action.Close close -> connection.close();
        }
    }
}
