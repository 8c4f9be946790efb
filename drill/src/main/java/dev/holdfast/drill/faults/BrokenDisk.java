package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.Probe;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import java.util.List;

/**
 * The disks give up, one after the other, while everybody writes: every write and flush fails. The
 * edge ends and says why; the region refuses and says so, until its operator starts it again; a
 * device tells its application. Mounted again, each has all that it acknowledged.
 *
 * @param dalia a device with a disk of its own
 */
record BrokenDisk(Scene scene, DeviceProcess dalia) {
    static final int PARTS = 3;

    private static final int WRITES = 100;
    private static final int WRITE_EVERY_MILLIS = 10;
    private static final int MOMENT_MILLIS = 800;

    void tell() throws InterruptedException {
        edge();
        region();
        device();
    }

    private void edge() throws InterruptedException {
        begin("The edge's disk fails");
        Rings rings = scene.rings();
        breakWhileWriting(DiskDrill.EDGE, rings.nurses());
        boolean ended = Scene.await(() -> !rings.edgeLives());
        boolean told = rings.edgeLastWords().contains("this edge stops, since its disk failed");
        saw(
                "an edge whose disk fails ends by itself, and says why",
                ended && told,
                (ended ? "it ended" : "it LIVES")
                        + (told ? ", and said so" : ", and did not say so"));
        rings.killEdge();
        mend(DiskDrill.EDGE);
        new Killer(scene).deadEdge();
        Scene.finish(rings.nurses());
    }

    private void region() throws InterruptedException {
        begin("The region's disk fails");
        Rings rings = scene.rings();
        try (Probe probe = rings.probeRegion()) {
            breakWhileWriting(DiskDrill.REGION, rings.nurses());
            boolean told = Scene.await(() -> !probe.ask().isReady());
            saw("a region whose disk fails says so", told, told ? "not ready" : "READY");
            // The operator reads that, sees to the disk, and starts the region again.
            Scene.finish(rings.nurses());
        }
        rings.killRegion();
        mend(DiskDrill.REGION);
        new Killer(scene).deadRegion();
    }

    private void device() throws InterruptedException {
        begin("A device's disk fails");
        int before = scene.ledger().unsaved(dalia.name()).size();
        breakWhileWriting(DiskDrill.DEVICE, List.of(dalia));
        Scene.finish(List.of(dalia));
        List<String> all = scene.ledger().unsaved(dalia.name());
        List<String> unsaved = all.subList(before, all.size());
        boolean clear = unsaved.stream().allMatch(words -> words.startsWith("IO "));
        saw(
                "a device whose disk fails tells its application so",
                clear && !unsaved.isEmpty(),
                count(unsaved.size()) + " writes refused");
        dalia.stop();
        mend(DiskDrill.DEVICE);
        new Killer(scene).deadDevice(dalia);
    }

    private void breakWhileWriting(String disk, List<DeviceProcess> devices)
            throws InterruptedException {
        Scene.write(devices, WRITES, WRITE_EVERY_MILLIS);
        scene.pause(MOMENT_MILLIS);
        scene.timeline().begin(mark(disk));
        scene.disks().disk(disk).shutDown();
    }

    private void mend(String disk) {
        scene.disks().disk(disk).remount();
        scene.timeline().end(mark(disk));
    }

    private static String mark(String disk) {
        return disk + "'s disk broken";
    }

    private void begin(String words) {
        scene.begin("   " + words);
    }

    private void saw(String name, boolean held, String figure) {
        scene.evidence().saw(name, held, figure);
    }
}
