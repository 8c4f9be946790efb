package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.PATIENCE;
import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.process.FakeClock;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.StoreImage;
import dev.holdfast.drill.rings.Story;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Clocks that are wrong. Farah's runs days ahead, sani's days behind, tari's is set to and fro; all
 * three are at the edge, which teaches nobody the time. Then the edge's own: weeks ahead, so that
 * grants are over but for their grace; behind all grants; to and fro. At last those who are ahead
 * meet the region.
 */
final class WrongClocks implements Story {
    static final int PARTS = 10;

    private static final int DAYS_MAX = 5;

    /** Grants are over then, and count for their offline grace. */
    private static final Duration EDGE_AHEAD = Rings.VALIDITY.plusDays(10);

    /** All grants are of today. */
    private static final Duration EDGE_BEHIND = Duration.ofDays(-3);

    /** Certificates count from a day before they were made. */
    private static final Duration EDGE_A_LITTLE_BEHIND = Duration.ofHours(-20);

    private static final int STEPS = 12;
    private static final int WRITES = 10;
    private static final int TALKING_MILLIS = 1_000;

    private final Scene scene;
    private final Rings rings;
    private final Chains chains;
    private final FakeClock edgeClock;
    private final Duration fast;
    private final DeviceProcess farah;
    private final DeviceProcess sani;
    private final DeviceProcess tari;
    private final URI region;
    private int steps;
    private int edgeSteps;
    private long written;
    private long taken;
    private int untaken;
    private boolean edgeReturned = true;
    private final List<String> told = new ArrayList<>();
    private boolean isTold = true;

    WrongClocks(Scene scene) {
        this.scene = scene;
        rings = scene.rings();
        chains = new Chains(scene);
        edgeClock = new FakeClock(rings.folder().resolve("edge-clock"));
        fast = days();
        farah = device("farah", fast);
        sani = device("sani", days().negated());
        tari = device("tari", Duration.ZERO);
        region = rings.region(Host.DEVICE_A);
    }

    private DeviceProcess device(String name, Duration ahead) {
        URI edge = rings.edge(Host.DEVICE_A);
        return rings.devices().start(name, Host.DEVICE_A, edge, ahead, scene.ledger());
    }

    private Duration days() {
        return Duration.ofDays(1).plusMinutes(scene.random().nextLong(60L * 24 * (DAYS_MAX - 1)));
    }

    @Override
    public void tell() throws InterruptedException {
        List.of(farah, sani, tari).forEach(DeviceProcess::awaitReady);
        rings.restartEdge(edgeClock);
        try (Gateway gateway = new Gateway(scene)) {
            scene.begin(
                    "   Devices: one "
                            + words(fast)
                            + ", one "
                            + words(sani.clockAhead())
                            + ", one is set while it writes");
            for (int i = 0; i < 4; i++) chains.add(all(), gateway, this::stepTari);
            edge(EDGE_AHEAD, false, gateway);
            edge(EDGE_AHEAD, true, gateway);
            edge(EDGE_A_LITTLE_BEHIND, false, gateway);
            edge(EDGE_A_LITTLE_BEHIND, true, gateway);
            edge(EDGE_BEHIND, false, gateway);
            alone(gateway);
            toAndFro(gateway);
        }
        meetRegion(farah);
        meetRegion(tari);
    }

    private List<DeviceProcess> all() {
        return rings.devices().all();
    }

    private List<DeviceProcess> atEdge() {
        return all().stream().filter(device -> !device.equals(rings.chidi())).toList();
    }

    private void stepTari() {
        if (scene.random().nextBoolean()) return;
        Duration to = scene.random().nextBoolean() ? days() : days().negated();
        scene.timeline().mark("a device's clock set");
        tari.stepClock(scene.random().nextInt(3) == 0 ? Duration.ZERO : to);
        steps++;
    }

    /** The edge goes on with another clock, or is started with it; everybody goes on as before. */
    private void edge(Duration ahead, boolean restarted, Gateway gateway)
            throws InterruptedException {
        scene.begin("   The edge " + (restarted ? "starts " : "is set ") + words(ahead));
        set(ahead);
        if (restarted) rings.restartEdge(edgeClock);
        safeAtEdge();
        scene.network().heal();
        scene.requireOpen(Host.EDGE, Host.CLOUD);
        // Where the link broke meanwhile, it cannot be had again by such a clock.
        List<DeviceProcess> reached = ahead.equals(EDGE_BEHIND) ? atEdge() : all();
        for (int i = 0; i < 2; i++) chains.add(reached, gateway, this::stepTari);
    }

    /**
     * Started before the day on which certificates begin to count, it cannot believe the region's:
     * it is as good as cut off, and goes on like that, until somebody sets its clock.
     */
    private void alone(Gateway gateway) throws InterruptedException {
        scene.begin("   The edge starts " + words(EDGE_BEHIND) + ", and reaches no region");
        rings.restartEdge(edgeClock);
        safeAtEdge();
        scene.network().heal();
        for (int i = 0; i < 2; i++) chains.add(atEdge(), gateway, this::stepTari);
        Context waiting = scene.ledger().at(Durability.DEVICE);
        set(Duration.ZERO);
        edgeReturned = Scene.await(() -> Dots.contains(scene.inDatabase(), waiting));
    }

    private void toAndFro(Gateway gateway) throws InterruptedException {
        scene.begin("   The edge's clock is set to and fro");
        Scene.write(all(), STEPS * WRITES, TALKING_MILLIS / WRITES);
        for (int i = 0; i < STEPS; i++) {
            long range = EDGE_AHEAD.minus(EDGE_BEHIND).toSeconds();
            set(EDGE_BEHIND.plusSeconds(scene.random().nextLong(range)));
            stepTari();
            Thread.sleep(TALKING_MILLIS);
        }
        Scene.finish(all());
        chains.add(atEdge(), gateway, this::stepTari);
        set(Duration.ZERO);
        chains.add(all(), gateway, this::stepTari);
    }

    private void set(Duration ahead) {
        scene.timeline().mark("edge's clock set");
        edgeClock.set(ahead);
        edgeSteps++;
    }

    /**
     * Nothing crosses the border, so that the edge's own record says when it received what it has:
     * by its clock, as it was set. Leaves the border cut.
     */
    private void safeAtEdge() throws InterruptedException {
        scene.network().cutGateway(Cut.BOTH);
        scene.requireCut(Host.EDGE, Host.CLOUD);
        Context before = scene.ledger().at(Durability.DEVICE);
        Scene.write(atEdge(), WRITES, 2);
        Scene.finish(atEdge());
        Context fresh = Dots.minus(scene.ledger().at(Durability.DEVICE), before);
        if (!Scene.await(() -> scene.reached(fresh, Durability.EDGE))) untaken++;
        Context safe = scene.atLeast(Durability.EDGE);
        written += Dots.count(fresh);
        taken += Dots.count(fresh) - Dots.count(Dots.minus(fresh, safe));
        edgeClock.requireUnder(rings.edgePid());
        // Where it took nothing it has no time to show: then that is what is judged.
        if (untaken == 0)
            edgeClock.require("the edge", StoreImage.lastReceivedMillis(rings.edgeStore()));
    }

    /** It moves to an endpoint of the region's, and is told how far its clock is ahead. */
    private void meetRegion(DeviceProcess device) throws InterruptedException {
        Duration ahead = device == tari ? days() : device.clockAhead();
        if (device == tari) tari.stepClock(ahead);
        scene.begin(
                "   " + device.name() + ", whose clock is " + words(ahead) + ", meets the region");
        device.stop();
        device.restart(region);
        Scene.await(() -> !device.status().clockAhead().isZero());
        Duration said = device.status().clockAhead();
        isTold &= said.minus(ahead).abs().toMillis() <= Limits.DRIFT_MILLIS;
        told.add(device.name() + " " + said.toMinutes() + " min");
        device.perform("write " + WRITES + " 2", PATIENCE);
    }

    @Override
    public void judge(RegionImage image) {
        chains.judge(image);
        scene.evidence()
                .saw(
                        "an edge whose clock is wrong takes what devices write",
                        untaken == 0 && written > 0 && taken == written,
                        count(taken)
                                + " of "
                                + count(written)
                                + " writes safe at the edge, by clocks from "
                                + words(EDGE_BEHIND)
                                + " to "
                                + words(EDGE_AHEAD));
        scene.evidence()
                .saw(
                        "an edge whose clock is set right reaches the region again",
                        edgeReturned,
                        edgeReturned ? "all in the record" : "not all in the record");
        scene.evidence()
                .saw(
                        "nothing is refused for a wrong clock",
                        scene.ledger().refused().isEmpty() && written > 0,
                        count(scene.ledger().refused().size()) + " writes refused");
        long bound = InstantSource.system().millis() + Limits.DRIFT_MILLIS;
        long stamped = image.operations().stream().filter(row -> row.millis() > bound).count();
        long shown = image.shownAfter(bound);
        scene.evidence()
                .saw(
                        "a clock that is ahead is told, and healed",
                        isTold && stamped > 0 && shown == 0,
                        "told "
                                + String.join(", ", told)
                                + "; "
                                + count(stamped)
                                + " stamps left ahead, "
                                + shown
                                + " still shown so");
    }

    @Override
    public Map<String, Object> figures() {
        return Map.of(
                "device-clock-steps", steps,
                "edge-clock-steps", edgeSteps,
                "written-at-a-wrong-edge", written);
    }

    private static String words(Duration ahead) {
        Duration by = ahead.abs();
        String much = by.toDays() > 1 ? by.toDays() + " days" : by.toHours() + " hours";
        return much + (ahead.isNegative() ? " behind" : " ahead");
    }
}
