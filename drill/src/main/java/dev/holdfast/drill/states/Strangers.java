package dev.holdfast.drill.states;

import dev.holdfast.drill.process.Memory;
import dev.holdfast.drill.report.Timeline;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.StoreImage;
import dev.holdfast.drill.rings.Tally;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What somebody with a grant and no manners does to edge and region while nobody else writes: the
 * same push again and again, and everything that is to be refused.
 */
record Strangers(Scene scene) {
    private static final List<String> NODES = List.of("edge", "region");

    /** All bad input is tried so often, so that what each leaves behind adds up. */
    private static final int ROUNDS = 5;

    /** How much more memory a node may take while that goes on, at most. */
    private static final long GROWTH_MAX_MIB = 64;

    private static final String REFUSED = "refused\t";

    private static final String REPEATING = "the same batches pushed again and again";
    private static final String MISUSING = "bad input at edge and region";

    void tell() throws InterruptedException {
        try (Stranger stranger = Stranger.start(scene.network(), scene.rings())) {
            Timeline timeline = scene.timeline();
            timeline.begin(REPEATING);
            repeat(stranger);
            timeline.end(REPEATING);
            scene.awaitEverywhere();
            timeline.begin(MISUSING);
            misuse(stranger);
            timeline.end(MISUSING);
        }
    }

    private void repeat(Stranger stranger) throws InterruptedException {
        scene.begin("   The same batches pushed once, twice and fifty times");
        long acknowledged = 0;
        for (String node : NODES) {
            for (String line : stranger.ask("repeat " + node))
                acknowledged += Long.parseLong(line.substring(line.indexOf(' ') + 1));
        }
        long batches = StrangerMain.REPETITIONS.size();
        long pushes = StrangerMain.REPETITIONS.stream().mapToInt(Integer::intValue).sum();
        boolean counted =
                Scene.await(() -> counters(scene.rings().database().image().store(), batches));
        scene.awaitEverywhere();
        StoreImage region = scene.rings().database().image().store();
        StoreImage edge = StoreImage.ofLiving(scene.rings().edgeStore());
        List<Long> counts = new ArrayList<>();
        for (StoreImage store : List.of(edge, region)) {
            for (String node : NODES)
                counts.add(Tally.of(store, StrangerMain.repeated(node)).count());
        }
        boolean exact = counts.stream().allMatch(count -> count == batches);
        scene.evidence()
                .saw(
                        "a write sent 1, 2 or 50 times counts once",
                        counted && exact && acknowledged == pushes * NODES.size(),
                        acknowledged
                                + " pushes acknowledged, counters "
                                + counts
                                + " of "
                                + batches);
    }

    private static boolean counters(StoreImage store, long least) {
        return NODES.stream()
                .map(StrangerMain::repeated)
                .allMatch(id -> Tally.of(store, id).count() >= least);
    }

    private void misuse(Stranger stranger) {
        scene.begin("   Bad input at edge and region");
        Rings rings = scene.rings();
        StoreImage edge = StoreImage.ofLiving(rings.edgeStore());
        RegionImage region = rings.database().image();
        Map<Long, Long> before = new HashMap<>();
        for (long pid : Set.of(rings.edgePid(), rings.regionPid()))
            before.put(pid, Memory.startPeak(pid));
        long refused = 0;
        long tried = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (String node : NODES) {
                for (String line : stranger.ask("misuse " + node)) {
                    tried++;
                    if (line.startsWith(REFUSED)) refused++;
                    else scene.progress().line("   " + node + ": " + line.replace('\t', ' '));
                }
            }
        }
        long growth = 0;
        for (var each : before.entrySet())
            growth =
                    Math.max(
                            growth, Memory.mebibytes(Memory.peak(each.getKey()) - each.getValue()));
        boolean same =
                edge.equals(StoreImage.ofLiving(rings.edgeStore()))
                        && region.equals(rings.database().image());
        scene.evidence()
                .saw(
                        "bad input is refused, touches nothing, costs bounded memory",
                        tried > 0 && refused == tried && same && growth <= GROWTH_MAX_MIB,
                        refused
                                + " of "
                                + tried
                                + " refused, stores "
                                + (same ? "unchanged" : "CHANGED")
                                + ", at most "
                                + growth
                                + " MiB more");
    }
}
