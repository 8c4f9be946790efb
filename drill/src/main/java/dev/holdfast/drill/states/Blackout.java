package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;

/** State C: nobody reaches anybody. A device is killed in the middle of its writing. */
record Blackout(Scene scene, Killer killer) {
    private static final int WRITES = 300;

    void tell() throws InterruptedException {
        Rings rings = scene.rings();
        Ledger ledger = scene.ledger();
        scene.network().blackout();
        scene.requireCut(Host.DEVICE_A, Host.EDGE);
        scene.requireCut(Host.DEVICE_B, Host.CLOUD);
        scene.requireCut(Host.EDGE, Host.CLOUD);
        Context before = ledger.at(Durability.DEVICE);
        scene.begin("C  No network: work goes on; every write waits on its device");
        Scene.write(rings.nurses(), WRITES, 2);
        scene.pause(600);
        killer.device(rings.amina());
        rings.amina().begin("write " + WRITES + " 2");
        Scene.finish(rings.nurses());
        Context fresh = Dots.minus(ledger.at(Durability.DEVICE), before);
        boolean goesOn = !fresh.isEmpty();
        for (DeviceProcess nurse : rings.nurses()) {
            goesOn &= Dots.contains(Scene.seenBy(nurse), ledger.savedBy(nurse.name()));
            goesOn &= nurse.status().patients() > 0;
        }
        scene.evidence()
                .saw(
                        "C blackout: reading and writing go on",
                        goesOn,
                        count(Dots.count(fresh)) + " writes, through a kill of a device");
        Context here = Dots.minus(fresh, scene.atLeast(Durability.EDGE));
        long elsewhere = Dots.count(fresh) - Dots.count(here);
        scene.evidence()
                .saw(
                        "C blackout: nothing is said to be elsewhere",
                        elsewhere == 0,
                        elsewhere + " said so");
    }
}
