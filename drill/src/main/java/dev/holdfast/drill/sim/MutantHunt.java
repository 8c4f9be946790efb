package dev.holdfast.drill.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plants bugs, by name, and runs simulations until one is found. Only the test build has one, found
 * by {@link java.util.ServiceLoader}: nothing of a planted bug is in the program. Thread-safe.
 */
public interface MutantHunt {
    /**
     * A planted bug.
     *
     * @param what it does
     */
    record Mutant(String name, String what) {}

    /**
     * The hunt for one.
     *
     * @param seeds how many were run
     * @param seed the one that found it; null when none did
     * @param caughtBy the guarantee that broke there
     */
    record Hunted(Mutant mutant, int seeds, @Nullable Long seed, String caughtBy) {
        boolean found() {
            return seed != null;
        }
    }

    List<Mutant> mutants();

    /**
     * Runs seeds from {@code first} on, at most {@code most}, until one breaks a guarantee.
     *
     * @throws IllegalStateException when the bug could not be planted as it says: its place moved
     */
    Hunted hunt(Mutant mutant, long first, int most);
}
