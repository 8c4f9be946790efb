package dev.holdfast.drill.sim;

import java.util.List;
import java.util.Map;

/**
 * One history: a time of writes and faults, as its plan says, then healing, after which everything
 * must be one.
 */
final class Simulation {
    private static final int HEALING_MILLIS = 600_000;
    private static final int SETTLE_MILLIS = 5_000;
    private static final int ASK_MILLIS = 200;
    private static final int SAMPLE = 256;

    /** A hundred times what a large history takes. */
    private static final long MOST_EVENTS = 5_000_000;

    private final World world;
    private final Cluster cluster;
    private final Checks checks;
    private final Faults faults;
    private long events;

    /**
     * What a history showed.
     *
     * @param healedMillis virtual time from the end of the faults to the end of all work
     * @param coverage how often each interesting thing happened
     */
    record Outcome(long events, int operations, long healedMillis, Map<String, Integer> coverage) {}

    Simulation(Plan plan) {
        world = new World(plan.seed());
        cluster = new Cluster(world, plan.topology());
        checks = new Checks(cluster, plan.seed());
        faults = new Faults(cluster);
        for (Act act : plan.acts()) world.after(act.atMillis(), () -> faults.act(act));
    }

    /**
     * Runs to the end.
     *
     * @throws Broken when a guarantee does not hold
     */
    Outcome run() {
        try {
            return history();
        } catch (RuntimeException e) {
            Broken broken = new Broken(Invariant.NOTHING_FAILS, e.toString());
            broken.initCause(e);
            throw broken;
        }
    }

    private Outcome history() {
        while (world.elapsedMillis() < Plan.CHAOS_MILLIS) step();
        faults.end();
        cluster.heal();
        long healed = world.nowMillis();
        long settledAt = healed;
        long askedAt = healed;
        String waiting = checks.waiting();
        while (world.nowMillis() - settledAt < SETTLE_MILLIS || !waiting.isEmpty()) {
            step();
            if (world.nowMillis() - askedAt < ASK_MILLIS) continue;
            askedAt = world.nowMillis();
            waiting = checks.waiting();
            if (!waiting.isEmpty()) settledAt = askedAt;
            if (askedAt - healed >= HEALING_MILLIS)
                throw new Broken(
                        Invariant.IT_CONVERGES,
                        "not one %d s after healing: waiting for %s"
                                .formatted(HEALING_MILLIS / 1000, waiting));
        }
        checks.end();
        return new Outcome(
                events, cluster.claims.acknowledged(), settledAt - healed, world.coverage.times());
    }

    private void step() {
        Invariant.IT_CONVERGES.hold(world.step(), () -> "nothing is due any more");
        events++;
        Invariant.IT_CONVERGES.hold(events < MOST_EVENTS, () -> "it goes round in circles");
        checks.afterEvent();
        if (events % SAMPLE == 0) checks.sampled();
    }

    /** What each node has and waits for, for whoever looks into a seed that failed. */
    List<String> nodes() {
        return cluster.nodes();
    }

    Iterable<String> trace() {
        return world.trace();
    }
}
