package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disk;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Probe;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.StoreImage;
import java.net.URI;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The disks run full, one after the other, and have room again. Whoever has none left refuses
 * before it acknowledges, says why, goes on answering reads, and takes writes again by itself.
 *
 * @param dalia a device with a disk of its own
 */
record FullDisk(Scene scene, DeviceProcess dalia) {
    static final int PARTS = 4;

    private static final int WRITES = 40;
    private static final int WRITE_EVERY_MILLIS = 5;

    /** Below the floor at which a region refuses, and enough for its database to go on. */
    private static final long REGION_LEFT_BYTES = 32L * 1024 * 1024;

    void tell() throws InterruptedException {
        begin("Connected: three nurses write");
        write(scene.rings().nurses());
        Context before = scene.ledger().at(Durability.DEVICE);
        Scene.await(() -> scene.reached(before, Durability.APPLIED));
        edge();
        region();
        device();
    }

    private void edge() throws InterruptedException {
        begin("The edge's disk is full");
        Rings rings = scene.rings();
        List<DeviceProcess> nurses = List.of(rings.amina(), rings.bashir());
        Disk disk = scene.disks().disk(DiskDrill.EDGE);
        try (Probe probe = rings.probeEdge()) {
            scene.timeline().begin(mark(DiskDrill.EDGE));
            disk.fill(0);
            // What it has allotted before is written on until that is used up.
            boolean told =
                    writeUntil(nurses, () -> probe.ask().words().contains("the disk is full"));
            write(nurses);
            Context waiting =
                    Dots.minus(saved(nurses), StoreImage.contextOfLiving(rings.edgeStore()));
            Context acknowledged = scene.ledger().at(Durability.EDGE);
            Context kept = StoreImage.contextOfLiving(rings.edgeStore());
            saw(
                    "a full edge refuses before it acknowledges, and says why",
                    told && !waiting.isEmpty() && Dots.contains(kept, acknowledged),
                    count(Dots.count(waiting))
                            + " writes wait on devices, "
                            + falsely(acknowledged, kept));
            boolean reads = newcomerReads("esther", Host.DEVICE_A, rings.edge(Host.DEVICE_A), kept);
            saw(
                    "a full edge answers reads",
                    reads,
                    count(Dots.count(kept)) + " writes read by a device that is new there");
            disk.empty();
            scene.timeline().end(mark(DiskDrill.EDGE));
            Context all = saved(nurses);
            boolean reached = Scene.await(() -> scene.reached(all, Durability.EDGE));
            boolean ready = Scene.await(() -> probe.ask().isReady());
            saw(
                    "an edge that has room again takes writes, without a new start",
                    reached && ready,
                    count(Dots.count(waiting)) + " writes taken that had waited");
        }
    }

    private void region() throws InterruptedException {
        begin("The region's disk is nearly full");
        Rings rings = scene.rings();
        Disk disk = scene.disks().disk(DiskDrill.REGION);
        try (Probe probe = rings.probeRegion()) {
            scene.timeline().begin(mark(DiskDrill.REGION));
            disk.fill(REGION_LEFT_BYTES);
            boolean told = Scene.await(() -> probe.ask().words().contains("below free-disk"));
            Context before = scene.ledger().at(Durability.DEVICE);
            write(rings.nurses());
            Context fresh = Dots.minus(scene.ledger().at(Durability.DEVICE), before);
            Context inside = Dots.minus(saved(List.of(rings.amina(), rings.bashir())), before);
            boolean edge = Scene.await(() -> scene.reached(inside, Durability.EDGE));
            Context accepted = scene.ledger().at(Durability.REGION);
            boolean applied = Scene.await(() -> Dots.contains(scene.inDatabase(), accepted));
            Context refused = Dots.minus(fresh, scene.inDatabase());
            saw(
                    "a region whose disk is nearly full refuses before it acknowledges, and says why",
                    told && applied && refused.equals(fresh),
                    count(Dots.count(refused))
                            + " of "
                            + count(Dots.count(fresh))
                            + " writes wait, "
                            + falsely(accepted, scene.inDatabase()));
            saw(
                    "while the region refuses, writes are safe at the edge",
                    edge && !inside.isEmpty(),
                    count(Dots.count(inside)) + " writes");
            Context kept = scene.inDatabase();
            boolean reads =
                    newcomerReads("faraji", Host.DEVICE_B, rings.region(Host.DEVICE_B), kept);
            saw(
                    "a region whose disk is nearly full answers reads",
                    reads,
                    count(Dots.count(kept)) + " writes read by a device that is new there");
            disk.empty();
            scene.timeline().end(mark(DiskDrill.REGION));
            boolean reached = Scene.await(() -> scene.reached(fresh, Durability.APPLIED));
            boolean ready = Scene.await(() -> probe.ask().isReady());
            saw(
                    "a region that has room again takes writes, without a new start",
                    reached && ready,
                    count(Dots.count(fresh)) + " writes taken that had waited");
        }
    }

    private void device() throws InterruptedException {
        begin("A device's disk is full");
        Disk disk = scene.disks().disk(DiskDrill.DEVICE);
        write(List.of(dalia));
        scene.timeline().begin(mark(DiskDrill.DEVICE));
        disk.fill(0);
        boolean told = writeUntil(List.of(dalia), () -> !unsaved(dalia).isEmpty());
        boolean clear =
                unsaved(dalia).stream()
                        .allMatch(words -> words.startsWith("FULL The disk is full"));
        saw(
                "a device whose disk is full tells its application so",
                told && clear,
                count(unsaved(dalia).size()) + " writes refused");
        long patients = dalia.status().patients();
        saw(
                "a device whose disk is full answers reads",
                patients > 0,
                count(patients) + " patients read");
        disk.empty();
        scene.timeline().end(mark(DiskDrill.DEVICE));
        int before = unsaved(dalia).size();
        write(List.of(dalia));
        Context all = saved(List.of(dalia));
        boolean reached = Scene.await(() -> scene.reached(all, Durability.EDGE));
        saw(
                "a device that has room again saves, without a new start",
                reached && unsaved(dalia).size() == before,
                count(Dots.count(all)) + " writes safe at the edge");
    }

    private List<String> unsaved(DeviceProcess device) {
        return scene.ledger().unsaved(device.name());
    }

    /** A device that was never there before reads all that there is, and goes again. */
    private boolean newcomerReads(String name, Host host, URI endpoint, Context all)
            throws InterruptedException {
        if (all.isEmpty()) throw new DrillException("there is nothing to read");
        DeviceProcess newcomer =
                scene.rings().devices().start(name, host, endpoint, scene.ledger());
        newcomer.awaitReady();
        return Scene.await(() -> Dots.contains(Scene.seenBy(newcomer), all));
    }

    private static void write(List<DeviceProcess> devices) {
        Scene.write(devices, WRITES, WRITE_EVERY_MILLIS);
        Scene.finish(devices);
    }

    private static boolean writeUntil(List<DeviceProcess> devices, BooleanSupplier fact)
            throws InterruptedException {
        return Scene.await(() -> {
            write(devices);
            return fact.getAsBoolean();
        });
    }

    private Context saved(List<DeviceProcess> devices) {
        Context all = new Context();
        for (DeviceProcess each : devices) all.addAll(scene.ledger().savedBy(each.name()));
        return all;
    }

    private static String falsely(Context acknowledged, Context found) {
        return count(Dots.count(Dots.minus(acknowledged, found))) + " acknowledged falsely";
    }

    private static String mark(String disk) {
        return disk + "'s disk full";
    }

    private void begin(String words) {
        scene.begin("   " + words);
    }

    private void saw(String name, boolean held, String figure) {
        scene.evidence().saw(name, held, figure);
    }
}
