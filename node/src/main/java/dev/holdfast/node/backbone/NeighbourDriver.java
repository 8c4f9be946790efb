package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a link to one neighbour: one that dials while there is no connection, and for each
 * connection one that reads and one that writes. All state is guarded by the backbone's lock.
 *
 * <p>Either side may dial. Of two connections at a time both sides keep the one that was dialled by
 * the member whose name comes first, so that no two opinions meet; the other side dials only where
 * that one has not for a while, as where its way out is closed.
 */
final class NeighbourDriver {
    private static final int TOOK_BYTES = Frame.MAX_DATA_BYTES;
    private static final long LONGEST_WAIT_PROBES = 5;
    private static final int SECOND_DIALS_AFTER_PROBES = 2;
    private static final Duration SHORTEST_PATIENCE = Duration.ofSeconds(5);
    private static final Duration LIMITED_WAIT = Duration.ofMillis(10);

    private final class Connection {
        final Wire wire;
        final boolean dialled;
        final LinkQueue queue = backbone.newQueue();
        final LinkWindow window = new LinkWindow();
        final Condition work = backbone.lock().newCondition();
        long receivedBytes;
        long saidBytes;
        long countedBytes;
        boolean within = true;
        boolean over;

        Connection(Wire wire, boolean dialled) {
            this.wire = wire;
            this.dialled = dialled;
        }
    }

    private final BackboneDriver backbone;
    private final String name;
    private final Condition changed;
    private final Thread dialler;
    private final long[] laneBytes = new long[Lane.COUNT];
    private Optional<HostPort> address = Optional.empty();
    private Duration probe = Duration.ofSeconds(1);
    private @Nullable Connection connection;
    private long aloneSince;
    private long overheadBytes;
    private long wireBytes;
    private long connections;
    private boolean closed;
    private String lastFailure = "not tried yet";

    NeighbourDriver(BackboneDriver backbone, String name) {
        this.backbone = backbone;
        this.name = name;
        this.changed = backbone.lock().newCondition();
        this.aloneSince = backbone.now();
        this.dialler = Thread.ofVirtual().name("backbone-" + name).unstarted(this::dial);
    }

    /** Where it is dialled, and how often probed. */
    void aim(Optional<HostPort> at, Duration everySoOften) {
        if (!address.equals(at)) changed.signalAll();
        address = at;
        probe = everySoOften;
    }

    void start() {
        dialler.start();
    }

    void close() {
        closed = true;
        changed.signalAll();
        Connection now = connection;
        if (now != null) over(now, "the link is given up");
    }

    boolean isConnected() {
        return connection != null;
    }

    /** Why there is no connection. */
    String lastFailure() {
        return lastFailure;
    }

    /** Of the data that was sent. */
    long laneBytes(Lane lane) {
        return laneBytes[lane.code()];
    }

    /** Frames that were sent and are no data of streams: probes, link states and the like. */
    long overheadBytes() {
        return overheadBytes;
    }

    /** All that went over it, both ways, below TLS. */
    long wireBytes() {
        Connection now = connection;
        return wireBytes + (now == null ? 0 : now.wire.bytes() - now.countedBytes);
    }

    /** How many there were. */
    long connections() {
        return connections;
    }

    long waitingBytes() {
        Connection now = connection;
        return now == null ? 0 : now.queue.waitingBytes();
    }

    // With the lock held.

    void send(Frame frame) {
        Connection now = connection;
        if (now == null) return;
        if (!now.queue.add(frame)) over(now, "it takes nothing");
        now.work.signal();
    }

    void send(Circuit circuit, Frame.OfStream frame) {
        Connection now = connection;
        if (now == null) return;
        now.queue.add(circuit, frame);
        now.work.signal();
    }

    void drop(String why) {
        Connection now = connection;
        if (now != null) over(now, why);
    }

    private void over(Connection old, String why) {
        if (old.over) return;
        old.over = true;
        old.work.signalAll();
        old.wire.close();
        account(old);
        if (connection != old) return;
        connection = null;
        aloneSince = backbone.now();
        lastFailure = why;
        changed.signalAll();
        backbone.disconnected(name, why);
    }

    /** Its streams are over, and the link is not down: there is another connection. */
    private void replaced(Connection old) {
        old.over = true;
        old.work.signalAll();
        old.wire.close();
        account(old);
        backbone.replaced(name);
    }

    private void account(Connection of) {
        long bytes = of.wire.bytes() - of.countedBytes;
        of.countedBytes += bytes;
        wireBytes += bytes;
        of.within = backbone.count(name, bytes);
    }

    /** Whether it is the one that is kept. */
    private boolean take(Connection fresh) {
        Connection before = connection;
        if (closed) return false;
        boolean mineFirst = backbone.name().compareTo(name) < 0;
        if (before != null && before.dialled == mineFirst && fresh.dialled != mineFirst)
            return false;
        if (before != null) replaced(before);
        connection = fresh;
        connections++;
        changed.signalAll();
        backbone.connected(name, fresh.dialled);
        return true;
    }

    // Threads.

    private void dial() {
        long waitMillis = 0;
        while (true) {
            HostPort at;
            try {
                at = awaitTurn(waitMillis);
            } catch (InterruptedException e) {
                return; // nobody does that but to end it
            }
            if (at == null) return;
            try {
                Wire wire = backbone.dialling().dial(at, name, patience());
                waitMillis = 0;
                serve(new Connection(wire, true), Optional.empty());
            } catch (IOException e) {
                failed(at + ": " + e.getMessage());
            } catch (InterruptedException e) {
                return;
            }
            waitMillis = nextWait(waitMillis);
        }
    }

    private long nextWait(long before) {
        backbone.lock().lock();
        try {
            long most = LONGEST_WAIT_PROBES * probe.toMillis();
            long bound = Math.min(most, Math.max(probe.toMillis() / 4, 2 * before));
            return Math.max(50, (long) (bound * (0.5 + backbone.fraction() / 2)));
        } finally {
            backbone.lock().unlock();
        }
    }

    private void failed(String why) {
        backbone.lock().lock();
        try {
            if (connection == null) lastFailure = why;
        } finally {
            backbone.lock().unlock();
        }
    }

    private Duration patience() {
        backbone.lock().lock();
        try {
            Duration some = probe.multipliedBy(2);
            return some.compareTo(SHORTEST_PATIENCE) > 0 ? some : SHORTEST_PATIENCE;
        } finally {
            backbone.lock().unlock();
        }
    }

    /** Waits until this side is to dial; answers where to, or null when it is closed. */
    private @Nullable HostPort awaitTurn(long waitMillis) throws InterruptedException {
        backbone.lock().lock();
        try {
            long waitUntil = backbone.now() + waitMillis * 1_000;
            while (!closed) {
                long mine = backbone.name().compareTo(name) < 0 ? 0 : SECOND_DIALS_AFTER_PROBES;
                long turn = Math.max(waitUntil, aloneSince + mine * probe.toMillis() * 1_000);
                long left = turn - backbone.now();
                if (connection != null || address.isEmpty()) changed.await();
                else if (left > 0) changed.await(left, TimeUnit.MICROSECONDS);
                else return address.get();
            }
            return null;
        } finally {
            backbone.lock().unlock();
        }
    }

    /**
     * Reads what the neighbour has dialled, until it is over. It counts once the neighbour has said
     * something: one that it has given up before it was through says nothing, and takes no place.
     */
    void serve(Wire wire) throws InterruptedException {
        try {
            Bytes first = wire.receive();
            serve(new Connection(wire, false), Optional.of(first));
        } catch (IOException e) {
            wire.close();
        }
    }

    private void serve(Connection on, Optional<Bytes> first) throws InterruptedException {
        backbone.lock().lock();
        try {
            if (!take(on)) {
                on.wire.close();
                return;
            }
        } finally {
            backbone.lock().unlock();
        }
        backbone.threads().execute(() -> write(on));
        String why = "closed";
        try {
            Bytes next = first.isPresent() ? first.get() : on.wire.receive();
            while (received(on, next)) next = on.wire.receive();
        } catch (IOException | MalformedException e) {
            why = String.valueOf(e.getMessage());
        } finally {
            end(on, why);
        }
    }

    private void end(Connection old, String why) {
        backbone.lock().lock();
        try {
            over(old, why);
        } finally {
            backbone.lock().unlock();
        }
    }

    /** Whether the connection goes on. */
    private boolean received(Connection on, Bytes encoded) {
        Frame frame = Frame.decode(encoded);
        backbone.lock().lock();
        try {
            if (on.over) return false;
            account(on);
            if (frame instanceof Frame.Data data) on.receivedBytes += data.bytes().size();
            boolean asked = frame instanceof Frame.Probe && on.receivedBytes > on.saidBytes;
            if (asked || on.receivedBytes - on.saidBytes >= TOOK_BYTES) {
                on.saidBytes = on.receivedBytes;
                send(new Frame.Took(on.receivedBytes));
            }
            if (frame instanceof Frame.Took took) {
                on.window
                        .took(took.bytes(), backbone.now())
                        .ifPresent(sent -> backbone.proven(name, sent));
                on.work.signal();
            } else {
                backbone.received(name, frame);
            }
            return !on.over;
        } finally {
            backbone.lock().unlock();
        }
    }

    private void write(Connection on) {
        try {
            for (Bytes next = next(on); next != null; next = next(on)) on.wire.send(next);
        } catch (IOException e) {
            end(on, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            end(on, "interrupted");
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for what is to be sent; null when the connection is over. */
    private @Nullable Bytes next(Connection on) throws InterruptedException {
        backbone.lock().lock();
        try {
            while (!on.over) {
                boolean room = on.window.hasRoom() && on.within;
                LinkQueue.Item item = on.queue.poll(room, backbone.now());
                if (item != null) return sent(on, item).encoded();
                if (room && on.queue.hasData())
                    on.work.await(LIMITED_WAIT.toMillis(), TimeUnit.MILLISECONDS);
                else on.work.await();
            }
            return null;
        } finally {
            backbone.lock().unlock();
        }
    }

    private Frame sent(Connection on, LinkQueue.Item item) {
        account(on);
        if (item.dataBytes() > 0) {
            on.window.sent(item.dataBytes(), backbone.now());
            laneBytes[item.lane().code()] += item.dataBytes();
        } else {
            overheadBytes += item.frame().encoded().size();
        }
        return item.frame();
    }
}
