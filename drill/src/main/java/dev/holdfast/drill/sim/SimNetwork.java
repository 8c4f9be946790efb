package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Connections between nodes that keep the order of messages and lose everything after the first
 * loss, as TCP does. A path can be cut in each direction by itself; whoever sends into a cut learns
 * nothing.
 */
final class SimNetwork {
    /** One direction of the path between two nodes, by name. */
    private record Path(String from, String to) {}

    private static final int PING_MILLIS = 45_000;

    private final World world;
    private final Map<Path, Boolean> cut = new HashMap<>();

    /** The chance that a message breaks its connection. */
    double loss;

    int slowestMillis = 40;

    SimNetwork(World world) {
        this.world = world;
    }

    void cut(String from, String to, boolean isCut) {
        cut.put(new Path(from, to), isCut);
    }

    void heal() {
        cut.clear();
        loss = 0;
    }

    boolean isCut(String from, String to) {
        return cut.getOrDefault(new Path(from, to), false);
    }

    Connection connect(String client, String server) {
        return new Connection(client, server);
    }

    /** A connection; each end sets what it does with a message, and with the end. */
    final class Connection {
        final String client;
        final String server;
        private boolean closed;
        private boolean upLost;
        private boolean downLost;
        private long upFree;
        private long downFree;
        Consumer<Bytes> atServer = message -> {};
        Consumer<Bytes> atClient = message -> {};
        Runnable serverClosed = () -> {};
        Runnable clientClosed = () -> {};

        private Connection(String client, String server) {
            this.client = client;
            this.server = server;
        }

        void toServer(Bytes message) {
            if (!upLost && (isCut(client, server) || world.chance(loss))) upLost = lost();
            if (closed || upLost) return;
            upFree = Math.max(upFree, world.nowMillis() + world.between(1, slowestMillis));
            world.after(
                    upFree - world.nowMillis(),
                    () -> {
                        if (!upLost && isCut(client, server)) upLost = lost();
                        if (!closed && !upLost) atServer.accept(message);
                    });
        }

        void toClient(Bytes message) {
            if (!downLost && (isCut(server, client) || world.chance(loss))) downLost = lost();
            if (closed || downLost) return;
            downFree = Math.max(downFree, world.nowMillis() + world.between(1, slowestMillis));
            world.after(
                    downFree - world.nowMillis(),
                    () -> {
                        if (!downLost && isCut(server, client)) downLost = lost();
                        if (!closed && !downLost) atClient.accept(message);
                    });
        }

        /** One direction is dead: the transports' pings find out, some time later. */
        private boolean lost() {
            world.after(world.between(5_000, PING_MILLIS), this::close);
            return true;
        }

        /** Ends it for both; what is under way is lost. */
        void close() {
            if (closed) return;
            closed = true;
            serverClosed.run();
            clientClosed.run();
        }

        boolean isClosed() {
            return closed;
        }
    }
}
