package dev.holdfast.drill.states;

import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The four states, one after the other, with a kill in the middle of each but the first, and
 * misfortunes that befall other devices meanwhile; then more kills, of anybody at any moment; then
 * quiet, in which a stranger tries what can be tried. What is seen on the way goes into the
 * evidence.
 */
final class FourStates implements Story {
    /** Four states, misfortunes, quiet, two of strangers; each kill is one more. */
    static final int PARTS = 8;

    private final Scene scene;
    private final int kills;
    private final List<Misfortune> misfortunes;
    private Reconnection.Drained drained = new Reconnection.Drained(0, Duration.ZERO);

    FourStates(Scene scene, int kills) {
        this.scene = scene;
        this.kills = kills;
        misfortunes =
                List.of(new RestoredBackup(scene), new ClonedDisk(scene), new FastClock(scene));
    }

    @Override
    public void tell() throws InterruptedException {
        Killer killer = new Killer(scene);
        new NormalDay(scene).tell();
        for (Misfortune each : misfortunes) each.begin();
        new GatewayCut(scene, killer).tell();
        new Blackout(scene, killer).tell();
        for (Misfortune each : misfortunes) each.inTheDark();
        drained = new Reconnection(scene, killer).tell();
        scene.begin("   Misfortunes: a backup restored, a disk cloned, a clock a day ahead");
        for (Misfortune each : misfortunes) each.afterwards();
        for (int i = 1; i <= kills; i++) killer.round(i, kills);
        scene.awaitQuiet();
        new Strangers(scene).tell();
    }

    @Override
    public void judge(RegionImage region) {
        for (Misfortune each : misfortunes) each.judge(region);
    }

    @Override
    public Map<String, Object> figures() {
        return Map.of(
                "backlog",
                drained.backlog(),
                "drain-seconds",
                drained.time().toMillis() / 1000.0,
                "random-kills",
                kills);
    }
}
