package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disk;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import java.time.Duration;
import java.util.List;

/**
 * The disks hang, one after the other: whoever writes or flushes waits, and is told nothing. Nobody
 * acknowledges meanwhile what is not on the disk, the others go on, and so does everybody when the
 * disk comes back, without a new start.
 *
 * <p>What a hanging disk holds does not change: it is compared with all that was acknowledged until
 * it came back.
 *
 * @param dalia a device with a disk of its own
 */
record HungDisk(Scene scene, DeviceProcess dalia) {
    static final int PARTS = 3;

    private static final int WRITES = 40;
    private static final int WRITE_EVERY_MILLIS = 10;

    /** Longer than requests between nodes are waited for. */
    private static final Duration HUNG = Duration.ofSeconds(20);

    void tell() throws InterruptedException {
        edge();
        region();
        device();
    }

    private void edge() throws InterruptedException {
        begin("The edge's disk hangs");
        Rings rings = scene.rings();
        List<DeviceProcess> inside = List.of(rings.amina(), rings.bashir());
        Disk disk = scene.disks().disk(DiskDrill.EDGE);
        Scene.write(rings.nurses(), WRITES, WRITE_EVERY_MILLIS);
        scene.timeline().begin(mark(DiskDrill.EDGE));
        disk.freeze();
        long frozen = System.nanoTime();
        Scene.finish(rings.nurses());
        Context before = saved(inside);
        write(inside);
        Scene.last(frozen, HUNG);
        Context fresh = Dots.minus(saved(inside), before);
        Context kept = rings.dead(rings.edgeStore()).context();
        Context acknowledged = scene.ledger().at(Durability.EDGE);
        disk.thaw();
        scene.timeline().end(mark(DiskDrill.EDGE));
        long falsely = Dots.count(Dots.minus(acknowledged, kept));
        saw(
                "an edge whose disk hangs acknowledges nothing that is not on it",
                falsely == 0 && !fresh.isEmpty(),
                falsely + " acknowledged falsely, devices saved " + count(Dots.count(fresh)));
        boolean reached = Scene.await(() -> scene.reached(saved(inside), Durability.EDGE));
        saw(
                "an edge whose disk comes back goes on, without a new start",
                reached,
                count(Dots.count(fresh)) + " writes taken that had waited");
    }

    private void region() throws InterruptedException {
        begin("The region's disk hangs");
        Rings rings = scene.rings();
        List<DeviceProcess> inside = List.of(rings.amina(), rings.bashir());
        Disk disk = scene.disks().disk(DiskDrill.REGION);
        Scene.write(rings.nurses(), WRITES, WRITE_EVERY_MILLIS);
        scene.timeline().begin(mark(DiskDrill.REGION));
        disk.freeze();
        long frozen = System.nanoTime();
        Scene.finish(rings.nurses());
        Context before = saved(rings.nurses());
        write(rings.nurses());
        Context fresh = Dots.minus(saved(rings.nurses()), before);
        Context local = Dots.minus(saved(inside), before);
        boolean safe = Scene.await(() -> scene.reached(local, Durability.EDGE));
        Scene.last(frozen, HUNG);
        // All of this was written after the last thing that the disk has taken.
        Context told = scene.atLeast(Durability.REGION);
        disk.thaw();
        scene.timeline().end(mark(DiskDrill.REGION));
        long falsely = Dots.count(fresh) - Dots.count(Dots.minus(fresh, told));
        saw(
                "a region whose disk hangs acknowledges nothing that is not on it",
                falsely == 0 && !fresh.isEmpty(),
                falsely + " of " + count(Dots.count(fresh)) + " acknowledged falsely");
        saw(
                "while the region's disk hangs, writes are safe at the edge",
                safe && !local.isEmpty(),
                count(Dots.count(local)) + " writes");
        boolean reached = Scene.await(() -> scene.reached(fresh, Durability.APPLIED));
        saw(
                "a region whose disk comes back goes on, without a new start",
                reached,
                count(Dots.count(fresh)) + " writes taken that had waited");
    }

    private void device() throws InterruptedException {
        begin("A device's disk hangs");
        Disk disk = scene.disks().disk(DiskDrill.DEVICE);
        Scene.write(List.of(dalia), WRITES, WRITE_EVERY_MILLIS);
        scene.timeline().begin(mark(DiskDrill.DEVICE));
        disk.freeze();
        long frozen = System.nanoTime();
        Scene.last(frozen, HUNG);
        Context kept = scene.rings().dead(dalia.folder()).context();
        Context saved = saved(List.of(dalia));
        disk.thaw();
        scene.timeline().end(mark(DiskDrill.DEVICE));
        long falsely = Dots.count(Dots.minus(saved, kept));
        Scene.finish(List.of(dalia));
        Context waited = Dots.minus(saved(List.of(dalia)), saved);
        saw(
                "a device whose disk hangs says of nothing that it is saved, and goes on afterwards",
                falsely == 0 && !waited.isEmpty(),
                falsely + " said falsely, " + count(Dots.count(waited)) + " writes had waited");
    }

    private static void write(List<DeviceProcess> devices) {
        Scene.write(devices, WRITES, WRITE_EVERY_MILLIS);
        Scene.finish(devices);
    }

    private Context saved(List<DeviceProcess> devices) {
        Context all = new Context();
        for (DeviceProcess each : devices) all.addAll(scene.ledger().savedBy(each.name()));
        return all;
    }

    private static String mark(String disk) {
        return disk + "'s disk hanging";
    }

    private void begin(String words) {
        scene.begin("   " + words);
    }

    private void saw(String name, boolean held, String figure) {
        scene.evidence().saw(name, held, figure);
    }
}
