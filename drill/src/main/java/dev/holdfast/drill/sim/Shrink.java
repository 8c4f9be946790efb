package dev.holdfast.drill.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a history that breaks a guarantee shorter, by leaving acts out while the same guarantee
 * still breaks (delta debugging, Zeller and Hildebrandt 2002). Bounded by a number of runs.
 */
final class Shrink {
    private static final int MOST_RUNS = 400;

    private final Plan plan;
    private final Invariant invariant;
    private int runs;

    private Shrink(Plan plan, Invariant invariant) {
        this.plan = plan;
        this.invariant = invariant;
    }

    /** The places in {@code plan} of the acts that are enough to break {@code invariant}. */
    static List<Integer> shrink(Plan plan, Invariant invariant) {
        List<Integer> all = IntStream.range(0, plan.acts().size()).boxed().toList();
        return new Shrink(plan, invariant).shrink(all);
    }

    private List<Integer> shrink(List<Integer> places) {
        List<Integer> left = places;
        int size = Math.max(1, left.size() / 2);
        while (runs < MOST_RUNS) {
            List<Integer> fewer = without(left, size);
            if (fewer != null) left = fewer;
            else if (size == 1) break;
            else size = Math.max(1, size / 2);
            size = Math.max(1, Math.min(size, left.size() / 2));
        }
        return left;
    }

    /** {@code places} without some {@code size} of them that are not needed; null if all are. */
    private @Nullable List<Integer> without(List<Integer> places, int size) {
        for (int from = 0; from < places.size() && runs < MOST_RUNS; from += size) {
            List<Integer> fewer = new ArrayList<>(places.subList(0, from));
            fewer.addAll(places.subList(Math.min(places.size(), from + size), places.size()));
            if (breaks(fewer)) return fewer;
        }
        return null;
    }

    private boolean breaks(List<Integer> places) {
        runs++;
        try {
            new Simulation(plan.only(places)).run();
            return false;
        } catch (Broken broken) {
            return broken.invariant() == invariant;
        }
    }
}
