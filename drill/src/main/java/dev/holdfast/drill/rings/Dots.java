package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;

/** Arithmetic of sets of dots. */
public final class Dots {
    private Dots() {}

    /** What is in {@code these} and not in {@code those}. */
    public static Context minus(Context these, Context those) {
        Context left = new Context();
        these.replicas()
                .forEach((replica, intervals) ->
                        left.put(replica, intervals.minus(those.of(replica))));
        return left;
    }

    public static long count(Context dots) {
        long count = 0;
        for (Intervals intervals : dots.replicas().values()) {
            for (int i = 0; i < intervals.count(); i++)
                count += intervals.to(i) - intervals.from(i) + 1;
        }
        return count;
    }

    public static boolean contains(Context all, Context part) {
        return minus(part, all).isEmpty();
    }
}
