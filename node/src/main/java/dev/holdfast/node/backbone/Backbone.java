package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.http.NodeEndpoints;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.http.WebSocketHandler;
import dev.holdfast.node.tls.Tls;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * A node's part in the backbone: its links to other members, and the door by which programs on this
 * machine, the node itself first, reach any member over the best way that lives. Thread-safe.
 *
 * <p>Opened before the node listens, started after.
 */
public final class Backbone implements AutoCloseable {
    private static final int HTTPS = 443;

    private final BackboneDriver driver;
    private final DoorDriver door;

    private Backbone(BackboneDriver driver, DoorDriver door) {
        this.driver = driver;
        this.door = door;
    }

    /**
     * What a backbone is given by its node.
     *
     * @param key of the node's replica, which the topology names
     * @param authorities that may sign a topology
     * @param data the folder that it owns
     * @param threads runs each task on a virtual thread of its own
     */
    public record Surroundings(
            Vertx vertx,
            Tls tls,
            ReplicaKey key,
            Set<Bytes> authorities,
            Path data,
            MeterRegistry meters,
            InstantSource clock,
            Entropy entropy,
            Executor threads) {}

    /**
     * Reads the topology and opens the door; there are no links before {@link #start}.
     *
     * @throws dev.holdfast.node.settings.SettingsException when the topology cannot be gone by, or
     *     the door not be opened
     */
    public static Backbone open(BackboneSettings settings, Surroundings of) {
        BackboneDriver driver =
                new BackboneDriver(
                        settings,
                        new BackboneDriver.Self(
                                of.tls().identity().name(),
                                of.authorities(),
                                of.key()::sign,
                                of.key().publicKey(),
                                of.data()),
                        known -> new Dialling(of.vertx(), of.tls(), known),
                        of.meters(),
                        of.clock(),
                        of.entropy(),
                        of.threads());
        DoorDriver door =
                DoorDriver.open(
                        driver, settings.door(), () -> BackboneStatus.json(driver), of.threads());
        return new Backbone(driver, door);
    }

    /** Takes links on the node's one port: one for each neighbour that the topology names. */
    public void register(Router router) {
        router.vitalSocket(Dialling.PATH, this::upgrade);
    }

    private WebSocketHandler.Upgrade upgrade(Request request) {
        Optional<String> peer = request.peer();
        Optional<String> refusal =
                peer.isEmpty()
                        ? Optional.of("a link needs a member's certificate")
                        : driver.refuses(peer.get());
        if (refusal.isPresent())
            return new WebSocketHandler.Upgrade.Refuse(
                    Problem.of(403, "forbidden", "No link is taken", refusal.get() + "."));
        String neighbour = peer.orElseThrow();
        return new WebSocketHandler.Upgrade.Accept(
                session -> driver.serve(neighbour, new SessionWire(session)));
    }

    /**
     * Begins to dial, and to serve streams for this member.
     *
     * @param own where this node listens, as this machine reaches it
     */
    public void start(InetSocketAddress own) {
        driver.start(own);
    }

    /** Where programs of this machine ask for members. */
    public InetSocketAddress door() {
        return door.address();
    }

    /** The door, if the topology names who is at {@code server}, and that is another member. */
    public Optional<InetSocketAddress> doorTo(URI server) {
        String host = server.getHost();
        if (host == null) return Optional.empty();
        HostPort place = new HostPort(host, server.getPort() < 0 ? HTTPS : server.getPort());
        return driver.topology()
                .memberAt(place)
                .filter(member -> !member.equals(driver.name()))
                .map(_ -> door());
    }

    /**
     * The same for clients that select their proxy by themselves; whoever is no member, directly.
     */
    public ProxySelector selector() {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI server) {
                return List.of(
                        doorTo(server)
                                .map(address -> new Proxy(Proxy.Type.HTTP, address))
                                .orElse(Proxy.NO_PROXY));
            }

            @Override
            public void connectFailed(URI server, SocketAddress proxy, IOException failure) {
                // The client says so itself.
            }
        };
    }

    /** Has {@code action} run whenever a way has become another: what was not reached may be. */
    public void onRoutes(Runnable action) {
        driver.onRoutes(action);
    }

    /** For people who ask whether the node is ready. */
    public List<NodeEndpoints.Fact> facts() {
        return List.of(
                new NodeEndpoints.Fact("backbone", () -> BackboneStatus.words(driver)),
                new NodeEndpoints.Fact("backbone door", () -> door().toString()),
                new NodeEndpoints.Fact(
                        "backbone topology",
                        () ->
                                "serial "
                                        + driver.topology().serial()
                                        + driver.trouble()
                                                .map(why -> "; not taken: " + why)
                                                .orElse("")));
    }

    @Override
    public void close() {
        door.close();
        driver.close();
    }
}
