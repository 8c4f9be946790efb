package dev.holdfast.drill.faults;

import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import picocli.CommandLine.Command;

/** The disks of edge, region and a device are full, hang, and fail. */
@Command(
        name = "disk",
        description =
                "Fills the disks of the edge, of the region and of a device, then has them hang, then"
                        + " fail, while everybody writes. Needs root.",
        footer = {"", "It takes four minutes or so.", "Example: holdfast drill disk --json"})
public final class DiskDrill extends Drill {
    static final String EDGE = "edge";
    static final String REGION = "region";
    static final String DEVICE = "dalia";
    private static final int SMALL_MEBIBYTES = 320;
    private static final int REGION_MEBIBYTES = 1_024;

    @Override
    protected int parts() {
        return FullDisk.PARTS + HungDisk.PARTS + BrokenDisk.PARTS;
    }

    @Override
    protected Demands demands() {
        return new Demands(Demands.ALL.kills(), Demands.Blow.BROKEN_DISK, false, false);
    }

    /** What a node keeps is in a folder of the disk; what fills the disk is beside it. */
    @Override
    protected void place(Rings rings, Disks disks) {
        rings.keepEdgeIn(disks.make(EDGE, SMALL_MEBIBYTES).folder().resolve("data"));
        rings.keepRegionIn(disks.make(REGION, REGION_MEBIBYTES).folder().resolve("data"));
        disks.make(DEVICE, SMALL_MEBIBYTES);
    }

    @Override
    protected Story story(Scene scene) {
        DeviceProcess dalia =
                scene.rings()
                        .devices()
                        .start(
                                DEVICE,
                                scene.disks().disk(DEVICE).folder().resolve("data"),
                                Host.DEVICE_A,
                                scene.rings().edge(Host.DEVICE_A),
                                scene.ledger());
        dalia.awaitReady();
        return () -> {
            new FullDisk(scene, dalia).tell();
            new HungDisk(scene, dalia).tell();
            new BrokenDisk(scene, dalia).tell();
        };
    }

    @Override
    protected String next() {
        return "holdfast drill power";
    }
}
