package dev.holdfast.drill.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What a seed asks for: who is there, and what is done to them when. What is left to chance beyond
 * it (latencies, flushes, jitter) is drawn from the same seed while the history runs, so that a
 * plan and its seed make one history. Leaving acts out makes another, shorter one.
 */
record Plan(long seed, Topology topology, List<Act> acts) {
    static final long CHAOS_MILLIS = 60_000;

    /** Writes of all persons together, about: a large history has more persons, not more writes. */
    private static final int WRITES = 240;

    /** Far from any seed: what begins here is chance of its own. */
    private static final long REGIONS = 1L << 40;

    private static final long THIN = 1L << 41;

    private static final long RENEWALS = 1L << 42;

    private static final long DISGUISES = 1L << 43;

    private static final int SLOWEST_WRITER_MILLIS = 1_500;

    static Plan of(long seed) {
        Random random = World.random(~seed);
        Regions regions = Regions.draw(World.random(seed + REGIONS));
        boolean disguises = World.random(seed + DISGUISES).nextBoolean();
        Topology topology =
                Topology.draw(random, regions, thin(World.random(seed + THIN)), disguises);
        List<Act> acts = new ArrayList<>();
        int persons = topology.persons().size();
        int gapMillis = (int) Math.max(SLOWEST_WRITER_MILLIS, 2 * CHAOS_MILLIS * persons / WRITES);
        for (int who = 0; who < persons; who++) {
            for (long at = World.between(random, 1, gapMillis);
                    at < CHAOS_MILLIS;
                    at += World.between(random, 1, gapMillis)) {
                acts.add(new Act(at, Act.Kind.WRITE, who, random.nextLong()));
            }
        }
        // Some histories are calm, so that what happens in calm weather is seen as well.
        int faultGapMillis = List.of(1_500, 3_000, 3_000, 10_000).get(random.nextInt(4));
        for (long at = World.between(random, 100, faultGapMillis);
                at < CHAOS_MILLIS;
                at += World.between(random, 100, faultGapMillis)) {
            acts.add(
                    new Act(
                            at,
                            fault(random, topology),
                            random.nextInt(1 << 16),
                            random.nextLong()));
        }
        renewals(World.random(seed + RENEWALS), acts);
        acts.sort(Comparator.comparingLong(Act::atMillis));
        return new Plan(seed, topology, List.copyOf(acts));
    }

    /** Seldom: bytes a second as over a radio of the nineties, or worse. */
    private static int thin(Random random) {
        return random.nextInt(10) == 0 ? World.between(random, 1_000, 6_000) : 0;
    }

    private static void renewals(Random random, List<Act> acts) {
        if (random.nextInt(6) > 0) return;
        for (int i = World.between(random, 1, 3); i > 0; i--) {
            int at = World.between(random, 1_000, (int) CHAOS_MILLIS);
            int who = random.nextInt(1 << 16);
            acts.add(new Act(at, Act.Kind.GRANT_NARROWED, who, random.nextLong()));
        }
    }

    private static Act.Kind fault(Random random, Topology topology) {
        List<Act.Kind> kinds = new ArrayList<>(List.of(Act.Kind.values()));
        if (topology.regions().count() == 1) kinds.removeIf(kind -> kind.mirrored);
        int sum = 0;
        for (Act.Kind kind : kinds) sum += kind.weight;
        int drawn = random.nextInt(sum);
        for (Act.Kind kind : kinds) {
            drawn -= kind.weight;
            if (drawn < 0) return kind;
        }
        throw new AssertionError("weights that do not sum up");
    }

    /** The same with only the acts at these places; others are passed over. */
    Plan only(List<Integer> places) {
        List<Act> some =
                places.stream()
                        .filter(place -> place >= 0 && place < acts.size())
                        .map(acts::get)
                        .toList();
        return new Plan(seed, topology, some);
    }
}
