package dev.holdfast.drill.faults;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disk;
import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The power of a node's machine is cut: what was not flushed is gone. */
@Command(
        name = "power",
        description =
                "Cuts the power of the edge's and of the region's disk at random moments while everybody"
                        + " writes: what was not flushed is gone. Needs root.",
        footer = {"", "It takes three minutes or so.", "Example: holdfast drill power --times 20"})
public final class PowerDrill extends Drill {
    private static final String EDGE = "edge";
    private static final String REGION = "region";
    private static final int EDGE_MEBIBYTES = 512;
    private static final int REGION_MEBIBYTES = 2_048;

    private int times;

    @Option(
            names = "--times",
            paramLabel = "TIMES",
            defaultValue = "3",
            description =
                    "How often the edge, and how often the region (default: ${DEFAULT-VALUE}).")
    void times(int times) {
        this.times = atLeastOne("--times", times);
    }

    @Override
    protected int parts() {
        return 1 + 2 * times;
    }

    @Override
    protected Demands demands() {
        return new Demands(
                EnumSet.of(Durability.EDGE, Durability.REGION, Durability.APPLIED),
                Demands.Blow.POWER_CUT,
                false,
                false);
    }

    /** Everything that a node must find again is in a folder of the disk; the proofs are not. */
    @Override
    protected void place(Rings rings, Disks disks) {
        rings.keepEdgeIn(disks.make(EDGE, EDGE_MEBIBYTES).folder().resolve("data"));
        rings.keepRegionIn(disks.make(REGION, REGION_MEBIBYTES).folder().resolve("data"));
    }

    @Override
    protected Story story(Scene scene) {
        return new Outages(scene, times);
    }

    @Override
    protected String next() {
        return "holdfast drill power --times 20";
    }

    private record Outages(Scene scene, int times) implements Story {
        private static final int WRITES = 120;
        private static final int WRITE_EVERY_MILLIS = 10;
        private static final int MOMENT_MILLIS = 1_500;

        /**
         * For so long at most a node goes on without its disk before it is killed: whatever it
         * acknowledges then without a flush is heard, and found to be missing.
         */
        private static final int AGONY_MILLIS = 300;

        @Override
        public void tell() throws InterruptedException {
            List<String> victims = new ArrayList<>(Collections.nCopies(times, EDGE));
            victims.addAll(Collections.nCopies(times, REGION));
            Collections.shuffle(victims, scene.random());
            List<DeviceProcess> nurses = scene.rings().nurses();
            scene.begin("   Connected: three nurses write");
            Scene.write(nurses, WRITES, WRITE_EVERY_MILLIS);
            Scene.finish(nurses);
            // Each level has something to lose from the first power cut on.
            Scene.await(
                    () -> scene.reached(scene.ledger().at(Durability.DEVICE), Durability.APPLIED));
            for (int i = 0; i < victims.size(); i++) {
                String victim = victims.get(i);
                Scene.write(nurses, WRITES, WRITE_EVERY_MILLIS);
                scene.pause(MOMENT_MILLIS);
                long missing = victim.equals(EDGE) ? edge() : region();
                Scene.finish(nurses);
                scene.begin(
                        "   power cut "
                                + (i + 1)
                                + " of "
                                + victims.size()
                                + ": "
                                + victim
                                + ", "
                                + missing
                                + " acknowledged writes missing");
            }
        }

        private long edge() throws InterruptedException {
            Rings rings = scene.rings();
            boolean isolated = scene.random().nextBoolean();
            if (isolated) scene.network().cutGateway(Cut.BOTH);
            Disk disk = scene.disks().disk(EDGE);
            scene.timeline().mark("power cut of the edge");
            disk.shutDown();
            scene.pause(AGONY_MILLIS);
            rings.killEdge();
            // What it had said and was still on its way has been heard then.
            Scene.await(() ->
                    !rings.amina().status().connected() && !rings.bashir().status().connected());
            disk.remount();
            long missing = new Killer(scene).deadEdge();
            scene.network().heal();
            return missing;
        }

        private long region() throws InterruptedException {
            Disk disk = scene.disks().disk(REGION);
            scene.timeline().mark("power cut of the region");
            disk.shutDown();
            scene.pause(AGONY_MILLIS);
            scene.rings().killRegion();
            disk.remount();
            return new Killer(scene).deadRegion();
        }

        @Override
        public Map<String, Object> figures() {
            return Map.of(
                    "power-cuts",
                    scene.disks().disk(EDGE).shutDowns() + scene.disks().disk(REGION).shutDowns());
        }
    }
}
