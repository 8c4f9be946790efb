package dev.holdfast.drill.sim;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs one seed in whatever classes it was loaded with, and answers which guarantee broke; null
 * where none did. What it takes and gives are the machine's own types, so that it can be called
 * from outside a mutant.
 */
public final class MutantSeed implements LongFunction<@Nullable String> {
    @Override
    public @Nullable String apply(long seed) {
        try {
            new Simulation(Plan.of(seed)).run();
            return null;
        } catch (Broken broken) {
            return String.valueOf(broken.getMessage());
        } catch (StackOverflowError e) {
            return Invariant.NOTHING_FAILS.text() + ": " + e;
        }
    }
}
