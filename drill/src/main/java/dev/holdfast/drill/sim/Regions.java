package dev.holdfast.drill.sim;

import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The regions of a history: the first is home. Drawn from chance of their own, so that a history of
 * one region is what it would be if there were never another.
 *
 * @param middle in a line, the place of the region between the two others; else -1: each region
 *     follows all others, which for three is a ring as well
 * @param retain until when devices and edges answer for what they took in
 */
record Regions(int count, int middle, Retain retain) {
    private static final int MOST = 3;

    enum Retain {
        APPLIED,
        /** Every second device, and all edges, until GLOBAL. */
        SOME_GLOBAL,
        /** All of them, so that a region can be lost for good. */
        GLOBAL
    }

    static Regions draw(Random random) {
        if (random.nextBoolean()) return new Regions(1, -1, Retain.APPLIED);
        int count = World.between(random, 2, MOST);
        int middle = count > 2 && random.nextBoolean() ? random.nextInt(count) : -1;
        Retain[] all = Retain.values();
        return new Regions(count, middle, all[random.nextInt(all.length)]);
    }

    /** The places of those whose feeds the region at {@code place} follows. */
    List<Integer> followedBy(int place) {
        List<Integer> others = new ArrayList<>();
        for (int other = 0; other < count; other++) {
            boolean linked = middle < 0 || place == middle || other == middle;
            if (other != place && linked) others.add(other);
        }
        return others;
    }

    /** For edges. A device waits for GLOBAL in vain behind an edge that does not. */
    Durability edgesRetainUntil() {
        return retainUntil(0);
    }

    /** For the device at {@code place}. */
    Durability retainUntil(int place) {
        return switch (retain) {
            case APPLIED -> Durability.APPLIED;
            case SOME_GLOBAL -> place % 2 == 0 ? Durability.GLOBAL : Durability.APPLIED;
            case GLOBAL -> Durability.GLOBAL;
        };
    }
}
