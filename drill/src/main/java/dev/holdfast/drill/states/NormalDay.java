package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.PATIENCE;
import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;

/** State A: everybody reaches everybody. */
record NormalDay(Scene scene) {
    private static final int WRITES = 50;
    private static final int FORBIDDEN = 3;

    void tell() throws InterruptedException {
        Rings rings = scene.rings();
        Ledger ledger = scene.ledger();
        scene.begin("A  Connected: three nurses write");
        long started = System.nanoTime();
        Scene.write(rings.nurses(), WRITES, 20);
        Scene.finish(rings.nurses());
        Context all = ledger.at(Durability.DEVICE);
        boolean applied = Scene.await(() -> scene.reached(all, Durability.APPLIED));
        scene.evidence()
                .saw(
                        "A normal: every write gets into the record",
                        applied,
                        count(Dots.count(all))
                                + " writes applied after "
                                + seconds(Scene.since(started)));
        rings.amina().perform("forbidden " + FORBIDDEN, PATIENCE);
        Scene.await(() -> ledger.refused().size() >= FORBIDDEN);
        scene.sampleWatermarks();
    }
}
