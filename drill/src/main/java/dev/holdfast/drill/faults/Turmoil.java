package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.process.Frozen;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Killer;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import dev.holdfast.drill.rings.Victim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Kills and stops of everybody, one after the other, each judged before the next. */
final class Turmoil implements Story {
    /** An act of each kind on everybody. */
    static final int ALL = 16;

    /** After so long a peer that waits for an answer gives the connection up. */
    private static final Duration PEERS_PATIENCE = Duration.ofSeconds(30);

    /** Of stops, one in so many outlasts that, and at times a server's 60 seconds as well. */
    private static final int LONG_ONE_IN = 6;

    private static final Duration LONG_MIN = Duration.ofSeconds(35);
    private static final Duration LONG_MAX = Duration.ofSeconds(70);
    private static final Duration SHORT_MIN = Duration.ofMillis(500);
    private static final Duration SHORT_MAX = Duration.ofSeconds(8);

    private static final int WRITES = 60;
    private static final int PAUSE_MILLIS = 20;

    /** Before it is over that they write. */
    private static final int MOMENT_MILLIS = WRITES * PAUSE_MILLIS;

    private static final int SLOW_PAUSE_MILLIS = 200;
    private static final int WRITES_AFTERWARDS = 3;

    /** What is done to somebody. */
    record Act(Victim victim, boolean isStop) {}

    private final Scene scene;
    private final Killer killer;
    private final List<Act> acts;
    private final Map<String, Integer> kills = new TreeMap<>();
    private final Map<String, Integer> stops = new TreeMap<>();
    private int stopped;
    private int longStops;
    private int survived;
    private Duration slowest = Duration.ZERO;

    Turmoil(Scene scene, int times) {
        this.scene = scene;
        this.killer = new Killer(scene);
        this.acts = acts(times, scene.random());
    }

    /** Everybody is killed once and stopped once, in any order, before anybody is again. */
    static List<Act> acts(int times, Random random) {
        List<Act> acts = new ArrayList<>();
        while (acts.size() < times) {
            List<Act> deck = new ArrayList<>();
            for (Victim victim : Victim.values()) {
                deck.add(new Act(victim, false));
                deck.add(new Act(victim, true));
            }
            Collections.shuffle(deck, random);
            acts.addAll(deck);
        }
        return List.copyOf(acts.subList(0, times));
    }

    @Override
    public void tell() throws InterruptedException {
        scene.begin("   Everybody writes, and is killed or stopped");
        int round = 0;
        for (Act act : acts) {
            round++;
            Context before = scene.ledger().at(Durability.DEVICE);
            String cut = killer.cutAtTimes() ? ", border cut" : "";
            String what = act.isStop() ? stop(act.victim()) : kill(act.victim());
            Duration after = goOn(before);
            scene.begin(
                    "   "
                            + round
                            + " of "
                            + acts.size()
                            + ": "
                            + act.victim().word()
                            + " "
                            + what
                            + cut
                            + "; all in the record after "
                            + seconds(after));
            scene.sampleWatermarks();
        }
    }

    private String kill(Victim victim) throws InterruptedException {
        Scene.write(scene.rings().nurses(), WRITES, PAUSE_MILLIS);
        Thread.sleep(scene.random().nextInt(MOMENT_MILLIS));
        long missing = killer.kill(victim);
        scene.network().heal();
        Scene.finish(killer.others(victim));
        kills.merge(victim.word(), 1, Integer::sum);
        return "killed, " + missing + " acknowledged writes missing";
    }

    private String stop(Victim victim) throws InterruptedException {
        Duration time = nextStop();
        int meanwhile = (int) (time.toMillis() / SLOW_PAUSE_MILLIS);
        Scene.write(scene.rings().nurses(), WRITES, PAUSE_MILLIS);
        // It goes on for as long as the stop does, but for whoever is stopped.
        Scene.write(killer.others(victim), meanwhile, SLOW_PAUSE_MILLIS);
        Thread.sleep(scene.random().nextInt(MOMENT_MILLIS));
        long started = System.nanoTime();
        String mark = victim.word() + " stopped";
        try (Frozen frozen = Frozen.of(() -> scene.rings().processes(victim))) {
            scene.timeline().begin(mark);
            Scene.last(started, time);
            frozen.requireStill();
        }
        scene.timeline().end(mark);
        scene.network().heal();
        Scene.finish(scene.rings().nurses());
        Scene.finish(killer.others(victim));
        stops.merge(victim.word(), 1, Integer::sum);
        return "stopped for " + seconds(time);
    }

    private Duration nextStop() {
        stopped++;
        boolean isLong = stopped % LONG_ONE_IN == 1;
        if (isLong) longStops++;
        Duration least = isLong ? LONG_MIN : SHORT_MIN;
        long range = (isLong ? LONG_MAX : SHORT_MAX).minus(least).toMillis();
        return least.plusMillis(scene.random().nextLong(range));
    }

    /**
     * Waits until all that was written since {@code before} is in the record, what everybody writes
     * now included; answers how long that took.
     */
    private Duration goOn(Context before) throws InterruptedException {
        long started = System.nanoTime();
        Scene.write(scene.rings().nurses(), WRITES_AFTERWARDS, PAUSE_MILLIS);
        Scene.finish(scene.rings().nurses());
        Context fresh = Dots.minus(scene.ledger().at(Durability.DEVICE), before);
        if (Scene.await(() -> Dots.contains(scene.inDatabase(), fresh))) survived++;
        Duration took = Scene.since(started);
        if (took.compareTo(slowest) > 0) slowest = took;
        return took;
    }

    @Override
    public void judge(RegionImage region) {
        scene.evidence()
                .saw(
                        "everybody was killed, and was stopped",
                        kills.size() == Victim.values().length
                                && stops.size() == Victim.values().length
                                && longStops > 0,
                        sum(kills)
                                + " kills, "
                                + sum(stops)
                                + " stops, "
                                + longStops
                                + " of them longer than "
                                + PEERS_PATIENCE.toSeconds()
                                + " s");
        scene.evidence()
                .saw(
                        "after a kill or a stop everything goes on",
                        survived == acts.size(),
                        survived
                                + " of "
                                + acts.size()
                                + ", all in the record after "
                                + seconds(slowest)
                                + " at most");
        scene.evidence()
                .saw(
                        "what is killed alone is replaced, what it leaves behind ends",
                        killer.successions() > 0 && killer.succeeded() == killer.successions(),
                        killer.succeeded() + " of " + killer.successions());
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public Map<String, Object> figures() {
        return Map.of(
                "kills",
                Map.copyOf(kills),
                "stops",
                Map.copyOf(stops),
                "slowest-seconds",
                slowest.toMillis() / 1000.0);
    }
}
