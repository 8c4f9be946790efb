package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Frozen;
import dev.holdfast.drill.rings.Database;
import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.RegionProcess;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Regions cut off from each other, and one lost to the world. */
@Command(
        name = "region-loss",
        description =
                "Runs two or three regions that mirror each other, cuts them off from each other while all"
                        + " take in writes, heals that, and then kills one with writes that only its"
                        + " log holds.",
        footer = {
            "",
            "It takes two minutes or so.",
            "Example: holdfast drill region-loss --regions 3"
        })
public final class RegionLossDrill extends Drill {
    private int regions;

    @Option(
            names = "--regions",
            paramLabel = "COUNT",
            defaultValue = "2",
            description = "Two or three (default: ${DEFAULT-VALUE}).")
    void of(int regions) {
        int several = atLeast(2, "--regions", regions, "one region has no other");
        this.regions = atMost(3, "--regions", several, "there are machines for three");
    }

    @Override
    protected int parts() {
        return 5;
    }

    @Override
    protected Demands demands() {
        return new Demands(Set.of(), Demands.Blow.KILL, true, false);
    }

    @Override
    protected void place(Rings rings, Disks disks) {
        rings.mirror(regions);
    }

    @Override
    protected Story story(Scene scene) {
        return new Apart(scene);
    }

    @Override
    protected String next() {
        return "holdfast drill edge-loss";
    }

    private static final class Apart implements Story {
        private static final int WRITES = 40;
        private static final int CONTESTED = 10;

        /** By when people are told that their writes are in a region's log. */
        private static final Duration TOLD = Duration.ofSeconds(10);

        /** Abroad, each at a region of her own. */
        private static final List<String> NAMES = List.of("dalia", "esi");

        private final Scene scene;
        private final List<RegionProcess> regions;
        private final List<DeviceProcess> nurses = new ArrayList<>();
        private final List<Database> databases = new ArrayList<>();
        private final Map<String, Object> figures = new TreeMap<>();
        private long globals;
        private long untrue;

        Apart(Scene scene) {
            this.scene = scene;
            this.regions = scene.rings().regions();
        }

        @Override
        public void tell() throws InterruptedException {
            gather();
            scene.begin("   Connected: everybody writes, at an edge and in each region");
            write();
            boolean everywhere = Scene.await(this::isEverywhere);
            scene.evidence()
                    .saw(
                            "what is written in one region gets into every other",
                            everywhere,
                            count(Dots.count(standing()))
                                    + " writes, "
                                    + regions.size()
                                    + " regions");
            boolean told = Scene.await(() -> scene.reached(standing(), Durability.GLOBAL));
            scene.evidence()
                    .saw(
                            "their authors are told that it is in two regions",
                            told,
                            count(Dots.count(scene.atLeast(Durability.GLOBAL))) + " writes");
            apart();
            lost();
            sample();
            scene.evidence()
                    .saw(
                            "what is told to be in two regions is in two",
                            globals > 0 && untrue == 0,
                            untrue + " of " + count(globals) + " are not");
        }

        private void gather() {
            Rings rings = scene.rings();
            nurses.addAll(rings.nurses());
            databases.add(rings.database());
            for (RegionProcess region : regions.subList(1, regions.size())) {
                DeviceProcess nurse =
                        rings.devices()
                                .start(
                                        NAMES.get(nurses.size() - rings.nurses().size()),
                                        Host.DEVICE_B,
                                        rings.region(Host.DEVICE_B, region),
                                        scene.ledger());
                nurse.awaitReady();
                nurses.add(nurse);
                databases.add(rings.reader(region, "database-reader-" + region.name()));
            }
        }

        /** All of them take in writes, and none hears of what the others do. */
        private void apart() throws InterruptedException {
            scene.network().cutRegions();
            for (RegionProcess region : regions.subList(1, regions.size()))
                scene.requireCut(Host.CLOUD, region.host());
            scene.begin("   Cut off from each other: everybody writes, some of it the same");
            List<DeviceProcess> abroad = nurses.subList(2, nurses.size());
            for (DeviceProcess nurse : abroad) Scene.contest(nurse, 1, CONTESTED);
            Scene.finish(abroad);
            write();
            Context written = standing();
            boolean applied = Scene.await(() -> scene.reached(written, Durability.APPLIED));
            scene.evidence()
                    .saw(
                            "regions that are cut off from each other go on",
                            applied,
                            count(Dots.count(written)) + " writes in the record of some");
            sample();
            long missing = 0;
            for (Database database : databases)
                missing += Dots.count(Dots.minus(written, contextOf(database)));
            long healed = System.nanoTime();
            scene.network().heal();
            boolean caughtUp = Scene.await(this::isEverywhere);
            Duration time = Scene.since(healed);
            figures.put("missed-operations", missing);
            figures.put("catch-up-seconds", time.toMillis() / 1000.0);
            scene.evidence()
                    .saw(
                            "regions that were cut off from each other catch up",
                            caughtUp && missing > 0,
                            count(missing) + " missed writes after " + seconds(time));
        }

        /** The home region dies with writes that nobody has applied. */
        private void lost() throws InterruptedException {
            RegionProcess home = regions.getFirst();
            Context before = contextOf(databases.getFirst());
            scene.begin(
                    "   The home region's database stands still: its log alone has what it takes");
            Context inLog;
            try (Frozen database = Frozen.of(() -> databaseOf(home))) {
                Scene.write(scene.rings().nurses(), WRITES, 20);
                Scene.finish(scene.rings().nurses());
                Context written = standing();
                // Not all of them may be told: an edge passes over a word for a newer one.
                Scene.await(TOLD, () -> scene.reached(written, Durability.REGION));
                inLog = Dots.minus(scene.ledger().at(Durability.REGION), before);
                database.requireStill();
                scene.timeline().mark("kill -9 of the home region");
                home.kill();
            }
            // What the edge answers for it brings to another region; chidi knows only the lost one.
            Context atEdge = scene.ledger().savedBy(scene.rings().amina().name());
            atEdge.addAll(scene.ledger().savedBy(scene.rings().bashir().name()));
            Context atStake = Dots.minus(atEdge, Dots.minus(atEdge, inLog));
            scene.begin(
                    "   It is dead with "
                            + count(Dots.count(inLog))
                            + " writes that only its log has");
            Database other = databases.get(1);
            boolean brought = Scene.await(() -> Dots.contains(contextOf(other), atStake));
            scene.evidence()
                    .saw(
                            "what a lost region had only in its log gets into another",
                            brought && !atStake.isEmpty(),
                            count(Dots.count(atStake)) + " writes, brought there by the edge");
            sample();
            Scene.write(nurses, WRITES, 10);
            Scene.finish(nurses);
            scene.begin("   It comes back");
            scene.timeline().mark("the home region comes back");
            home.start();
            if (!Scene.await(() -> databases.getFirst().context().isPresent()))
                throw new DrillException("the home region's database does not come back");
            boolean caughtUp = Scene.await(this::isEverywhere);
            scene.evidence()
                    .saw(
                            "a region that was lost catches up",
                            caughtUp,
                            count(Dots.count(standing()))
                                    + " writes, "
                                    + regions.size()
                                    + " regions");
        }

        private static List<ProcessHandle> databaseOf(RegionProcess region) {
            List<ProcessHandle> all = new ArrayList<>();
            region.postmaster()
                    .ifPresent(first -> {
                        all.add(first);
                        first.descendants().forEach(all::add);
                    });
            return all;
        }

        private void write() {
            Scene.write(nurses, WRITES, 10);
            Scene.finish(nurses);
        }

        private Context standing() {
            return Dots.minus(scene.ledger().at(Durability.DEVICE), scene.ledger().refusedDots());
        }

        /**
         * Whether every region has all, and all have the same: clocks are corrected by writes too.
         */
        private boolean isEverywhere() {
            Context first = contextOf(databases.getFirst());
            return Dots.contains(first, standing())
                    && databases.stream().allMatch(each -> contextOf(each).equals(first));
        }

        private static Context contextOf(Database database) {
            return database.context().orElse(new Context());
        }

        /** What was told first is compared with what is read after. */
        private void sample() {
            Context told = scene.atLeast(Durability.GLOBAL);
            List<Context> held = databases.stream().map(Apart::contextOf).toList();
            Context inTwo = new Context();
            for (int i = 0; i < held.size(); i++) {
                for (int j = 0; j < i; j++) {
                    Context both = Dots.minus(held.get(i), Dots.minus(held.get(i), held.get(j)));
                    inTwo.addAll(both);
                }
            }
            // A region that is dead has what it had: only its database cannot be asked.
            if (held.stream().anyMatch(Context::isEmpty)) return;
            globals += Dots.count(told);
            untrue += Dots.count(Dots.minus(told, inTwo));
        }

        @Override
        public void judge(RegionImage home) {
            try {
                for (int i = 1; i < databases.size(); i++) judge(home, i);
            } finally {
                databases.subList(1, databases.size()).forEach(Database::close);
            }
        }

        private void judge(RegionImage home, int index) {
            String name = regions.get(index).name();
            RegionImage other = databases.get(index).image();
            boolean sameContext = other.store().context().equals(home.store().context());
            long differ = differences(home, other);
            scene.evidence()
                    .saw(
                            "equal contexts, equal documents in " + name,
                            sameContext && differ == 0 && !home.store().documents().isEmpty(),
                            differ + " of " + home.store().documents().size() + " differ");
            long rows = other.operations().size();
            long dots = Dots.count(other.store().context());
            scene.evidence()
                    .saw(
                            "a write has one effect in " + name,
                            rows == dots && rows > 0,
                            count(rows) + " rows for " + count(dots) + " writes");
        }

        private static long differences(RegionImage one, RegionImage other) {
            Set<Object> all = new HashSet<>(one.store().documents().keySet());
            all.addAll(other.store().documents().keySet());
            return all.stream()
                    .filter(id ->
                            !Objects.equals(
                                    one.store().documents().get(id),
                                    other.store().documents().get(id)))
                    .count();
        }

        @Override
        public Map<String, Object> figures() {
            return figures;
        }
    }
}
