package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.api.DocumentsApi;
import dev.holdfast.node.backbone.Backbone;
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
import dev.holdfast.node.http.Site;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.store.Committed;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import dev.holdfast.store.StoreSettings;
import dev.holdfast.store.link.Link;
import dev.holdfast.store.link.LinkListener;
import dev.holdfast.store.link.LinkSettings;
import dev.holdfast.store.link.LinkStatus;
import dev.holdfast.store.link.LinkTimes;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running edge: its store, its listener and its link to a region. This class is the wiring
 * diagram; the parts know nothing of each other. Thread-safe.
 */
public final class EdgeNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeNode.class);
    private static final Duration CLOSE = Duration.ofSeconds(10);

    private final URI address;
    private final ReplicaStore store;
    private final Link link;
    private final EdgeFigures figures;
    private final JoinedScopes joined;
    private final AtomicReference<List<URI>> regions;
    private final Deque<AutoCloseable> parts;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EdgeNode(
            URI address,
            ReplicaStore store,
            Link link,
            EdgeFigures figures,
            JoinedScopes joined,
            AtomicReference<List<URI>> regions,
            Deque<AutoCloseable> parts) {
        this.address = address;
        this.store = store;
        this.link = link;
        this.figures = figures;
        this.joined = joined;
        this.regions = regions;
        this.parts = parts;
    }

    /**
     * Opens the store, listens, and begins to look for a region.
     *
     * @param threads runs each task on a virtual thread of its own; stays the caller's to close
     * @throws dev.holdfast.keys.KeysException when its keys, certificate or grant are not right
     * @throws dev.holdfast.store.StoreException when the store cannot be opened
     * @throws IOException when the address cannot be listened at
     */
    public static EdgeNode start(
            EdgeSettings settings, InstantSource clock, Entropy entropy, Executor threads)
            throws IOException, InterruptedException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return start(settings, clock, entropy, threads, parts);
        } catch (IOException | InterruptedException | RuntimeException e) {
            close(parts);
            throw e;
        }
    }

    private static EdgeNode start(
            EdgeSettings settings,
            InstantSource clock,
            Entropy entropy,
            Executor threads,
            Deque<AutoCloseable> parts)
            throws IOException, InterruptedException {
        Credentials credentials =
                Credentials.load(
                        settings.tls(), settings.authorities(), settings.grant(), Grant.Role.EDGE);
        Set<Bytes> authorities = credentials.authorities();
        ReplicaStore store = openStore(settings, entropy);
        parts.push(store);
        SignedGrant grant = grant(credentials, settings.replicaKey(), store);
        sealLeftOver(store, clock);

        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.push(meters::close);
        EdgeFigures figures = new EdgeFigures(store, meters, clock);
        Verifier verifier = new Verifier();
        Hub hub = new Hub();
        Room room = new Room(store, clock, entropy);
        JoinedScopes joined = new JoinedScopes(store);
        AtomicReference<@Nullable Link> linked = new AtomicReference<>();
        EdgeBackend backend =
                new EdgeBackend(
                        store,
                        grant,
                        authorities,
                        settings.retainUntil(),
                        settings::serves,
                        scope -> joined.ask(scope, asked -> follow(linked.get(), asked)),
                        (scope, numbers) -> again(linked.get(), scope, numbers),
                        room,
                        clock);
        Revocations revocations = Revocations.open(settings.data(), authorities, verifier);
        SyncEndpoint sync =
                new SyncEndpoint(
                        backend,
                        hub,
                        settings.sync(),
                        verifier,
                        revocations,
                        meters,
                        clock,
                        entropy,
                        threads);
        EdgeDocuments documents =
                new EdgeDocuments(
                        store,
                        () -> backend.server().grant().replica(),
                        settings::serves,
                        room,
                        clock);
        GrantBook grants =
                new GrantBook(List.copyOf(authorities), verifier, Grant.Role.EDGE, revocations);
        parts.push(store.listen(committed -> tell(committed, hub, figures)));

        Vertx vertx = HttpNode.vertx();
        parts.push(() -> vertx.close().await(CLOSE.toSeconds(), TimeUnit.SECONDS));
        Optional<Backbone> backbone =
                settings.backbone()
                        .map(part ->
                                Backbone.open(
                                        part,
                                        new Backbone.Surroundings(
                                                vertx,
                                                credentials.tls(),
                                                named(settings, store),
                                                authorities,
                                                settings.data().resolve("backbone"),
                                                meters,
                                                clock,
                                                entropy,
                                                threads)));
        backbone.ifPresent(parts::push);
        AtomicReference<List<URI>> regions = new AtomicReference<>(settings.regions());
        RevocationsDriver spreading =
                RevocationsDriver.start(
                        revocations,
                        () -> regions.get().stream().map(RevocationsDriver.Other::at).toList(),
                        new RevocationsDriver.Way(
                                credentials.tls(), backbone.map(Backbone::selector)),
                        threads);
        parts.push(spreading);
        LinkSettings upward = linkSettings(settings, credentials);
        Link link =
                Link.open(
                        store,
                        backbone.map(way -> upward.withProxies(way.selector())).orElse(upward),
                        verifier,
                        clock,
                        entropy,
                        new FromAbove(hub, backend, sync, spreading));
        parts.push(link);
        linked.set(link);
        joined.all().forEach(link::follow);

        Router router = new Router();
        backbone.ifPresent(way -> way.register(router));
        sync.register(router);
        new RevocationsEndpoint(revocations, grants, clock).register(router);
        DocumentsApi api = new DocumentsApi(documents, hub, grants, Schema.EMPTY, clock);
        api.register(router);
        if (settings.site().isPresent()) Site.load(settings.site().get()).register(router);
        if (settings.console().isPresent())
            ConsolePages.load(settings.console().get()).register(router);
        List<NodeEndpoints.Fact> facts = new ArrayList<>();
        facts.add(new NodeEndpoints.Fact("region", () -> words(link.status())));
        facts.add(new NodeEndpoints.Fact("backlog", () -> words(figures.backlog())));
        facts.add(revocations.fact());
        backbone.ifPresent(way -> facts.addAll(way.facts()));
        NodeEndpoints.State state =
                new NodeEndpoints.State(
                        List.of(new NodeEndpoints.Check("store", room::failure)),
                        facts,
                        () -> lag(link.status(), clock));
        NodeEndpoints.register(router, state, meters);
        EdgeQuarantine quarantine = new EdgeQuarantine(store);
        EdgeConsole console =
                new EdgeConsole(
                        store,
                        quarantine,
                        settings.maxStore().bytes(),
                        figures,
                        sync,
                        api,
                        link::status);
        new ConsoleEndpoint(
                        new ConsoleEndpoint.Node(
                                credentials.tls().identity().name(),
                                "edge",
                                () -> Optional.of(store.key().replica()),
                                state,
                                console,
                                Optional.of(console),
                                Optional.of(quarantine)),
                        new Operators(grants, clock),
                        revocations,
                        clock)
                .register(router);
        HttpNode http =
                HttpNode.start(
                        vertx,
                        settings.http(),
                        credentials.tls(),
                        router,
                        meters,
                        entropy,
                        threads);
        parts.push(http);
        backbone.ifPresent(way -> {
            way.onRoutes(link::wake);
            way.start(new InetSocketAddress(reachable(settings.http().host()), http.port()));
        });

        URI address =
                URI.create("https://" + reachable(settings.http().host()) + ":" + http.port());
        LOG.info("edge {} at {}", grant.replica(), address);
        return new EdgeNode(address, store, link, figures, joined, regions, parts);
    }

    private static ReplicaStore openStore(EdgeSettings settings, Entropy entropy) {
        try {
            Files.createDirectories(settings.data());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make the folder " + settings.data(), e);
        }
        settings.replicaKey().ifPresent(key -> provide(key, settings.data()));
        StoreSettings standard =
                StoreSettings.edge(settings.data()).withMaxBytes(settings.maxStore().bytes());
        return ReplicaStore.open(
                settings.witness().map(standard::withWitness).orElse(standard), entropy);
    }

    /** Puts the key that the grant is for into a folder that has none yet. */
    private static void provide(Path replicaKey, Path storeFolder) {
        KeyFile kept = new KeyFile(storeFolder.resolve("replica.key"));
        if (!kept.exists()) kept.store(new KeyFile(replicaKey).load());
    }

    private static SignedGrant grant(
            Credentials credentials, Optional<Path> given, ReplicaStore store) {
        ReplicaKey key = store.key();
        SignedGrant kept = store.read(tables -> tables.grant(key.replica()));
        SignedGrant grant = credentials.grantFor(key, kept, given);
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        return grant;
    }

    /** The key that the topology names: the one that was given, whatever this node took since. */
    private static ReplicaKey named(EdgeSettings settings, ReplicaStore store) {
        Optional<Path> given = settings.replicaKey();
        return given.isPresent() ? new KeyFile(given.get()).load() : store.key();
    }

    /** What the gateway had written, and not sealed, when the process ended. */
    private static void sealLeftOver(ReplicaStore store, InstantSource clock) {
        for (String scope : store.read(tables -> tables.scopes())) {
            while (store.seal(scope, clock.millis()).isPresent()) {}
        }
    }

    private static LinkSettings linkSettings(EdgeSettings settings, Credentials credentials) {
        Tls tls = credentials.tls();
        return new LinkSettings(
                settings.regions(),
                tls.clientContext().getSocketFactory(),
                tls.trust().trustManager(),
                credentials.authorities(),
                settings.retainUntil(),
                LinkTimes.DEFAULT,
                Optional.empty(),
                List.of());
    }

    private static void follow(@Nullable Link link, String scope) {
        if (link != null) link.follow(scope);
    }

    /** A link that is not there yet begins with all that the outbox has. */
    private static void again(@Nullable Link link, String scope, List<Long> numbers) {
        if (link != null) link.again(scope, numbers);
    }

    private static void tell(Committed committed, Hub hub, EdgeFigures figures) {
        if (!committed.feedGrew()) return;
        hub.grew(committed.scope(), committed.feed());
        figures.grew(committed.scope(), committed.feed());
    }

    /** Passes a region's words down. */
    private record FromAbove(
            Hub hub, EdgeBackend backend, SyncEndpoint sync, RevocationsDriver spreading)
            implements LinkListener {
        @Override
        public void changed(LinkStatus status) {
            switch (status) {
                case LinkStatus.Connected up -> {
                    LOG.info("region {} reached at {}", up.node(), up.endpoint());
                    spreading.wake();
                }
                case LinkStatus.Disconnected down -> LOG.info("no region: {}", down.reason());
            }
            if (backend.renew()) sync.dismissAll("this node goes by another key now");
        }

        @Override
        public void rejected(Verdict verdict, SignedGrant signer) {
            hub.refused(new Message.Reject(signer, verdict));
        }

        @Override
        public void believed(Receipt.Signed receipt, SignedGrant signer) {
            if (signer.grant().role() == Grant.Role.REGION)
                hub.marked(new Message.Watermark(signer, receipt));
        }
    }

    private static String words(LinkStatus status) {
        return switch (status) {
            case LinkStatus.Connected up -> "up since " + up.since() + ", " + up.endpoint();
            case LinkStatus.Disconnected down ->
                    "down since " + down.since() + ": " + down.reason();
        };
    }

    /** Since when it has had no region to hear from. */
    private static Optional<Duration> lag(LinkStatus status, InstantSource clock) {
        return Optional.of(
                switch (status) {
                    case LinkStatus.Connected _ -> Duration.ZERO;
                    case LinkStatus.Disconnected down ->
                            Duration.between(down.since(), clock.instant());
                });
    }

    private static String words(EdgeFigures.Backlog backlog) {
        return backlog.operations() + " operations, " + backlog.bytes() + " bytes";
    }

    private static String reachable(String host) {
        return host.equals("0.0.0.0") ? "localhost" : host;
    }

    /** Where it listens. */
    public URI address() {
        return address;
    }

    public ReplicaId replica() {
        return store.key().replica();
    }

    /** Whether a region is reached. */
    public LinkStatus region() {
        return link.status();
    }

    /** Operations that no region has confirmed as far as they must be. */
    public long backlogOperations() {
        return figures.read().operations();
    }

    /** Scopes that devices have asked for, which are followed upstream whatever is in them. */
    public List<String> joinedScopes() {
        return joined.all();
    }

    /** Looks for these regions from now on. */
    public void regions(List<URI> others) {
        regions.set(List.copyOf(others));
        link.endpoints(others);
    }

    /**
     * Waits until it cannot go on, which is when a flush of its store has failed; answers why. From
     * then on it acknowledges nothing, and its process is to end.
     */
    public StoreException awaitFailure() throws InterruptedException {
        StoreException failure = store.awaitFailure();
        LOG.error("this edge stops, since its disk failed: {}", failure.getMessage());
        return failure;
    }

    /** Answers what is under way, then stops. What was acknowledged stays. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) close(parts);
    }

    private static void close(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("closing a part of the edge failed", e);
            }
        }
    }
}
