package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A simulated edge, alone on virtual time, for whoever sends it what no client would: the real
 * session, intake and merge over tables in memory.
 */
public final class EdgeUnderFire {
    /** Longer than the slowest flush and any latency: what is said by then is the answer. */
    private static final long ANSWER_MILLIS = 100;

    private static final List<String> SCOPES = List.of("clinic-7", "clinic-8");

    private final World world;
    private final SimKeys keys;
    private final SimNode.Place place;
    private final SimEdge edge;

    public EdgeUnderFire(long seed) {
        world = new World(seed);
        keys = new SimKeys(world);
        SimNetwork network = new SimNetwork(world, 5, 0);
        place = new SimNode.Place(world, keys, network, new Claims(), keys.newKey());
        SignedGrant grant = newGrant("edge", Grant.Role.EDGE);
        edge = new SimEdge(place, "edge", grant, SCOPES, List::of, Durability.APPLIED);
        // What comes of a message must come of that one.
        edge.echoes = 0;
    }

    /** A grant by the authority that the edge trusts, for a new key. */
    public SignedGrant newGrant(String subject, Grant.Role role) {
        return place.newGrant(subject, role);
    }

    /** By the key that {@code grant} is for. */
    public Bytes sign(SignedGrant grant, Bytes text) {
        return keys.sign(grant.publicKey(), text);
    }

    public long nowMillis() {
        return world.nowMillis();
    }

    /** A new connection. */
    public Line dial() {
        return new Line(Objects.requireNonNull(edge.dial("client")));
    }

    /**
     * What a message did.
     *
     * @param answers what the edge said to it
     * @param closed whether it ended the session
     * @param wrote whether there was a transaction on its tables
     */
    public record Effect(List<Message> answers, boolean closed, boolean wrote) {}

    /** One client's connection. */
    public final class Line {
        private final SimNetwork.Connection connection;
        private final List<Message> heard = new ArrayList<>();
        private boolean closed;

        private Line(SimNetwork.Connection connection) {
            this.connection = connection;
            connection.atClient = bytes -> heard.add(MessageCodec.decode(bytes));
            connection.clientClosed = () -> closed = true;
        }

        /** The first thing the edge says. */
        public Message.Challenge challenge() {
            return (Message.Challenge) settle().answers().getFirst();
        }

        /**
         * Hands the edge bytes as the network would, and waits for what comes of it.
         *
         * @throws RuntimeException whatever the edge throws
         */
        public Effect say(Bytes message) {
            edge.disk.hasChanged();
            if (!closed) connection.atServer.accept(message);
            return settle();
        }

        private Effect settle() {
            long until = world.nowMillis() + ANSWER_MILLIS;
            world.after(ANSWER_MILLIS, () -> {});
            while (world.nowMillis() < until && world.step()) {}
            List<Message> answers = List.copyOf(heard);
            heard.clear();
            return new Effect(answers, closed, edge.disk.hasChanged());
        }
    }
}
