package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.sync.Session;
import dev.holdfast.drill.clinic.ClinicAuthor;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.database.EmbeddedSettings;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.log.BrokerProcess;
import dev.holdfast.region.log.BrokerSettings;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.log.LogSettings;
import dev.holdfast.region.log.RocketLog;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.worker.Pace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Operations from a real RocketMQ into a real PostgreSQL by a region's own worker, beside a bare
 * batched insert of the rows that came of it. The backlog is laid first; what is measured is how
 * fast it drains.
 */
final class RegionBench implements Bench {
    private static final int SHARDS = 8;

    /** As many as a region has by default. */
    private static final int WORKERS = 2;

    /** A clinic a shard. */
    private static final int SCOPES = SHARDS;

    private static final int MOST_OPERATIONS = 100_000;
    private static final int APPENDED_AT_ONCE = 500;

    /** A new reader waits for its shards. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Override
    public String name() {
        return "region";
    }

    @Override
    public String about() {
        return "from RocketMQ into PostgreSQL, beside a bare batched insert of the same rows";
    }

    @Override
    public Report run(Run run) throws Exception {
        Deployment deployment =
                Deployment.create(
                        run.folder().resolve("keys"),
                        "bench",
                        Entropy.system(),
                        InstantSource.system());
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        RegionAuthor author =
                new RegionAuthor(
                        grant(deployment, key, "region", Grant.Role.REGION),
                        key::sign,
                        ClinicData.SCHEMA);
        EmbeddedSettings database =
                EmbeddedSettings.of(Files.createDirectory(run.folder().resolve("postgres")))
                        .withPort(0)
                        .withBinaries(run.folder().resolveSibling("postgres-programs"));
        int ports = freePorts();
        BrokerSettings broker =
                BrokerSettings.of(run.folder().resolve("broker"), SHARDS)
                        .withPorts(ports, ports + 3);
        try (EmbeddedDatabase server = EmbeddedDatabase.start(database, run.progress()::at);
                BrokerProcess queue = BrokerProcess.start(broker, run.progress()::at);
                Database connections = Database.open(server.address(), 8);
                RocketLog log = RocketLog.open(LogSettings.of(queue.address()))) {
            RegionStore store = new RegionStore(connections, ClinicData.SCHEMA);
            try (GatedWorkers workers = GatedWorkers.start(WORKERS, store, author, log)) {
                BareRegion bare = new BareRegion(connections, WORKERS);
                List<Figure> figures = new ArrayList<>();
                for (int batch : new int[] {100, 1})
                    figures.add(measure(run, deployment, batch, log, workers, bare));
                return report(figures);
            }
        }
    }

    private Report report(List<Figure> figures) {
        return new Report(
                name(),
                figures,
                List.of(
                        SCOPES
                                + " clinics with one author each, one in each shard, "
                                + WORKERS
                                + " workers, "
                                + Pace.FAST.operationsPerTransaction()
                                + " operations a transaction or little more; fsync and"
                                + " synchronous_commit are on.",
                        "Bare: the same rows of feed, operations, documents and context, by unnest,"
                                + " into tables that hold as many rows already, "
                                + Pace.FAST.operationsPerTransaction()
                                + " operations a transaction, over "
                                + WORKERS
                                + " connections; nothing is read or merged, and no queue is read."),
                List.of());
    }

    private static Figure measure(
            Run run,
            Deployment deployment,
            int batch,
            RocketLog log,
            GatedWorkers workers,
            BareRegion bare)
            throws Exception {
        List<Clinic> clinics = new ArrayList<>();
        for (String scope : scopes("clinic-" + batch + "-", log))
            clinics.add(new Clinic(deployment, scope, run.seed() + clinics.size()));
        Rounds.Rates rates =
                Rounds.run(
                        run,
                        "batches of " + batch,
                        SCOPES * batch,
                        MOST_OPERATIONS,
                        operations -> {
                            Map<String, Long> before = new LinkedHashMap<>();
                            for (Clinic clinic : clinics)
                                before.put(clinic.author.scope(), clinic.last);
                            append(log, clinics, operations / SCOPES / batch, batch);
                            return new Rounds.Round() {
                                @Override
                                public double subject() {
                                    return drain(workers, operations);
                                }

                                @Override
                                public double bare() throws Exception {
                                    return bare.insertAgain(before);
                                }
                            };
                        });
        Figure figure =
                Figure.of("applied, batches of " + batch, rates.subject(), "op/s")
                        .beside(rates.bare(), "a bare batched insert of the same rows");
        return batch == 1 ? figure : figure.aiming(Aim.ratioAtLeast(0.5));
    }

    /**
     * One for each shard: with more scopes than anybody measures, shards and so workers have about
     * as much to do as each other; with a few it would be luck.
     */
    private static Collection<String> scopes(String prefix, RocketLog log) {
        Map<Integer, String> byShard = new TreeMap<>();
        for (int i = 0; byShard.size() < log.shards(); i++)
            byShard.putIfAbsent(log.shard(prefix + i), prefix + i);
        return byShard.values();
    }

    private static void append(RocketLog log, List<Clinic> clinics, int batches, int operations) {
        List<LogRecord> records = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            for (Clinic clinic : clinics) records.add(clinic.record(operations));
        }
        for (int from = 0; from < records.size(); from += APPENDED_AT_ONCE) {
            int to = Math.min(records.size(), from + APPENDED_AT_ONCE);
            if (log.append(records.subList(from, to)) instanceof AppendResult.NotStored refused) {
                throw new Failure(
                        "RocketMQ did not take the backlog",
                        refused.reason(),
                        "look at the room on the disk, then run this again");
            }
        }
    }

    private static double drain(GatedWorkers workers, int operations) {
        long until = workers.operations() + operations;
        long started = System.nanoTime();
        workers.open();
        try {
            while (workers.operations() < until) {
                if (System.nanoTime() - started > PATIENCE.toNanos() || workers.quarantined() > 0) {
                    throw new Failure(
                            "the workers did not drain the backlog",
                            String.format(
                                    "%,d of %,d operations are left, %,d records uncommitted,"
                                            + " %,d batches quarantined; the workers wait for %s",
                                    until - workers.operations(),
                                    operations,
                                    workers.backlog(),
                                    workers.quarantined(),
                                    workers.waiting()),
                            "run this again, and report what it prints");
                }
                LockSupport.parkNanos(200_000);
            }
            // Before the gates are shut: a worker that has done all its own sits in a poll for
            // half a second.
            return (System.nanoTime() - started) / 1e9;
        } finally {
            workers.shut();
        }
    }

    private static SignedGrant grant(
            Deployment deployment, ReplicaKey key, String subject, Grant.Role role) {
        return deployment.grant(
                key.publicKey(),
                subject,
                role,
                List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY))),
                Duration.ofDays(1),
                Duration.ZERO);
    }

    /** A scope with its one author. */
    private static final class Clinic {
        final ClinicAuthor author;
        private final SignedGrant grant;
        long last;

        Clinic(Deployment deployment, String scope, long seed) {
            ReplicaKey key = ReplicaKey.create(Entropy.system());
            author = new ClinicAuthor(scope, key, seed, System.currentTimeMillis());
            grant = RegionBench.grant(deployment, key, scope, Grant.Role.DEVICE);
        }

        /** The next batch, as an ingest node writes it. */
        LogRecord record(int operations) {
            Batch batch = author.batch(operations);
            last = batch.last();
            Session.Action.Keep keep =
                    new Session.Action.Keep(
                            1,
                            author.scope(),
                            List.of(batch),
                            Map.of(batch.author(), Granted.of(grant)),
                            Map.of());
            return LogEntry.of(keep, System.currentTimeMillis()).getFirst().record("bench");
        }
    }

    /** The first of a row of four, below the ports that the system gives to clients. */
    private static int freePorts() {
        Random random = new Random();
        for (int attempt = 0; attempt < 100; attempt++) {
            int first = 20_000 + random.nextInt(12_000);
            if (isFree(first) && isFree(first + 1) && isFree(first + 3)) return first;
        }
        throw new Failure("no free ports", "RocketMQ needs three", "end other programs");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }
}
