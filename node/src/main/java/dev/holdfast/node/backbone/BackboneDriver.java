package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.SettingsException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of the backbone: owns the machines {@link Mesh} and {@link Switch}, the time they go
 * by, and a {@link NeighbourDriver} for each link. One lock guards all of that; nothing waits for a
 * socket while it is held. Thread-safe.
 */
final class BackboneDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackboneDriver.class);
    private static final Duration OWN_PORT = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofMillis(50);
    private static final int TICKS_PER_PROBE = 10;
    private static final Duration RELOAD = Duration.ofSeconds(2);
    private static final Duration KEEP_BUDGETS = Duration.ofSeconds(10);
    private static final Duration LONGEST_TICK = Duration.ofMillis(200);

    /**
     * Who this member is.
     *
     * @param name in its certificate
     * @param authorities that may sign a topology
     * @param signer by the key that the topology names
     * @param publicKey of that
     * @param data the folder that the backbone owns
     */
    record Self(
            String name,
            Set<Bytes> authorities,
            UnaryOperator<Bytes> signer,
            Bytes publicKey,
            Path data) {}

    private final Self self;
    private final TopologyFile file;
    private final InstantSource clock;
    private final Entropy entropy;
    private final Executor threads;
    private final Dialling dialling;
    private final BackboneMeters meters;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition routed = lock.newCondition();
    private final Condition closing = lock.newCondition();
    private final Mesh mesh;
    private final Switch streams;
    private final RelayLimits limits;
    private final Map<String, NeighbourDriver> neighbours = new TreeMap<>();
    private final Budgets budgets;
    private final Map<Circuit, Stream> open = new HashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread = Thread.ofVirtual().name("backbone").unstarted(this::live);
    private boolean started;
    private boolean closed;
    private @Nullable InetSocketAddress own;
    private volatile Optional<String> trouble = Optional.empty();

    /**
     * Reads the topology; dials nobody yet.
     *
     * @throws SettingsException when there is no topology that it can go by
     */
    BackboneDriver(
            BackboneSettings settings,
            Self self,
            Function<BackboneSettings, Dialling> dialling,
            MeterRegistry meters,
            InstantSource clock,
            Entropy entropy,
            Executor threads) {
        Verifier verifier = new Verifier();
        this.self = self;
        this.file = new TopologyFile(settings.topology(), self, verifier);
        this.clock = clock;
        this.entropy = entropy;
        this.threads = threads;
        this.dialling = dialling.apply(settings);
        this.budgets = new Budgets(self.data().resolve("budgets"));
        SignedTopology topology = file.first();
        this.limits = new RelayLimits(settings.relay(), now());
        this.mesh =
                new Mesh(
                        self.name(),
                        topology,
                        new Mesh.Trust(self.authorities(), verifier, self.signer()),
                        clock.millis(),
                        now());
        this.streams = new Switch(self.name(), topology.topology(), limits);
        this.meters = new BackboneMeters(meters, this);
        lock.lock();
        try {
            meet();
            budgets.load();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins to dial.
     *
     * @param port where streams for this member end: its own HTTPS port
     */
    void start(InetSocketAddress port) {
        lock.lock();
        try {
            own = port;
            started = true;
            neighbours.values().forEach(NeighbourDriver::start);
        } finally {
            lock.unlock();
        }
        thread.start();
    }

    String name() {
        return self.name();
    }

    /** Has {@code action} run, on a thread of its own, whenever a way has become another. */
    void onRoutes(Runnable action) {
        listeners.add(action);
    }

    /** Why the topology in the file does not hold, if so. */
    Optional<String> trouble() {
        return trouble;
    }

    Topology topology() {
        return locked(() -> mesh.topology().topology());
    }

    Optional<Routes.Route> route(String member, Lane lane) {
        return locked(() -> mesh.routes().to(member, lane));
    }

    /** What the machines know, read at one moment. */
    <T> T look(Look<T> look) {
        return locked(() -> look.at(mesh, streams, limits, neighbours, now()));
    }

    interface Look<T> {
        T at(
                Mesh mesh,
                Switch streams,
                RelayLimits limits,
                Map<String, NeighbourDriver> neighbours,
                long now);
    }

    /**
     * Opens a stream to {@code member}; waits for a way where there is none, and tries again where
     * the way fails meanwhile.
     *
     * @param patience for all of that
     * @throws Stream.ResetException saying why there is none
     */
    Stream open(String member, Lane lane, Duration patience)
            throws IOException, InterruptedException {
        long until = now() + patience.toMillis() * 1_000;
        while (true) {
            Stream stream = tryOpen(member, lane, left(until));
            try {
                stream.awaitOpened(left(until));
                return stream;
            } catch (Stream.ResetException e) {
                forget(stream);
                boolean elsewhere =
                        e.why() == Frame.Why.LINK_DOWN || e.why() == Frame.Why.BETTER_WAY;
                if (!elsewhere || now() >= until) throw e;
                awaitRoutes(RETRY);
            }
        }
    }

    private Duration left(long until) {
        return Duration.ofNanos(Math.max(0, until - now()) * 1_000);
    }

    /** What a neighbour knows may not have come here yet. */
    private void awaitRoutes(Duration most) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (left > 0 && !closed) left = routed.awaitNanos(left);
        } finally {
            lock.unlock();
        }
    }

    private Stream tryOpen(String member, Lane lane, Duration patience)
            throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (!closed) {
                Optional<Circuit> circuit =
                        mesh.routes()
                                .to(member, lane)
                                .flatMap(route -> streams.open(route.members(), lane));
                if (circuit.isPresent()) {
                    Stream stream = stream(circuit.get());
                    perform();
                    return stream;
                }
                if (left <= 0)
                    throw new Stream.ResetException(
                            Frame.Why.LINK_DOWN, "no way leads to " + member + " now");
                left = routed.awaitNanos(left);
            }
            throw new Stream.ResetException(Frame.Why.GONE, self.name() + " is being stopped");
        } finally {
            lock.unlock();
        }
    }

    private Stream stream(Circuit circuit) {
        Stream stream = new Stream(lock, streams, circuit, this::perform);
        open.put(circuit, stream);
        return stream;
    }

    /** It is over for those who used it. */
    void forget(Stream stream) {
        lock.lock();
        try {
            open.remove(stream.circuit());
        } finally {
            lock.unlock();
        }
    }

    // What neighbours' drivers ask, and tell.

    ReentrantLock lock() {
        return lock;
    }

    Executor threads() {
        return threads;
    }

    Dialling dialling() {
        return dialling;
    }

    /** Microseconds of a clock that never goes back. */
    long now() {
        return System.nanoTime() / 1_000;
    }

    double fraction() {
        return entropy.fraction();
    }

    LinkQueue newQueue() {
        return new LinkQueue(limits);
    }

    /** With the lock held. */
    void connected(String neighbour, boolean dialled) {
        streams.connected(neighbour, dialled);
        mesh.connected(neighbour, now());
        perform();
    }

    /** With the lock held. */
    void disconnected(String neighbour, String why) {
        LOG.debug("no connection to {}: {}", neighbour, why);
        // Ways first: whoever opens a stream anew, since one was reset, takes another.
        mesh.disconnected(neighbour, now());
        streams.disconnected(neighbour);
        perform();
    }

    /** With the lock held: the connection has gone, and the next one is there. */
    void replaced(String neighbour) {
        streams.disconnected(neighbour);
        perform();
    }

    /** With the lock held. */
    void received(String neighbour, Frame frame) {
        if (frame instanceof Frame.OfStream ofStream) streams.received(neighbour, ofStream);
        else mesh.received(neighbour, frame, now());
        perform();
    }

    /** With the lock held: what was sent at {@code sent} has arrived. */
    void proven(String neighbour, long sent) {
        mesh.proven(neighbour, sent);
    }

    /** With the lock held: whether the link may carry data now. */
    boolean count(String neighbour, long bytes) {
        return budgets.count(neighbour, bytes, clock.millis());
    }

    /** Takes a connection that {@code neighbour} has dialled, for as long as it lives. */
    void serve(String neighbour, Wire wire) throws InterruptedException {
        NeighbourDriver driver = locked(() -> neighbours.get(neighbour));
        if (driver == null) wire.close();
        else driver.serve(wire);
    }

    /** Why nobody of that name may have a link here, if so. */
    Optional<String> refuses(String neighbour) {
        return locked(() -> {
            if (closed || !started) return Optional.of(self.name() + " is not ready for links");
            return neighbours.containsKey(neighbour)
                    ? Optional.empty()
                    : Optional.of(
                            "the topology has no link between "
                                    + self.name()
                                    + " and "
                                    + neighbour);
        });
    }

    // Its own thread.

    private void live() {
        long nextLook = now();
        long nextKeep = now();
        while (true) {
            try {
                if (!awaitTick()) return;
                long now = now();
                locked(() -> {
                    mesh.tick(now);
                    watchBudgets();
                    perform();
                    return true;
                });
                if (now >= nextLook) {
                    nextLook = now + RELOAD.toMillis() * 1_000;
                    reload();
                }
                if (now >= nextKeep) {
                    nextKeep = now + KEEP_BUDGETS.toMillis() * 1_000;
                    keepBudgets();
                }
            } catch (InterruptedException e) {
                return; // nobody does that but to end it
            } catch (RuntimeException e) {
                // A fault of this program must not end the backbone, nor pass unseen.
                LOG.error("the backbone failed, and goes on", e);
            }
        }
    }

    private boolean awaitTick() throws InterruptedException {
        lock.lock();
        try {
            Duration tick = mesh.topology().topology().probe().dividedBy(TICKS_PER_PROBE);
            long nanos = Math.min(tick.toNanos(), LONGEST_TICK.toNanos());
            while (!closed && nanos > 0) nanos = closing.awaitNanos(nanos);
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void watchBudgets() {
        budgets.open(clock.millis())
                .forEach((name, isOpen) -> {
                    mesh.lanes(name, isOpen ? Lane.COUNT : 0, now());
                    if (!isOpen) streams.lanes(name, 0);
                });
    }

    private void keepBudgets() {
        try {
            locked(budgets::toKeep).ifPresent(budgets::keep);
        } catch (KeysException e) {
            LOG.warn("budgets are not kept: {}", e.getMessage());
        }
    }

    /** Where the file is another than before, its topology is taken, if it is newer and right. */
    private void reload() {
        try {
            Optional<SignedTopology> changed = file.changed();
            if (changed.isEmpty()) return;
            SignedTopology other = changed.get();
            boolean adopted =
                    locked(() -> {
                        boolean newer = mesh.adopt(other, now());
                        perform();
                        return newer;
                    });
            long serial = topology().serial();
            trouble =
                    adopted || other.topology().serial() == serial
                            ? Optional.empty()
                            : Optional.of(
                                    "its serial "
                                            + other.topology().serial()
                                            + " is older than "
                                            + serial
                                            + ", which is in force");
        } catch (SettingsException e) {
            trouble = Optional.of(String.valueOf(e.getMessage()));
        }
        trouble.ifPresent(why -> LOG.warn("the topology in the file is not taken: {}", why));
    }

    /** Does all that the machines want done; with the lock held. */
    private void perform() {
        while (true) {
            Mesh.Action known = mesh.poll();
            if (known != null) {
                perform(known);
                continue;
            }
            Switch.Action next = streams.poll();
            if (next == null) return;
            perform(next);
        }
    }

    private void perform(Mesh.Action action) {
        switch (action) {
            case Mesh.Action.Send(String to, Frame frame) -> send(to, frame);
            case Mesh.Action.Drop(String to, String why) -> {
                NeighbourDriver driver = neighbours.get(to);
                if (driver != null) driver.drop(why);
            }
            case Mesh.Action.Adopted(SignedTopology topology) -> {
                LOG.info("the topology with serial {} holds", topology.topology().serial());
                streams.topology(topology.topology());
                meet();
                threads.execute(() -> keepAdopted(topology));
            }
            case Mesh.Action.LinkChanged(String to, boolean up) ->
                    LOG.info("the link to {} is {}", to, up ? "up" : "down");
            case Mesh.Action.RoutesChanged _ -> {
                streams.leave(this::isGood);
                routed.signalAll();
                listeners.forEach(threads::execute);
            }
        }
    }

    private void keepAdopted(SignedTopology topology) {
        try {
            file.keep(topology);
        } catch (KeysException e) {
            LOG.warn("the topology is not kept for the next start: {}", e.getMessage());
        }
    }

    /** Whether a stream may stay on its way: it lives, and none is known that costs fewer links. */
    private boolean isGood(List<String> members, Lane lane) {
        Routes.Route best = mesh.routes().to(members.getLast(), lane).orElse(null);
        if (best == null || !mesh.routes().isAlive(members, lane)) return false;
        return best.members().equals(members)
                || !mesh.routes().isShorter(best.members(), members, lane);
    }

    private void perform(Switch.Action action) {
        switch (action) {
            case Switch.Action.Send(String to, Frame.OfStream frame) -> send(to, frame);
            case Switch.Action.SendInTurn(String to, Circuit circuit, Frame.OfStream frame) -> {
                NeighbourDriver driver = neighbours.get(to);
                if (driver != null) driver.send(circuit, frame);
            }
            case Switch.Action.Arrived(Circuit circuit) -> {
                Stream stream = stream(circuit);
                threads.execute(() -> connectOwn(stream));
            }
            case Switch.Action.Opened(Circuit circuit) -> told(circuit, Stream::toldOpened);
            case Switch.Action.Received(Circuit circuit, Bytes bytes) ->
                    told(circuit, stream -> stream.toldReceived(bytes));
            case Switch.Action.Credited(Circuit circuit) -> told(circuit, Stream::toldCredited);
            case Switch.Action.Ended(Circuit circuit) -> told(circuit, Stream::toldEnded);
            case Switch.Action.Reset(Circuit circuit, Frame.Why why, String reason) -> {
                meters.reset(why);
                told(circuit, stream -> stream.toldReset(why, reason));
            }
        }
    }

    private void told(Circuit circuit, Consumer<Stream> what) {
        Stream stream = open.get(circuit);
        if (stream != null) what.accept(stream);
    }

    private void send(String to, Frame frame) {
        NeighbourDriver driver = neighbours.get(to);
        if (driver != null) driver.send(frame);
    }

    /** A stream for this member ends at its own HTTPS port, and nowhere else. */
    private void connectOwn(Stream stream) {
        try (Socket socket = new Socket()) {
            InetSocketAddress port = locked(() -> own);
            if (port == null) throw new IOException("not ready");
            socket.setTcpNoDelay(true);
            socket.connect(port, (int) OWN_PORT.toMillis());
            stream.accept();
            Pump.run(socket, stream, threads);
        } catch (IOException e) {
            stream.reset(
                    Frame.Why.UNREACHABLE,
                    self.name() + " does not answer at its own port: " + e.getMessage());
        } catch (InterruptedException e) {
            stream.reset(Frame.Why.GONE, self.name() + " is being stopped");
            Thread.currentThread().interrupt();
        } finally {
            forget(stream);
        }
    }

    /** Has a driver for each link of the topology; with the lock held. */
    private void meet() {
        Topology topology = mesh.topology().topology();
        Map<String, Topology.Link> links = topology.neighbours(self.name());
        for (String gone : new HashSet<>(neighbours.keySet())) {
            if (links.containsKey(gone)) continue;
            NeighbourDriver driver = neighbours.remove(gone);
            if (driver != null) driver.close();
        }
        budgets.meet(links);
        links.forEach((name, link) -> {
            Optional<HostPort> address = topology.address(link, name);
            NeighbourDriver known = neighbours.get(name);
            if (known == null) {
                NeighbourDriver driver = new NeighbourDriver(this, name);
                neighbours.put(name, driver);
                meters.meet(name);
                driver.aim(address, topology.probe(link));
                if (started) driver.start();
            } else {
                known.aim(address, topology.probe(link));
            }
        });
    }

    private <T extends @Nullable Object> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Resets all streams and gives up all links. */
    @Override
    public void close() {
        boolean running;
        lock.lock();
        try {
            if (closed) return;
            closed = true;
            running = started;
            closing.signalAll();
            routed.signalAll();
            for (Stream stream : List.copyOf(open.values()))
                stream.reset(Frame.Why.GONE, self.name() + " is being stopped");
            List.copyOf(neighbours.values()).forEach(NeighbourDriver::close);
        } finally {
            lock.unlock();
        }
        if (!running) return;
        keepBudgets();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
