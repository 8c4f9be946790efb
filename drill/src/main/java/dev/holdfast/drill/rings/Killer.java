package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Frozen;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * kill -9, and what the stores hold after it of what had been acknowledged before. Each way answers
 * how much of that is missing, and returns when what it killed runs again: devices, edge and region
 * are started by the drill, as their operators would; a broker or a database is the region's to
 * start.
 *
 * <p>After the kill of a region, or of what is its, it comes back cut off from everybody, so that
 * whatever it had promised must come out of its own log and database, and cannot be sent to it
 * again. Used by one thread.
 */
public final class Killer {
    private static final int ROUND_WRITES = 20;

    /** Who is killed in the rounds, as often as they stand here. */
    private static final List<Victim> VICTIMS =
            List.of(
                    Victim.AMINA,
                    Victim.BASHIR,
                    Victim.CHIDI,
                    Victim.EDGE,
                    Victim.EDGE,
                    Victim.EDGE,
                    Victim.REGION);

    private static final List<Cut> CUTS = List.of(Cut.values());

    /** By when a process must be dead that was killed. */
    private static final Duration DYING = Duration.ofSeconds(10);

    private final Scene scene;
    private int successions;
    private int succeeded;

    public Killer(Scene scene) {
        this.scene = scene;
    }

    /** Kills somebody while all write, in some cases with the border cut in some direction. */
    public void round(int round, int of) throws InterruptedException {
        cutAtTimes();
        Scene.write(scene.rings().nurses(), ROUND_WRITES, 10);
        scene.pause(scene.random().nextInt(600));
        Victim victim = VICTIMS.get(scene.random().nextInt(VICTIMS.size()));
        long missing = kill(victim);
        scene.network().heal();
        Scene.finish(others(victim));
        scene.begin(
                "   kill "
                        + round
                        + " of "
                        + of
                        + ": "
                        + victim.word()
                        + ", "
                        + missing
                        + " acknowledged writes missing");
    }

    /** The nurses, but for the one that is {@code victim}. */
    public List<DeviceProcess> others(Victim victim) {
        return scene.rings().nurses().stream()
                .filter(nurse -> !nurse.name().equals(victim.word()))
                .toList();
    }

    /** Cuts the border one time in three, in some direction; answers whether it did. */
    public boolean cutAtTimes() {
        if (scene.random().nextInt(3) > 0) return false;
        scene.network().cutGateway(CUTS.get(scene.random().nextInt(CUTS.size())));
        scene.requireCut(Host.EDGE, Host.CLOUD);
        return true;
    }

    public long kill(Victim victim) throws InterruptedException {
        Rings rings = scene.rings();
        return switch (victim) {
            case AMINA -> device(rings.amina());
            case BASHIR -> device(rings.bashir());
            case CHIDI -> device(rings.chidi());
            case EDGE -> edge();
            case REGION_ALONE -> regionAlone();
            case BROKER -> child("broker", rings::broker);
            case DATABASE -> child("database", rings::postmaster);
            case REGION -> region();
        };
    }

    public long device(DeviceProcess device) {
        mark(device.name() + "'s device");
        device.kill9();
        return deadDevice(device);
    }

    /** The same of a device that is dead already, however it died. */
    public long deadDevice(DeviceProcess device) {
        Context found = scene.rings().dead(device.folder()).context();
        long missing =
                scene.evidence()
                        .killed(Durability.DEVICE, scene.ledger().savedBy(device.name()), found);
        device.restart();
        return missing;
    }

    public long edge() {
        mark("edge");
        scene.rings().killEdge();
        return deadEdge();
    }

    /** The same of an edge that is dead already, however it died. */
    public long deadEdge() {
        Rings rings = scene.rings();
        Context acknowledged = scene.ledger().at(Durability.EDGE);
        Context found = rings.dead(rings.edgeStore()).context();
        long missing = scene.evidence().killed(Durability.EDGE, acknowledged, found);
        rings.startEdge();
        return missing;
    }

    public long region() throws InterruptedException {
        mark("region, broker and database");
        scene.rings().killRegion();
        return deadRegion();
    }

    /** The same of a region that is dead already, however it died. */
    public long deadRegion() throws InterruptedException {
        return cutOff(scene.rings()::startRegion);
    }

    /**
     * The region's own process. Its broker ends by itself, and the PostgreSQL that it leaves behind
     * is replaced by the next region.
     */
    private long regionAlone() throws InterruptedException {
        Rings rings = scene.rings();
        ProcessHandle broker = running(rings::broker);
        ProcessHandle database = running(rings::postmaster);
        mark("region's own process");
        rings.killRegionAlone();
        boolean ends = Scene.await(() -> Frozen.isGone(broker));
        long missing = cutOff(rings::startRegion);
        succession(ends && isAnother(rings::postmaster, database) && Frozen.isGone(database));
        return missing;
    }

    /** A child of the region, which starts another one in its place. */
    private long child(String name, Supplier<Optional<ProcessHandle>> process)
            throws InterruptedException {
        ProcessHandle killed = running(process);
        mark(name);
        killed.destroyForcibly();
        requireDead(killed);
        return cutOff(() -> {
            boolean another = await(() -> isAnother(process, killed));
            // Else all would seem to be lost of a database that is still starting.
            boolean answers = await(() -> scene.rings().database().context().isPresent());
            succession(another && answers);
        });
    }

    private long cutOff(Runnable comeBack) throws InterruptedException {
        scene.network().isolate(Host.CLOUD);
        comeBack.run();
        scene.requireCut(Host.EDGE, Host.CLOUD);
        scene.requireCut(Host.DEVICE_B, Host.CLOUD);
        // What was on its way when it died has been heard by now, and nothing new was said.
        Context accepted = scene.ledger().at(Durability.REGION);
        Context applied = scene.ledger().at(Durability.APPLIED);
        long missing = scene.evidence().killed(Durability.APPLIED, applied, scene.inDatabase());
        Scene.await(() -> Dots.contains(scene.inDatabase(), accepted));
        missing += scene.evidence().killed(Durability.REGION, accepted, scene.inDatabase());
        scene.network().heal();
        return missing;
    }

    private void succession(boolean asDesigned) {
        successions++;
        if (asDesigned) succeeded++;
    }

    /** How often something was killed without all that belongs to it. */
    public int successions() {
        return successions;
    }

    /** How often what was left of it ended or was replaced. */
    public int succeeded() {
        return succeeded;
    }

    private static ProcessHandle running(Supplier<Optional<ProcessHandle>> process) {
        if (!await(() -> process.get().isPresent()))
            throw new DrillException("what is to be killed does not run");
        return process.get().orElseThrow();
    }

    private static boolean isAnother(
            Supplier<Optional<ProcessHandle>> process, ProcessHandle before) {
        return process.get().filter(now -> now.pid() != before.pid()).isPresent();
    }

    private static void requireDead(ProcessHandle process) throws InterruptedException {
        if (!Scene.await(DYING, () -> Frozen.isGone(process)))
            throw new DrillException("process " + process.pid() + " was killed and lives on");
    }

    private static boolean await(BooleanSupplier fact) {
        try {
            return Scene.await(fact);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillException("interrupted while waiting for a process", e);
        }
    }

    private void mark(String victim) {
        scene.timeline().mark("kill -9 of " + victim);
    }
}
