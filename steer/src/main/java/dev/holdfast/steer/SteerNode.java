package dev.holdfast.steer;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.console.ConsoleEndpoint;
import dev.holdfast.node.console.ConsolePages;
import dev.holdfast.node.console.Operators;
import dev.holdfast.node.grants.Credentials;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.grants.RevocationsDriver;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.NodeEndpoints;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.steer.control.AuditEntry;
import dev.holdfast.steer.control.AuditTrail;
import dev.holdfast.steer.control.SteerEndpoint;
import dev.holdfast.steer.dns.DnsServer;
import dev.holdfast.steer.dns.Explanation;
import dev.holdfast.steer.health.ChecksDriver;
import dev.holdfast.steer.health.Watched;
import dev.holdfast.steer.pool.Endpoint;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Pool;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.quorum.Council;
import dev.holdfast.steer.quorum.CouncilDriver;
import dev.holdfast.steer.quorum.Decided;
import dev.holdfast.steer.quorum.Drain;
import dev.holdfast.steer.quorum.Drains;
import dev.holdfast.steer.zone.Zones;
import dev.holdfast.steer.zone.ZonesDriver;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running steer node: it watches endpoints, judges them together with others, and answers DNS.
 * This class is the wiring diagram; the parts know nothing of each other. Thread-safe.
 */
public final class SteerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SteerNode.class);
    private static final Duration CLOSE = Duration.ofSeconds(10);

    private final URI address;
    private final List<InetSocketAddress> dns;
    private final Council council;
    private final Deque<AutoCloseable> parts;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SteerNode(
            URI address, List<InetSocketAddress> dns, Council council, Deque<AutoCloseable> parts) {
        this.address = address;
        this.dns = dns;
        this.council = council;
        this.parts = parts;
    }

    /**
     * Reads the zones, begins to watch, and answers.
     *
     * @param threads runs each task on a virtual thread of its own; stays the caller's to close
     * @throws dev.holdfast.keys.KeysException when its certificate or what it kept is not right
     * @throws dev.holdfast.node.settings.SettingsException when the zones file is not right
     * @throws IOException when an address cannot be listened at
     */
    public static SteerNode start(
            SteerSettings settings, InstantSource clock, Entropy entropy, Executor threads)
            throws IOException, InterruptedException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return start(settings, clock, entropy, threads, parts);
        } catch (IOException | InterruptedException | RuntimeException e) {
            close(parts);
            throw e;
        }
    }

    private static SteerNode start(
            SteerSettings settings,
            InstantSource clock,
            Entropy entropy,
            Executor threads,
            Deque<AutoCloseable> parts)
            throws IOException, InterruptedException {
        Files.createDirectories(settings.data());
        Tls tls = Tls.load(settings.tls());
        String name = tls.identity().name();
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.push(meters::close);
        AuditTrail trail = new AuditTrail(settings.data());
        ZonesDriver zones = ZonesDriver.open(settings.zones());
        parts.push(zones);

        AtomicReference<@Nullable CouncilDriver> council = new AtomicReference<>();
        ChecksDriver checks =
                ChecksDriver.open(
                        settings.data().resolve("health.json"),
                        tls.clientContext().getSocketFactory(),
                        (endpoint, before, now) -> {
                            trail.add(
                                    new AuditEntry(
                                            clock.instant(),
                                            AuditEntry.Kind.VERDICT,
                                            Optional.of(endpoint.toString()),
                                            Optional.empty(),
                                            "seen "
                                                    + now.state().word()
                                                    + ", before "
                                                    + before.state().word()
                                                    + ": "
                                                    + now.reason(),
                                            Optional.empty()));
                            CouncilDriver judging = council.get();
                            if (judging != null) judging.wake();
                        },
                        clock,
                        new SplittableRandom(ByteBuffer.wrap(entropy.bytes(8).toArray()).getLong()),
                        threads,
                        meters);
        parts.push(checks);
        Council seat =
                new Council(
                        name,
                        settings.line(),
                        settings.peers().keySet(),
                        new Drains(settings.data().resolve("drains.json"), name),
                        () -> looks(checks));
        SteerMeters figures = new SteerMeters(meters, seat, clock);
        checks.watch(watched(zones.get()));
        CouncilDriver judging =
                CouncilDriver.start(
                        seat,
                        () -> matter(zones.get()),
                        settings.peers(),
                        tls,
                        new Judged(trail, figures, seat, zones, clock),
                        clock,
                        threads);
        parts.push(judging);
        council.set(judging);
        zones.onChange(change -> take(change, checks, judging, trail, clock));

        DnsServer dns =
                DnsServer.open(
                        settings.dns(),
                        settings.data(),
                        zones,
                        seat::standings,
                        clock,
                        entropy,
                        meters);
        parts.push(dns);

        Router router = new Router();
        Set<Bytes> authorities =
                settings.authorities().isEmpty()
                        ? Set.of()
                        : Credentials.publicKeys(settings.authorities());
        Verifier verifier = new Verifier();
        Revocations revocations = Revocations.open(settings.data(), authorities, verifier);
        // As an edge judges them: DNS must not be right about the time for an operator to look.
        GrantBook grants =
                new GrantBook(List.copyOf(authorities), verifier, Grant.Role.EDGE, revocations);
        new RevocationsEndpoint(revocations, grants, clock).register(router);
        Operators operators = new Operators(grants, clock);
        SteerEndpoint endpoint =
                new SteerEndpoint(
                        name,
                        settings.line(),
                        new Told(zones, checks, dns),
                        seat,
                        judging,
                        trail,
                        operators,
                        clock);
        endpoint.register(router);
        NodeEndpoints.State state =
                new NodeEndpoints.State(
                        List.of(
                                new NodeEndpoints.Check(
                                        "sight",
                                        () ->
                                                seat.own(clock.instant()).blind()
                                                        ? Optional.of(
                                                                "it sees and hears nothing at all")
                                                        : Optional.empty())),
                        List.of(
                                new NodeEndpoints.Fact(
                                        "zones", () -> zones.trouble().orElse("as in the file")),
                                new NodeEndpoints.Fact(
                                        "audit", () -> trail.failure().orElse("written")),
                                revocations.fact(),
                                new NodeEndpoints.Fact(
                                        "peers",
                                        () ->
                                                seat.fresh(clock.instant()).size()
                                                        + " of "
                                                        + settings.peers().size()
                                                        + " heard")),
                        Optional::empty);
        NodeEndpoints.register(router, state, meters);
        new ConsoleEndpoint(
                        new ConsoleEndpoint.Node(
                                name,
                                "steer",
                                Optional::empty,
                                state,
                                () -> Map.of("steer", endpoint.told()),
                                Optional.empty(),
                                Optional.empty()),
                        operators,
                        revocations,
                        clock)
                .register(router);
        if (settings.console().isPresent())
            ConsolePages.load(settings.console().get()).register(router);
        Vertx vertx = HttpNode.vertx();
        parts.push(() -> vertx.close().await(CLOSE.toSeconds(), TimeUnit.SECONDS));
        HttpNode http =
                HttpNode.start(vertx, settings.http(), tls, router, meters, entropy, threads);
        parts.push(http);
        List<RevocationsDriver.Other> others = new ArrayList<>();
        settings.peers()
                .forEach((peer, at) ->
                        others.add(new RevocationsDriver.Other(at, Optional.of(peer))));
        // A steer without authorities knows no grants, and can believe no list.
        if (!authorities.isEmpty())
            parts.push(
                    RevocationsDriver.start(
                            revocations,
                            () -> others,
                            new RevocationsDriver.Way(tls, Optional.empty()),
                            threads));

        String host = settings.http().host();
        URI address =
                URI.create(
                        "https://"
                                + (host.equals("0.0.0.0") ? "localhost" : host)
                                + ":"
                                + http.port());
        trail.add(node("began, at " + address + ", in line " + settings.line(), clock));
        parts.push(() -> trail.add(node("ends", clock)));
        LOG.info("steer {} at {}, DNS at {}", name, address, dns.addresses());
        return new SteerNode(address, dns.addresses(), seat, parts);
    }

    private static AuditEntry node(String what, InstantSource clock) {
        return new AuditEntry(
                clock.instant(),
                AuditEntry.Kind.NODE,
                Optional.empty(),
                Optional.empty(),
                what,
                Optional.empty());
    }

    private static void take(
            ZonesDriver.Change change,
            ChecksDriver checks,
            CouncilDriver judging,
            AuditTrail trail,
            InstantSource clock) {
        String what =
                switch (change) {
                    case ZonesDriver.Change.Taken(Zones zones) -> {
                        checks.watch(watched(zones));
                        judging.wake();
                        yield "the zones file has changed and holds";
                    }
                    case ZonesDriver.Change.Refused(List<String> problems) ->
                            "the zones file has changed and is refused: "
                                    + String.join("; ", problems);
                };
        trail.add(
                new AuditEntry(
                        clock.instant(),
                        AuditEntry.Kind.ZONES,
                        Optional.empty(),
                        Optional.empty(),
                        what,
                        Optional.empty()));
    }

    private static Map<EndpointName, Watched> watched(Zones zones) {
        Map<EndpointName, Watched> watched = new HashMap<>();
        for (Pool pool : zones.pools().values()) {
            for (Endpoint endpoint : pool.endpoints())
                watched.put(
                        endpoint.name(),
                        new Watched(
                                endpoint.addresses().stream()
                                        .map(InetAddress::getHostAddress)
                                        .toList(),
                                endpoint.target(),
                                endpoint.port(),
                                pool.settings().check()));
        }
        return watched;
    }

    private static Council.Matter matter(Zones zones) {
        return new Council.Matter(watched(zones).keySet(), Set.copyOf(zones.lines().names()));
    }

    private static Map<EndpointName, Council.Look> looks(ChecksDriver checks) {
        Map<EndpointName, Council.Look> looks = new HashMap<>();
        checks.sights()
                .forEach((name, sight) ->
                        looks.put(name, new Council.Look(sight.verdict(), sight.counts())));
        return looks;
    }

    /** Writes down what was decided and heard. */
    private record Judged(
            AuditTrail trail,
            SteerMeters figures,
            Council council,
            ZonesDriver zones,
            InstantSource clock)
            implements CouncilDriver.Listener {
        @Override
        public void decided(List<Decided.Change> changes) {
            for (Decided.Change change : changes) {
                LOG.info(
                        "{} is {} for line {}: {}",
                        change.endpoint(),
                        SteerEndpoint.word(change.now()),
                        change.line(),
                        change.now().reason());
                trail.add(
                        new AuditEntry(
                                clock.instant(),
                                AuditEntry.Kind.STANDING,
                                Optional.of(change.endpoint().toString()),
                                Optional.of(change.line()),
                                SteerEndpoint.word(change.now())
                                        + ", before "
                                        + SteerEndpoint.word(change.before())
                                        + ": "
                                        + change.now().reason(),
                                Optional.empty()));
            }
            figures.changed(changes.size());
            figures.show(council.decided(), watched(zones.get()).keySet());
        }

        @Override
        public void heard(Drain word) {
            LOG.info("{} is {}", word.endpoint(), word.out() ? "drained" : "put back");
            trail.add(SteerEndpoint.audited(word, clock.instant()));
        }
    }

    /** What the endpoint for people asks of the parts. */
    private record Told(ZonesDriver zones, ChecksDriver checks, DnsServer dns)
            implements SteerEndpoint.Node {
        @Override
        public Set<EndpointName> endpoints() {
            return watched(zones.get()).keySet();
        }

        @Override
        public Map<EndpointName, ChecksDriver.Sight> sights() {
            return checks.sights();
        }

        @Override
        public Optional<String> trouble() {
            return zones.trouble();
        }

        @Override
        public List<String> listens() {
            return dns.addresses().stream().map(SteerNode::text).toList();
        }

        @Override
        public List<String> delegationSigners() {
            return dns.delegationSigners();
        }

        @Override
        public Explanation explain(String name, String type, InetAddress client) {
            return dns.explain(name, type, client);
        }
    }

    private static String text(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** Where other nodes and people reach it. */
    public URI address() {
        return address;
    }

    /** Where it answers DNS. */
    public List<InetSocketAddress> dns() {
        return dns;
    }

    /** How endpoints stand. */
    public Standings standings() {
        return council.standings();
    }

    /** Answers what is under way, then stops. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) close(parts);
    }

    private static void close(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("closing a part of the node failed", e);
            }
        }
    }
}
