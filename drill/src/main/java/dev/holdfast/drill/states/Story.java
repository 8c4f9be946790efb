package dev.holdfast.drill.states;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The four states, one after the other, on running {@link Rings}, with a kill in the middle of each
 * but the first, and misfortunes that befall other devices meanwhile; then more kills, of anybody
 * at any moment; then quiet, in which a stranger tries what can be tried. What is seen on the way
 * goes into the evidence.
 */
final class Story {
    /** Parts that are told as steps: four states, misfortunes, quiet, strangers. */
    static final int PARTS = 7;

    private final Scene scene;
    private Reconnection.Drained drained = new Reconnection.Drained(0, Duration.ZERO);

    Story(Scene scene) {
        this.scene = scene;
    }

    Reconnection.Drained drained() {
        return drained;
    }

    /** Tells all of it and answers for the judge once everything is quiet. */
    Judge run(int kills) throws InterruptedException {
        Killer killer = new Killer(scene);
        List<Misfortune> misfortunes =
                List.of(new RestoredBackup(scene), new ClonedDisk(scene), new FastClock(scene));
        new NormalDay(scene).tell();
        for (Misfortune each : misfortunes) each.begin();
        new GatewayCut(scene, killer).tell();
        new Blackout(scene, killer).tell();
        for (Misfortune each : misfortunes) each.inTheDark();
        drained = new Reconnection(scene, killer).tell();
        scene.begin("   Misfortunes: a backup restored, a disk cloned, a clock a day ahead");
        for (Misfortune each : misfortunes) each.afterwards();
        for (int i = 1; i <= kills; i++) killer.round(i, kills);
        awaitQuiet();
        new Strangers(scene).tell();
        return settle(misfortunes);
    }

    private void awaitQuiet() throws InterruptedException {
        scene.begin("   Waiting until everything is everywhere");
        scene.awaitDrained();
        awaitEverywhere();
    }

    private void awaitEverywhere() throws InterruptedException {
        if (!scene.awaitEverywhere())
            scene.progress().line("   It is not everywhere: judged as it stands");
    }

    private Judge settle(List<Misfortune> misfortunes) throws InterruptedException {
        awaitEverywhere();
        scene.sampleWatermarks();
        Rings rings = scene.rings();
        RegionImage region = rings.database().image();
        for (Misfortune each : misfortunes) each.judge(region);
        rings.stopReplicas();
        Map<String, StoreImage> replicas = new LinkedHashMap<>();
        for (DeviceProcess device : rings.devices().all())
            replicas.put(device.name(), rings.dead(device.folder()));
        replicas.put("edge", rings.dead(rings.edgeStore()));
        return new Judge(scene.ledger(), scene.evidence(), replicas, region);
    }
}
