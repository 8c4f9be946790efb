package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.PATIENCE;
import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Evidence;
import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;

/**
 * State B: nothing crosses the border. The nurses inside and the one abroad write in the same
 * records, and the edge is killed in the middle.
 */
record GatewayCut(Scene scene, Killer killer) {
    private static final int WRITES = 50;
    private static final int CONTESTED = 10;

    void tell() throws InterruptedException {
        Rings rings = scene.rings();
        Ledger ledger = scene.ledger();
        Context before = ledger.at(Durability.DEVICE);
        scene.network().cutGateway(Cut.BOTH);
        scene.requireCut(Host.EDGE, Host.CLOUD);
        scene.requireOpen(Host.DEVICE_A, Host.EDGE);
        scene.begin(
                "B  Cut off from abroad: the nurses at the edge and abroad write in the same records");
        Scene.contest(rings.amina(), 1, CONTESTED);
        Scene.contest(rings.bashir(), 1 + CONTESTED, CONTESTED);
        Scene.contest(rings.chidi(), 1, CONTESTED);
        Scene.contest(rings.chidi(), 1 + CONTESTED, CONTESTED);
        rings.chidi().awaitDone(PATIENCE);
        Scene.finish(rings.nurses());
        Scene.write(rings.nurses(), WRITES, 15);
        scene.pause(700);
        killer.edge();
        Scene.finish(rings.nurses());
        Context inside = ledger.savedBy("amina");
        inside.addAll(ledger.savedBy("bashir"));
        judge(Dots.minus(Dots.minus(inside, before), ledger.refusedDots()));
        scene.sampleWatermarks();
    }

    /**
     * @param fresh what was written inside since the cut
     */
    private void judge(Context fresh) throws InterruptedException {
        DeviceProcess amina = scene.rings().amina();
        DeviceProcess bashir = scene.rings().bashir();
        Evidence evidence = scene.evidence();
        boolean safe = Scene.await(() -> scene.reached(fresh, Durability.EDGE));
        evidence.saw(
                "B gateway cut: writes are safe at the edge",
                safe,
                count(Dots.count(fresh)) + " writes, through a kill of the edge");
        boolean seen =
                Scene.await(() ->
                        Dots.contains(Scene.seenBy(bashir), scene.standing(amina))
                                && Dots.contains(Scene.seenBy(amina), scene.standing(bashir)));
        evidence.saw(
                "B gateway cut: devices at the edge see each other's writes",
                seen,
                seen ? "all" : "not all");
        Context across = Dots.minus(fresh, scene.atLeast(Durability.REGION));
        long crossed = Dots.count(fresh) - Dots.count(across);
        evidence.saw(
                "B gateway cut: nothing is said to have crossed",
                crossed == 0,
                crossed + " said so");
        Context abroad = scene.standing(scene.rings().chidi());
        boolean applied = Scene.await(() -> scene.reached(abroad, Durability.APPLIED));
        evidence.saw(
                "B gateway cut: abroad goes on",
                applied,
                count(Dots.count(abroad)) + " writes in the record");
    }
}
