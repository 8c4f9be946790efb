package dev.holdfast.drill.herd;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Memory;
import dev.holdfast.drill.rings.Database;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Everybody comes back at once. */
@Command(
        name = "herd",
        description =
                "Lets thousands of devices and five edges, each with a backlog of hours, return within a"
                        + " second to a region in service, while three nurses go on working.",
        footer = {
            "",
            "It takes three minutes or so.",
            "Example: holdfast drill herd --devices 500"
        })
public final class HerdDrill extends Drill {
    private int devices;

    @Option(
            names = "--devices",
            paramLabel = "COUNT",
            defaultValue = "2000",
            description = "How many connect to the region (default: ${DEFAULT-VALUE}).")
    void of(int devices) {
        this.devices = atLeastOne("--devices", devices);
    }

    @Override
    protected int parts() {
        return 4;
    }

    @Override
    protected Story story(Scene scene) {
        return new Return(scene, devices);
    }

    @Override
    protected String next() {
        return "holdfast drill flicker";
    }

    private static final class Return implements Story {
        private static final int EDGES = 5;

        /** A nurse who writes every half minute has written as much after eight hours. */
        private static final Herd AT_EDGES = new Herd("edge-", 4 * EDGES, 4, 50, 20);

        /** Ordinary work, before: nodes that have just started are slower than those that serve. */
        private static final Herd BEFORE = new Herd("before-", 100, 10, 10, 10);

        private static final Herd BEFORE_AT_EDGES = new Herd("before-edge-", 4 * EDGES, 4, 10, 20);

        private static final Duration WITHIN = Duration.ofSeconds(1);
        private static final Duration DRAIN_PATIENCE = Duration.ofMinutes(10);
        private static final Duration SAMPLE = Duration.ofMillis(250);

        /** Of the nurses, between two looks at whether the herd is through: two seconds. */
        private static final int WRITES = 20;

        private static final int WRITE_EVERY_MILLIS = 100;
        private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(1);
        private static final Duration STALL_MAX = Duration.ofSeconds(10);

        /** The region of the drill may have a heap of 512 MiB; the rest is threads and buffers. */
        private static final long MEMORY_MAX_MIB = 1_024;

        /** As the region's settings say, unless told otherwise. */
        private static final int CONNECTIONS_MAX = 20;

        private final Scene scene;
        private final Herd away;
        private final Map<String, Object> figures = new TreeMap<>();
        private Context written = new Context();
        private Context told = new Context();

        Return(Scene scene, int devices) {
            this.scene = scene;
            this.away = new Herd("away-", devices, 10, 2, 10);
        }

        @Override
        public void tell() throws InterruptedException {
            Rings rings = scene.rings();
            URI region = rings.region(Host.DEVICE_A);
            List<URI> edges = new ArrayList<>(List.of(rings.edge(Host.DEVICE_A)));
            while (edges.size() < EDGES) edges.add(rings.anotherEdge(Host.DEVICE_A));
            scene.begin(
                    "   In service: others write at the region and at "
                            + EDGES
                            + " edges, and leave");
            serve(edges, region);
            scene.network().cutGateway(Cut.BOTH);
            scene.requireCut(Host.EDGE, Host.CLOUD);
            scene.begin(
                    "   Cut off from abroad: "
                            + EDGES
                            + " edges take in "
                            + count(AT_EDGES.operations())
                            + " writes");
            try (HerdProcess atEdges = herd("at-edges", AT_EDGES, edges)) {
                atEdges.come(WITHIN);
                if (!Scene.await(() -> isAll(atEdges, Durability.EDGE)))
                    throw new DrillException("the edges did not take in their backlog");
                scene.begin(
                        "   "
                                + count(away.devices())
                                + " devices without any network write as well");
                try (HerdProcess alone = herd("away", away, List.of(region))) {
                    comeBack(atEdges, alone);
                }
            }
        }

        private void serve(List<URI> edges, URI region) throws InterruptedException {
            try (HerdProcess atEdges = herd("before-at-edges", BEFORE_AT_EDGES, edges);
                    HerdProcess others = herd("before", BEFORE, List.of(region))) {
                atEdges.come(WITHIN);
                others.come(WITHIN);
                if (!Scene.await(
                        () ->
                                isAll(atEdges, Durability.APPLIED)
                                        && isAll(others, Durability.APPLIED)))
                    throw new DrillException("what others wrote did not get into the record");
                remember(atEdges);
                remember(others);
            }
        }

        private void remember(HerdProcess herd) {
            written.addAll(herd.ledger().at(Durability.DEVICE));
            told.addAll(herd.ledger().atLeast(Durability.EDGE));
        }

        private HerdProcess herd(String name, Herd herd, List<URI> endpoints) {
            long seed = scene.random().nextInt(1_000_000_000);
            return new HerdProcess(scene.network(), scene.rings(), name, herd, endpoints, seed);
        }

        private void comeBack(HerdProcess atEdges, HerdProcess alone) throws InterruptedException {
            List<DeviceProcess> nurses = scene.rings().nurses();
            Memory.startPeak(scene.rings().regionPid());
            Load load = new Load(scene.rings().database());
            scene.begin("   All return within a second, while three nurses go on working");
            long started = System.nanoTime();
            scene.network().heal();
            scene.timeline().mark("the herd returns");
            alone.come(WITHIN);
            Duration there = Duration.ZERO;
            boolean drained = false;
            while (!drained && Scene.since(started).compareTo(DRAIN_PATIENCE) < 0) {
                Scene.write(nurses, WRITES, WRITE_EVERY_MILLIS);
                for (int i = 0; i < WRITES && !drained; i++) {
                    Thread.sleep(SAMPLE);
                    load.sample();
                    if (there.isZero() && alone.status().mostOpen() == away.devices())
                        there = Scene.since(started);
                    drained =
                            isAll(atEdges, Durability.APPLIED) && isAll(alone, Durability.APPLIED);
                }
                scene.sampleWatermarks();
                Scene.finish(nurses);
            }
            Duration time = Scene.since(started);
            remember(atEdges);
            remember(alone);
            judgeHerd(alone, there, drained, time);
            judgeRegion(load);
            judgeNurses(nurses);
            List<String> wrongs = new ArrayList<>(atEdges.wrongs());
            wrongs.addAll(alone.wrongs());
            wrongs.stream().limit(5).forEach(wrong -> scene.progress().line("   " + wrong));
            scene.evidence()
                    .saw(
                            "no device of the herd is refused or sent away",
                            wrongs.isEmpty(),
                            count(wrongs.size()) + " were");
        }

        private static boolean isAll(HerdProcess herd, Durability level) {
            Context written = herd.ledger().at(Durability.DEVICE);
            return Dots.contains(herd.ledger().atLeast(level), written);
        }

        private void judgeHerd(HerdProcess alone, Duration there, boolean drained, Duration time) {
            HerdProcess.Status status = alone.status();
            long writes = AT_EDGES.operations() + away.operations();
            scene.evidence()
                    .saw(
                            "a herd returns, and all of it is served",
                            !there.isZero() && drained,
                            count(status.mostOpen())
                                    + " sessions at once after "
                                    + seconds(there)
                                    + "; "
                                    + count(writes)
                                    + " writes in the record after "
                                    + seconds(time));
            figures.put("devices", status.mostOpen());
            figures.put("all-connected-seconds", there.toMillis() / 1000.0);
            figures.put("attempts-in-vain", status.inVain());
            figures.put("sessions-lost", status.lost());
            figures.put("herd-writes", writes);
            figures.put("drain-seconds", time.toMillis() / 1000.0);
        }

        private void judgeRegion(Load load) {
            long mebibytes = Memory.mebibytes(Memory.peak(scene.rings().regionPid()));
            scene.evidence()
                    .saw(
                            "under a herd the region's memory and connections are bounded",
                            mebibytes <= MEMORY_MAX_MIB && load.connections <= CONNECTIONS_MAX,
                            mebibytes
                                    + " of "
                                    + MEMORY_MAX_MIB
                                    + " MiB, "
                                    + load.connections
                                    + " of "
                                    + CONNECTIONS_MAX
                                    + " connections to its database, at most");
            scene.evidence()
                    .saw(
                            "under a herd the drain never stalls",
                            load.samples > 0 && load.longestStall.compareTo(STALL_MAX) <= 0,
                            "nothing was applied for " + seconds(load.longestStall) + " at most");
            figures.put("region-memory-mib", mebibytes);
            figures.put("database-connections", load.connections);
            figures.put("longest-stall-seconds", load.longestStall.toMillis() / 1000.0);
        }

        private void judgeNurses(List<DeviceProcess> nurses) {
            boolean isQuick = true;
            List<String> words = new ArrayList<>();
            for (DeviceProcess nurse : nurses) {
                List<Duration> waits = new ArrayList<>(scene.ledger().waits(nurse.name()));
                long saved = Dots.count(scene.ledger().savedBy(nurse.name()));
                waits.sort(null);
                // What was not acknowledged at all waits longest.
                int rank = (int) Math.ceil(0.99 * saved) - 1;
                boolean isTold = rank >= 0 && rank < waits.size();
                isQuick &= isTold && waits.get(rank).compareTo(ACKNOWLEDGED_WITHIN) < 0;
                String p99 = isTold ? waits.get(rank).toMillis() + " ms" : "never";
                words.add(nurse.name() + " " + p99);
                if (isTold) figures.put("p99-millis-" + nurse.name(), waits.get(rank).toMillis());
            }
            scene.evidence()
                    .saw(
                            "under a herd a fresh write is acknowledged within 1 s, p99",
                            isQuick,
                            String.join(", ", words));
        }

        @Override
        public void judge(RegionImage region) {
            Database.Others others = scene.rings().database().others();
            long lost = Dots.count(Dots.minus(told, others.context()));
            long missing = Dots.count(Dots.minus(written, others.context()));
            boolean isOnce = others.operations() == Dots.count(others.context());
            scene.evidence()
                    .saw(
                            "what a herd wrote is in the record, once",
                            lost == 0 && missing == 0 && isOnce && !written.isEmpty(),
                            lost
                                    + " acknowledged and "
                                    + missing
                                    + " of "
                                    + count(Dots.count(written))
                                    + " written are missing, "
                                    + count(others.operations())
                                    + " rows");
        }

        @Override
        public Map<String, Object> figures() {
            return figures;
        }
    }

    /** What the region's database bore at most, and whether it went on. Used by one thread. */
    private static final class Load {
        private final Database database;
        private long operations;
        private long progressedNanos = System.nanoTime();
        int samples;
        int connections;
        Duration longestStall = Duration.ZERO;

        Load(Database database) {
            this.database = database;
        }

        void sample() {
            Database.Load now =
                    database.load().orElseThrow(() -> new DrillException("PostgreSQL went away"));
            samples++;
            connections = Math.max(connections, now.connections());
            if (now.operations() > operations) {
                operations = now.operations();
                progressedNanos = System.nanoTime();
            }
            Duration stall = Scene.since(progressedNanos);
            if (stall.compareTo(longestStall) > 0) longestStall = stall;
        }
    }
}
