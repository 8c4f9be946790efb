package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import java.util.List;
import java.util.Optional;

/**
 * kill -9, and what the stores hold after it of what had been acknowledged before. Each way answers
 * how much of that is missing, and starts again what it killed.
 *
 * <p>After the kill of a region it comes back cut off from everybody, so that whatever it had
 * promised must come out of its own log and database, and cannot be sent to it again.
 */
public record Killer(Scene scene) {
    private static final int ROUND_WRITES = 20;

    /** Who is killed in the rounds, as often as they stand here. */
    private static final List<String> VICTIMS =
            List.of("amina", "bashir", "chidi", "edge", "edge", "edge", "region");

    private static final List<Cut> CUTS = List.of(Cut.values());

    /** Kills somebody while all write, in some cases with the border cut in some direction. */
    public void round(int round, int of) throws InterruptedException {
        List<DeviceProcess> nurses = scene.rings().nurses();
        if (scene.random().nextInt(3) == 0) {
            scene.network().cutGateway(CUTS.get(scene.random().nextInt(CUTS.size())));
            scene.requireCut(Host.EDGE, Host.CLOUD);
        }
        Scene.write(nurses, ROUND_WRITES, 10);
        scene.pause(scene.random().nextInt(600));
        String victim = VICTIMS.get(scene.random().nextInt(VICTIMS.size()));
        Optional<DeviceProcess> nurse =
                nurses.stream().filter(each -> each.name().equals(victim)).findFirst();
        long missing;
        if (nurse.isPresent()) missing = device(nurse.get());
        else if (victim.equals("edge")) missing = edge();
        else missing = region();
        scene.network().heal();
        Scene.finish(nurses.stream().filter(each -> !each.name().equals(victim)).toList());
        scene.begin(
                "   kill "
                        + round
                        + " of "
                        + of
                        + ": "
                        + victim
                        + ", "
                        + missing
                        + " acknowledged writes missing");
    }

    public long device(DeviceProcess device) {
        device.kill9();
        Context found = scene.rings().dead(device.folder()).context();
        long missing =
                scene.evidence()
                        .killed(Durability.DEVICE, scene.ledger().savedBy(device.name()), found);
        device.restart();
        return missing;
    }

    public long edge() {
        Rings rings = scene.rings();
        rings.killEdge();
        Context acknowledged = scene.ledger().at(Durability.EDGE);
        Context found = rings.dead(rings.edgeStore()).context();
        long missing = scene.evidence().killed(Durability.EDGE, acknowledged, found);
        rings.startEdge();
        return missing;
    }

    public long region() throws InterruptedException {
        scene.rings().killRegion();
        Context accepted = scene.ledger().at(Durability.REGION);
        Context applied = scene.ledger().at(Durability.APPLIED);
        scene.network().isolateCloud();
        scene.rings().startRegion();
        scene.requireCut(Host.EDGE, Host.CLOUD);
        scene.requireCut(Host.DEVICE_B, Host.CLOUD);
        long missing = scene.evidence().killed(Durability.APPLIED, applied, scene.inDatabase());
        Scene.await(() -> Dots.contains(scene.inDatabase(), accepted));
        missing += scene.evidence().killed(Durability.REGION, accepted, scene.inDatabase());
        scene.network().heal();
        return missing;
    }
}
