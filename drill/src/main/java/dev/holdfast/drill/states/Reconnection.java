package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import java.time.Duration;

/** State D: everything comes back at once, and the region is killed in the middle. */
record Reconnection(Scene scene, Killer killer) {
    private static final int FRESH_WRITES = 20;

    /**
     * What was waiting, and how long it took until all of that was in the record, a restart of the
     * region included.
     */
    record Drained(long backlog, Duration time) {}

    Drained tell() throws InterruptedException {
        Rings rings = scene.rings();
        Context waiting =
                Dots.minus(
                        Dots.minus(
                                scene.ledger().at(Durability.DEVICE),
                                scene.atLeast(Durability.APPLIED)),
                        scene.ledger().refusedDots());
        long backlog = Dots.count(waiting);
        long started = System.nanoTime();
        scene.network().heal();
        scene.begin("D  Back online: sending " + count(backlog) + " writes, all at once");
        scene.requireOpen(Host.DEVICE_A, Host.EDGE);
        scene.requireOpen(Host.EDGE, Host.CLOUD);
        scene.requireOpen(Host.DEVICE_B, Host.CLOUD);
        Scene.write(rings.nurses(), FRESH_WRITES, 10);
        // In the middle is when some of it has arrived and some has not.
        Scene.await(() -> {
            Context left = Dots.minus(waiting, scene.atLeast(Durability.REGION));
            return Dots.count(left) < backlog;
        });
        scene.pause(500);
        killer.region();
        Scene.finish(rings.nurses());
        boolean done = scene.awaitDrained();
        Duration time = Scene.since(started);
        scene.evidence()
                .saw(
                        "D reconnection: the backlog drains",
                        done,
                        count(backlog)
                                + " writes in "
                                + seconds(time)
                                + ", a killed region's restart included");
        scene.sampleWatermarks();
        return new Drained(backlog, time);
    }
}
