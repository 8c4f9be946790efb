package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node that others connect to. */
abstract class SimServer extends SimNode implements SimSession.Backend {
    private static final double ECHO = 0.05;

    final Session.Server server;
    private final List<SimNetwork.Connection> connections = new ArrayList<>();
    private final List<SimSession> sessions = new ArrayList<>();

    /** The chance that a network delivers a session's messages once more. */
    double echoes = ECHO;

    SimServer(Place place, String name, SignedGrant grant, Durability level) {
        super(place, name, grant);
        server = new Session.Server(grant, authorities(), level);
    }

    /** Takes a client in; null when nobody listens. */
    SimNetwork.@Nullable Connection dial(String client) {
        if (!up || network.isCut(client, name) || network.isCut(name, client)) return null;
        SimNetwork.Connection connection = network.connect(client, name);
        Bytes nonce = keys.random(16);
        SimSession session = new SimSession(this, nonce, connection);
        connections.add(connection);
        sessions.add(session);
        connection.serverClosed =
                () -> {
                    connections.remove(connection);
                    sessions.remove(session);
                };
        connection.atServer = session::received;
        if (world.chance(echoes)) echo(connection, session, nonce);
        world.after(1, session::challenge);
        return connection;
    }

    /**
     * A network that delivers what it delivered before once more, some time later, as a repeated
     * request does.
     */
    private void echo(SimNetwork.Connection connection, SimSession session, Bytes nonce) {
        SimNetwork.Connection nowhere = network.connect(connection.client, name);
        SimSession again = new SimSession(this, nonce, nowhere);
        connection.atServer =
                message -> {
                    session.received(message);
                    world.after(
                            world.between(0, 3_000),
                            () -> {
                                if (!up) return;
                                world.coverage.count(Coverage.ECHO);
                                again.received(message);
                            });
                };
    }

    /** A session is about to say that {@code receipt} is so: the moment from which it counts. */
    abstract void says(Receipt receipt);

    void tell(Session.Event event) {
        for (SimSession session : List.copyOf(sessions)) session.happened(event);
    }

    /** Sends something past the sessions' machines, as only a liar does. */
    void whisper(Message message) {
        for (SimNetwork.Connection connection : List.copyOf(connections))
            connection.toClient(message);
    }

    void hangUp() {
        for (SimNetwork.Connection connection : List.copyOf(connections)) connection.close();
        connections.clear();
        sessions.clear();
    }
}
