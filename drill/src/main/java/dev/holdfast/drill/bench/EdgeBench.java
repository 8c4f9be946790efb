package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.drill.clinic.ClinicAuthor;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Operations that a real edge acknowledges over live sessions, beside bare SQLite group commit of
 * the same bytes. Every device has a clinic of its own, since what others see of it is another
 * figure.
 */
final class EdgeBench implements Bench {
    private static final int MOST_OPERATIONS = 100_000;

    /**
     * Who pushes.
     *
     * @param batch operations in each batch
     * @param ahead pushes of one device that may be without an answer
     */
    private record Load(int devices, int batch, int ahead) {
        String words() {
            return "batches of " + batch + " from " + devices + " devices";
        }
    }

    @Override
    public String name() {
        return "edge";
    }

    @Override
    public String about() {
        return "acknowledged operations over live sessions, beside bare SQLite group commit";
    }

    @Override
    public boolean isMeasuredHere() {
        return false;
    }

    @Override
    public Report run(Run run) throws Exception {
        List<Figure> figures = new ArrayList<>();
        figures.addAll(measure(run, new Load(64, 1, 1)));
        figures.addAll(measure(run, new Load(16, 100, 4)));
        return new Report(
                name(),
                figures,
                List.of(
                        "Through TLS 1.3, WebSocket, verification, flush and merge, to a signed"
                                + " receipt; the edge is a child process, the devices share this"
                                + " one, and its CPU is not counted.",
                        "A device with batches of 1 waits for each receipt; with batches of 100 it"
                                + " has 4 on their way.",
                        "Bare: as many writers, each batch a row, one thread that commits for all.",
                        "All that was acknowledged was found in the edge's store afterwards."),
                List.of());
    }

    private List<Figure> measure(Run run, Load load) throws Exception {
        Path folder =
                java.nio.file.Files.createDirectory(run.folder().resolve("edge-" + load.batch()));
        run.progress().at("starting an edge");
        Vertx vertx = Vertx.vertx();
        List<Device> devices = new ArrayList<>();
        List<Double> cpuMicros = new ArrayList<>();
        Rounds.Rates rates;
        EdgeChild edge = EdgeChild.start(folder, run.recording().map(file -> of(file, load)));
        try (edge;
                Bare bare = new Bare(folder.resolve("bare.db"))) {
            WebSocketClient client = client(vertx, edge);
            for (int i = 0; i < load.devices(); i++)
                devices.add(Device.join(client, edge, run.seed() + i));
            rates =
                    Rounds.run(
                            run,
                            load.words(),
                            load.devices() * load.batch(),
                            MOST_OPERATIONS,
                            operations ->
                                    new Pushes(load, operations, devices, edge, bare, cpuMicros));
            for (Device device : devices) device.session.close();
        } finally {
            vertx.close().await();
        }
        requireKept(edge, devices);
        return figures(load, rates, Rounds.medianOfLast(cpuMicros));
    }

    private static List<Figure> figures(Load load, Rounds.Rates rates, double cpuMicros) {
        Figure pace =
                Figure.of("acknowledged, " + load.words(), rates.subject(), "op/s")
                        .beside(rates.bare(), "bare SQLite group commit of the same bytes");
        Figure cpu = Figure.of("server CPU, batches of " + load.batch(), cpuMicros, "µs/op");
        return load.batch() == 1
                ? List.of(pace, cpu.aiming(Aim.atMost(150)))
                : List.of(pace.aiming(Aim.atLeast(20_000)), cpu);
    }

    private static Path of(Path recording, Load load) {
        return recording.resolveSibling(load.batch() + "-" + recording.getFileName());
    }

    private static WebSocketClient client(Vertx vertx, EdgeChild edge) {
        PinnedTrust trust = PinnedTrust.load(edge.deployment().caCertificate());
        return vertx.createWebSocketClient(
                new WebSocketClientOptions()
                        .setMaxConnections(1_000)
                        .setSsl(true)
                        .setTrustOptions(TrustOptions.wrap(trust.trustManager()))
                        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3")));
    }

    /** A device, and what it has pushed. */
    private static final class Device {
        final ClinicAuthor author;
        final LiveSession session;
        long last;

        private Device(ClinicAuthor author, LiveSession session) {
            this.author = author;
            this.session = session;
        }

        static Device join(WebSocketClient client, EdgeChild edge, long seed) {
            String scope = "clinic-" + seed;
            ReplicaKey key = ReplicaKey.create(Entropy.system());
            SignedGrant grant = edge.grant(key, "nurse-" + seed, scope);
            int port = edge.address().getPort();
            return new Device(
                    new ClinicAuthor(scope, key, seed, System.currentTimeMillis()),
                    LiveSession.open(client, port, key, grant, scope));
        }

        Batch batch(int operations) {
            Batch batch = author.batch(operations);
            last = batch.last();
            return batch;
        }
    }

    /** One round's batches, signed and framed. */
    private static final class Pushes implements Rounds.Round {
        private final Load load;
        private final List<Device> devices;
        private final EdgeChild edge;
        private final Bare bare;
        private final List<Double> cpuMicros;
        private final int operations;
        private final List<List<byte[]>> rows = new ArrayList<>();
        private final List<List<Buffer>> frames = new ArrayList<>();

        Pushes(
                Load load,
                int operations,
                List<Device> devices,
                EdgeChild edge,
                Bare bare,
                List<Double> cpuMicros) {
            this.load = load;
            this.operations = operations;
            this.devices = devices;
            this.edge = edge;
            this.bare = bare;
            this.cpuMicros = cpuMicros;
            int each = operations / load.devices() / load.batch();
            for (Device device : devices) {
                List<byte[]> encoded = new ArrayList<>();
                List<Buffer> framed = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    Batch batch = device.batch(load.batch());
                    encoded.add(batch.encoded().unsafeArray());
                    framed.add(
                            LiveSession.frame(
                                    new Message.Push(
                                            batch.scope(), List.of(), List.of(batch), List.of())));
                }
                rows.add(encoded);
                frames.add(framed);
            }
        }

        @Override
        public double subject() throws Exception {
            double cpuBefore = edge.cpuSeconds();
            long started = System.nanoTime();
            List<CompletableFuture<Boolean>> pushed = new ArrayList<>();
            for (int i = 0; i < devices.size(); i++) {
                long share = (long) frames.get(i).size() * load.batch();
                pushed.add(devices.get(i).session.push(frames.get(i), share, load.ahead()));
            }
            for (CompletableFuture<Boolean> one : pushed) one.join();
            double seconds = (System.nanoTime() - started) / 1e9;
            cpuMicros.add((edge.cpuSeconds() - cpuBefore) * 1e6 / operations);
            return seconds;
        }

        @Override
        public double bare() throws Exception {
            // As many batches in flight as the devices have.
            List<List<byte[]>> shares = new ArrayList<>();
            for (List<byte[]> row : rows) {
                for (int a = 0; a < load.ahead(); a++) {
                    List<byte[]> share = new ArrayList<>();
                    for (int i = a; i < row.size(); i += load.ahead()) share.add(row.get(i));
                    shares.add(share);
                }
            }
            try (GroupCommit<byte[]> group = new GroupCommit<>(bare.database, bare::insert)) {
                return Writers.each(shares, group::write);
            }
        }
    }

    private static final class Bare implements AutoCloseable {
        final BareSqlite database;
        private final PreparedStatement insert;

        Bare(Path file) throws SQLException {
            database =
                    new BareSqlite(
                            file,
                            StoreSettings.edge(file).cacheKib(),
                            "create table batches (n integer primary key, batch blob not null)");
            insert = database.prepare("insert into batches (batch) values (?)");
        }

        void insert(byte[] batch) throws SQLException {
            insert.setBytes(1, batch);
            insert.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            database.close();
        }
    }

    /** A figure for what was not kept would be worth nothing. */
    private static void requireKept(EdgeChild edge, List<Device> devices) {
        try (ReplicaStore store =
                ReplicaStore.open(StoreSettings.edge(edge.data()), Entropy.system())) {
            for (Device device : devices) {
                boolean kept =
                        store.read(tables ->
                                tables.context(device.author.scope(), device.author.key().replica())
                                        .contains(1, device.last));
                if (kept) continue;
                throw new Failure(
                        "the edge has lost what it acknowledged",
                        "not all of 1 to "
                                + device.last
                                + " of "
                                + device.author.scope()
                                + " is there",
                        "holdfast drill states, and report what it prints");
            }
        }
    }
}
