package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Patience;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Connections between nodes that keep the order of messages and lose everything after the first
 * loss, as TCP does; in times of reordering pushes overtake each other, as requests side by side
 * do. A path can be cut in each direction by itself; whoever sends into a cut learns nothing.
 */
final class SimNetwork {
    /** One direction of the path between two nodes, by name. */
    private record Path(String from, String to) {}

    private static final int PING_MILLIS = 45_000;
    private static final long SECOND_MILLIS = 1_000;

    private final World world;
    private final Set<Path> cut = new HashSet<>();
    private final Set<Path> cutForEver = new HashSet<>();
    private final int calmMillis;
    private final int thinBytesPerSecond;

    /** The chance that a message breaks its connection. */
    double loss;

    /** The chance that a push is held up, and those after it pass it. */
    double reordering;

    int slowestMillis;

    /**
     * A network without faults.
     *
     * @param slowestMillis its latency in quiet times
     * @param thinBytesPerSecond what the devices' links carry, always; 0 for as much as there is
     */
    SimNetwork(World world, int slowestMillis, int thinBytesPerSecond) {
        this.world = world;
        this.thinBytesPerSecond = thinBytesPerSecond;
        this.calmMillis = slowestMillis;
        this.slowestMillis = slowestMillis;
    }

    void cut(String from, String to, boolean isCut) {
        if (isCut) cut.add(new Path(from, to));
        else cut.remove(new Path(from, to));
    }

    void cutForEver(String from, String to) {
        cutForEver.add(new Path(from, to));
    }

    /** Ends every fault but those that last for ever. */
    void heal() {
        cut.clear();
        loss = 0;
        reordering = 0;
        slowestMillis = calmMillis;
    }

    void calm() {
        slowestMillis = calmMillis;
    }

    boolean isCut(String from, String to) {
        Path path = new Path(from, to);
        return cut.contains(path) || cutForEver.contains(path);
    }

    Connection connect(String client, String server) {
        return new Connection(client, server);
    }

    /** One direction of a connection. */
    private final class Way {
        private final Connection of;
        private final String from;
        private final String to;
        private boolean lost;
        private long freeMillis;

        Way(Connection of, String from, String to) {
            this.of = of;
            this.from = from;
            this.to = to;
        }

        /**
         * Carries a message.
         *
         * @param hears what the other end does, each second, while a message is on its way that
         *     takes longer than that
         */
        void send(Bytes message, boolean mayBePassed, Consumer<Bytes> arrive, Runnable hears) {
            if (!lost && (isCut(from, to) || world.chance(loss))) lose();
            if (of.closed || lost) return;
            long now = world.nowMillis();
            long due = Math.max(freeMillis, now + world.between(1, slowestMillis));
            if (isThin()) {
                long begun = due;
                due += message.size() * SECOND_MILLIS / thinBytesPerSecond;
                for (long at = begun; at < due; at += SECOND_MILLIS) whileOpen(at - now, hears);
                if (due - begun > Patience.LEAST_MILLIS) world.coverage.count(Coverage.THIN);
            }
            if (mayBePassed && world.chance(reordering)) {
                due += world.between(10, 3_000);
                world.coverage.count(Coverage.OVERTAKEN);
            } else {
                freeMillis = due;
            }
            whileOpen(due - now, () -> arrive.accept(message));
        }

        private boolean isThin() {
            return thinBytesPerSecond > 0 && of.client.startsWith("device");
        }

        private void whileOpen(long afterMillis, Runnable then) {
            world.after(
                    afterMillis,
                    () -> {
                        if (!lost && isCut(from, to)) lose();
                        if (!of.closed && !lost) then.run();
                    });
        }

        /** This direction is dead: the transports' pings find out, some time later. */
        private void lose() {
            lost = true;
            world.after(world.between(5_000, PING_MILLIS), of::close);
        }
    }

    /** A connection; each end sets what it does with a message, and with the end. */
    final class Connection {
        final String client;
        final String server;
        private final Way up;
        private final Way down;
        private boolean closed;
        Consumer<Bytes> atServer = message -> {};
        Consumer<Bytes> atClient = message -> {};
        Runnable clientHears = () -> {};
        Runnable serverClosed = () -> {};
        Runnable clientClosed = () -> {};

        private Connection(String client, String server) {
            this.client = client;
            this.server = server;
            up = new Way(this, client, server);
            down = new Way(this, server, client);
        }

        void toServer(Message message) {
            up.send(
                    MessageCodec.encode(message),
                    message instanceof Message.Push push && push.grants().isEmpty(),
                    bytes -> atServer.accept(bytes),
                    () -> {});
        }

        void toClient(Message message) {
            down.send(
                    MessageCodec.encode(message),
                    false,
                    bytes -> atClient.accept(bytes),
                    () -> clientHears.run());
        }

        /** Ends it for both; what is under way is lost. */
        void close() {
            if (closed) return;
            closed = true;
            serverClosed.run();
            clientClosed.run();
        }
    }
}
