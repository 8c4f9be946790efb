package dev.holdfast.core;

import java.util.Random;

/** Runs a law for many seeds, and names the seed that breaks it. */
public final class Seeds {
    private Seeds() {}

    /** What must hold for whatever {@code random} brings. */
    public interface Law {
        void holds(Random random);
    }

    public static void each(int seeds, Law law) {
        for (int seed = 1; seed <= seeds; seed++) one(seed, law);
    }

    /** For a seed that failed once. */
    public static void one(long seed, Law law) {
        try {
            law.holds(new Random(seed));
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }
}
