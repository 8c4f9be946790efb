package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.api.DocumentsApi;
import dev.holdfast.node.backbone.Backbone;
import dev.holdfast.node.console.ConsoleEndpoint;
import dev.holdfast.node.console.ConsolePages;
import dev.holdfast.node.console.Operators;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Credentials;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.grants.RevocationsDriver;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.NodeEndpoints;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.sync.Backend;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.region.RegionSettings.Role;
import dev.holdfast.region.compare.Answering;
import dev.holdfast.region.compare.Signed;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.DatabaseAddress;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.database.EmbeddedSettings;
import dev.holdfast.region.ingest.DiskFloor;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.log.BrokerProcess;
import dev.holdfast.region.log.BrokerSettings;
import dev.holdfast.region.log.LogSettings;
import dev.holdfast.region.log.RocketLog;
import dev.holdfast.region.mirror.Comparing;
import dev.holdfast.region.mirror.Dial;
import dev.holdfast.region.mirror.KnownScopes;
import dev.holdfast.region.mirror.Mirror;
import dev.holdfast.region.mirror.MirrorBackend;
import dev.holdfast.region.mirror.MirrorDriver;
import dev.holdfast.region.mirror.MirrorEndpoint;
import dev.holdfast.region.mirror.MirrorLinks;
import dev.holdfast.region.mirror.MirrorRegion;
import dev.holdfast.region.mirror.PeerCalls;
import dev.holdfast.region.mirror.PeerSockets;
import dev.holdfast.region.mirror.Peers;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.Inspection;
import dev.holdfast.region.store.LinkBook;
import dev.holdfast.region.store.Mending;
import dev.holdfast.region.store.QuarantineBook;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.store.Survey;
import dev.holdfast.region.tables.MirroredTables;
import dev.holdfast.region.tables.TableSettings;
import dev.holdfast.region.tables.TablesDriver;
import dev.holdfast.region.watch.WatchDriver;
import dev.holdfast.region.worker.News;
import dev.holdfast.region.worker.Worker;
import dev.holdfast.region.worker.WorkerDriver;
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
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running process of a region: log, database, workers, sessions and HTTP API, as far as its roles
 * say. This class is the wiring diagram; the parts know nothing of each other. Thread-safe.
 */
public final class RegionNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegionNode.class);

    private static final int REQUEST_NAME_BYTES = 6;

    private final URI address;
    private final ReplicaId replica;
    private final DatabaseAddress database;
    private final Deque<AutoCloseable> parts;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RegionNode(
            URI address, ReplicaId replica, DatabaseAddress database, Deque<AutoCloseable> parts) {
        this.address = address;
        this.replica = replica;
        this.database = database;
        this.parts = parts;
    }

    /**
     * Starts what it runs itself, connects to the rest, applies and listens.
     *
     * @param threads runs each task on a virtual thread of its own; stays the caller's to close
     * @param progress told in a few words what is going on
     * @throws dev.holdfast.keys.KeysException when its keys, certificate or grant are not right
     * @throws dev.holdfast.node.settings.SettingsException when a table cannot be mirrored, or the
     *     schema cannot be used
     * @throws dev.holdfast.region.database.DatabaseException when the database cannot be had
     * @throws dev.holdfast.region.store.StoreException when its documents cannot be shown anew
     * @throws dev.holdfast.region.log.LogException when the log cannot be had
     * @throws IOException when the address cannot be listened at
     */
    public static RegionNode start(
            RegionSettings settings,
            InstantSource clock,
            Entropy entropy,
            Executor threads,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return start(settings, clock, entropy, threads, progress, parts);
        } catch (IOException | InterruptedException | RuntimeException e) {
            close(parts);
            throw e;
        }
    }

    private static RegionNode start(
            RegionSettings settings,
            InstantSource clock,
            Entropy entropy,
            Executor threads,
            Consumer<String> progress,
            Deque<AutoCloseable> parts)
            throws IOException, InterruptedException {
        makeFolder(settings);
        Credentials credentials =
                Credentials.load(
                        settings.tls(),
                        settings.authorities(),
                        settings.grant(),
                        Grant.Role.REGION);
        Set<Bytes> authorities = credentials.authorities();
        DatabaseAddress address = databaseAddress(settings, progress, parts);
        Database database = Database.open(address, settings.database().forTheRest());
        parts.push(database);
        Database forSessions = database.apart("sessions", settings.database().forSessions());
        parts.push(forSessions);
        MirroredTables tables = MirroredTables.open(database, settings.tables());
        Schema schema = tables.in(settings.schema().map(RegionNode::schema).orElse(Schema.EMPTY));
        RegionStore store = new RegionStore(database, schema, tables.scopes());
        store.showBySchema();
        Optional<BrokerProcess> broker = broker(settings, progress, parts);
        String names =
                broker.isPresent()
                        ? broker.get().address()
                        : settings.log().namesrvAddress().orElseThrow();
        RocketLog log = RocketLog.open(LogSettings.of(names, settings.log().topic()));
        parts.push(log);

        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.push(meters::close);
        OwnAuthor own =
                OwnAuthor.open(settings.data(), settings.replicaKey(), credentials, store, entropy);
        parts.push(own);
        SignedGrant grant = own.grant();
        ReplicaKey key = own.key();
        RegionAuthor author = new RegionAuthor(grant, key::sign, schema, own::sealed);
        Hub hub = new Hub();
        Copies copies = settings.mirror().wanted();
        DiskFloor disk = new DiskFloor(settings.data(), settings.freeDisk().bytes(), clock);
        Ingest ingest =
                new Ingest(
                        grant,
                        authorities,
                        key::sign,
                        log,
                        new RegionStore(forSessions, schema),
                        disk,
                        clock,
                        copies,
                        entropy.bytes(REQUEST_NAME_BYTES).hex());
        Announcer announcer = new Announcer(grant, key::sign, ingest, store, copies, hub, clock);
        Mirror mirror = new Mirror(grant.replica(), ingest, store, copies);
        KnownScopes scopes = new KnownScopes();
        for (TableSettings table : tables.settings()) scopes.add(table.scope());
        Consumer<News> told =
                copies.isMirrored()
                        ? news -> {
                            announcer.accept(news);
                            scopes.add(news.scope());
                        }
                        : announcer;

        List<NodeEndpoints.Fact> facts = new ArrayList<>();
        List<Supplier<Optional<Duration>>> lags = new ArrayList<>();
        Consumer<News> known = told;
        if (settings.does(Role.WORKER) && !tables.settings().isEmpty()) {
            TablesDriver rows = TablesDriver.start(store, tables, author, clock, told);
            parts.push(rows);
            known =
                    news -> {
                        told.accept(news);
                        rows.wake();
                    };
            for (TableSettings table : tables.settings())
                facts.add(new NodeEndpoints.Fact("table " + table.name(), () -> rows.words(table)));
        }
        List<WorkerDriver> workers = new ArrayList<>();
        if (settings.does(Role.WORKER)) {
            for (int i = 0; i < settings.workers(); i++) {
                Worker.Settings pace =
                        new Worker.Settings(
                                settings.pace().operationsPerTransaction(), settings.home());
                WorkerDriver worker =
                        WorkerDriver.start(
                                new Worker(store, author, pace),
                                log.reader(settings.log().workers()),
                                settings.pace(),
                                clock,
                                known);
                parts.push(worker);
                workers.add(worker);
                lags.add(() -> Optional.of(worker.lag()));
            }
        }
        RegionFigures figures = new RegionFigures(store, workers);
        figures.register(meters);
        parts.push(WatchDriver.start("figures", RegionFigures.INTERVAL, figures::look));

        Vertx vertx = HttpNode.vertx();
        parts.push(() -> vertx.close().await());
        Optional<Backbone> backbone =
                settings.backbone()
                        .map(part ->
                                Backbone.open(
                                        part,
                                        new Backbone.Surroundings(
                                                vertx,
                                                credentials.tls(),
                                                named(settings, key),
                                                authorities,
                                                settings.data().resolve("backbone"),
                                                meters,
                                                clock,
                                                entropy,
                                                threads)));
        backbone.ifPresent(parts::push);
        Verifier verifier = new Verifier();
        backbone.ifPresent(way -> facts.addAll(way.facts()));
        facts.add(new NodeEndpoints.Fact("backlog", () -> String.valueOf(figures.backlog())));
        Peers peers = new Peers(settings.mirror().peers());
        LinkBook book = new LinkBook(database);
        Inspection inspection = new Inspection(database, schema);
        Dial dial = new Dial(credentials.tls(), peer -> backbone.flatMap(way -> way.doorTo(peer)));
        PeerCalls calls =
                new PeerCalls(vertx, dial, Bearer.header(credentials.granted().encoded()));
        if (settings.does(Role.MIRROR)) {
            MirrorRegion here =
                    new MirrorRegion(
                            new Uplink.Client(grant, authorities),
                            key::sign,
                            mirror,
                            scopes,
                            announcer::global,
                            verifier,
                            new PeerSockets(vertx, dial),
                            meters,
                            clock,
                            entropy);
            MirrorLinks links = MirrorLinks.start(peers, here, book, inspection, calls);
            parts.push(links);
            for (MirrorDriver link : links.links()) {
                facts.add(new NodeEndpoints.Fact("mirror " + link.name(), link::words));
                lags.add(link::lag);
            }
        }

        Router router = new Router();
        Revocations revocations = Revocations.open(settings.data(), authorities, verifier);
        facts.add(revocations.fact());
        GrantBook grants =
                new GrantBook(List.copyOf(authorities), verifier, Grant.Role.REGION, revocations);
        new RevocationsEndpoint(revocations, grants, clock).register(router);
        Signed signed = new Signed(authorities, verifier);
        Answering answering = new Answering(grant.replica(), inspection, ingest, signed);
        Comparing comparing =
                new Comparing(
                        answering, calls, new Mending(database, schema, tables.scopes()), signed);
        Operators operators = new Operators(grants, clock);
        MirrorEndpoint mirroring =
                new MirrorEndpoint(
                        credentials.granted(),
                        grants,
                        operators,
                        peers,
                        book,
                        answering,
                        comparing,
                        clock);
        mirroring.register(router);
        backbone.ifPresent(way -> way.register(router));
        Optional<SyncEndpoint> sync = Optional.empty();
        Optional<DocumentsApi> api = Optional.empty();
        if (settings.does(Role.INGEST)) {
            FeedWatch feeds = new FeedWatch(store, hub, told);
            parts.push(WatchDriver.start("feed-watch", FeedWatch.INTERVAL, feeds::look));
            // Where this process follows the others it hears of it first.
            if (copies.isMirrored() && !settings.does(Role.MIRROR)) {
                GlobalWatch global = new GlobalWatch(store, hub, copies, announcer);
                parts.push(WatchDriver.start("global-watch", GlobalWatch.INTERVAL, global::look));
            }
            Backend backend =
                    copies.isMirrored() ? new MirrorBackend(ingest, mirror, scopes) : ingest;
            SyncEndpoint sessions =
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
            sessions.register(router);
            sync = Optional.of(sessions);
            DocumentsApi documents =
                    new DocumentsApi(
                            new RegionDocuments(store, author, hub, clock),
                            hub,
                            grants,
                            schema,
                            clock);
            documents.register(router);
            api = Optional.of(documents);
        }
        NodeEndpoints.State state =
                new NodeEndpoints.State(
                        List.of(
                                new NodeEndpoints.Check("database", figures::databaseFailure),
                                new NodeEndpoints.Check("workers", figures::workerFailure),
                                new NodeEndpoints.Check(
                                        "broker",
                                        () ->
                                                broker.filter(child -> !child.running())
                                                        .map(gone -> "RocketMQ does not run")),
                                new NodeEndpoints.Check(
                                        "disk",
                                        () ->
                                                disk.hasRoom()
                                                        ? Optional.empty()
                                                        : Optional.of("below free-disk"))),
                        facts,
                        () ->
                                lags.stream()
                                        .flatMap(lag -> lag.get().stream())
                                        .max(Comparator.naturalOrder()));
        NodeEndpoints.register(router, state, meters);
        RegionConsole console =
                new RegionConsole(
                        figures,
                        sync,
                        api,
                        ingest,
                        mirroring,
                        new Survey(database),
                        new QuarantineBook(database),
                        clock);
        parts.push(WatchDriver.start("console", RegionConsole.INTERVAL, console::look));
        new ConsoleEndpoint(
                        new ConsoleEndpoint.Node(
                                credentials.tls().identity().name(),
                                "region",
                                () -> Optional.of(grant.replica()),
                                state,
                                console,
                                Optional.of(console),
                                Optional.of(console)),
                        operators,
                        revocations,
                        clock)
                .register(router);
        if (settings.console().isPresent())
            ConsolePages.load(settings.console().get()).register(router);
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
        backbone.ifPresent(way ->
                way.start(new InetSocketAddress(reachable(settings.http().host()), http.port())));
        parts.push(
                RevocationsDriver.start(
                        revocations,
                        () -> peers.addresses().stream().map(RevocationsDriver.Other::at).toList(),
                        new RevocationsDriver.Way(
                                credentials.tls(), backbone.map(Backbone::selector)),
                        threads));

        URI uri = URI.create("https://" + reachable(settings.http().host()) + ":" + http.port());
        LOG.info("region {} at {}", grant.replica(), uri);
        return new RegionNode(uri, grant.replica(), address, parts);
    }

    /** The key that the topology names: the one that was given, whatever this node took since. */
    private static ReplicaKey named(RegionSettings settings, ReplicaKey now) {
        Optional<Path> given = settings.replicaKey();
        return given.isPresent() ? new KeyFile(given.get()).load() : now;
    }

    private static void makeFolder(RegionSettings settings) {
        try {
            Files.createDirectories(settings.data());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make the folder " + settings.data(), e);
        }
    }

    private static Schema schema(Path file) {
        try {
            return Schema.parse(read(file));
        } catch (MalformedException e) {
            throw new SettingsException(
                    List.of("The schema " + file + " cannot be used: " + e.getMessage()));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new SettingsException(List.of("Cannot read " + file + ": " + e));
        }
    }

    private static DatabaseAddress databaseAddress(
            RegionSettings settings, Consumer<String> progress, Deque<AutoCloseable> parts) {
        RegionSettings.DatabasePart part = settings.database();
        if (part.jdbcUrl().isPresent()) {
            String password = part.passwordFile().map(file -> read(file).strip()).orElse("");
            return new DatabaseAddress(part.jdbcUrl().get(), part.user(), password);
        }
        EmbeddedSettings embedded =
                EmbeddedSettings.of(settings.data().resolve("postgres")).withPort(part.port());
        EmbeddedDatabase server = EmbeddedDatabase.start(embedded, progress);
        parts.push(server);
        return server.address();
    }

    /** Of its own, unless it is given another. */
    private static Optional<BrokerProcess> broker(
            RegionSettings settings, Consumer<String> progress, Deque<AutoCloseable> parts) {
        RegionSettings.LogPart part = settings.log();
        if (part.namesrvAddress().isPresent()) return Optional.empty();
        BrokerSettings child =
                BrokerSettings.of(settings.data().resolve("broker"), part.shards())
                        .withPorts(part.namesrvPort(), part.brokerPort())
                        .withRetention(part.retention());
        BrokerProcess broker = BrokerProcess.start(child, progress);
        parts.push(broker);
        return Optional.of(broker);
    }

    private static String reachable(String host) {
        return host.equals("0.0.0.0") ? "localhost" : host;
    }

    /** Where it listens. */
    public URI address() {
        return address;
    }

    public ReplicaId replica() {
        return replica;
    }

    /** Where its database is, for whoever wants to look for himself. */
    public DatabaseAddress database() {
        return database;
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
                LOG.warn("closing a part of the region failed", e);
            }
        }
    }
}
