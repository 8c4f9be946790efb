package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import java.util.List;
import java.util.Random;

/** Something that reads what others wrote, and how it is tried. */
interface Target extends AutoCloseable {
    /** Short, for {@code --target}. */
    String name();

    /** How many cases may run at once. */
    default int atOnce() {
        return 1;
    }

    /** Starts what it needs; once, before the first case. */
    default void open() throws Exception {}

    /**
     * Tries one case. Where the target is {@link #isPure()} it is a function of its arguments.
     *
     * @throws Exception what the target itself could not do; nothing is proved then
     */
    Outcome run(long seed, long number) throws Exception;

    /** Whether a case comes out the same each time. */
    default boolean isPure() {
        return true;
    }

    /** What does not hold after all cases together; once, after the last. */
    default List<String> judge() throws Exception {
        return List.of();
    }

    @Override
    default void close() {}

    /** What became of a case. */
    sealed interface Outcome {
        /** It was not in form, or not allowed, and that was said clearly. */
        record Refused() implements Outcome {}

        /** The mutation left it valid. */
        record Taken() implements Outcome {}

        /**
         * Something that must not be.
         *
         * @param input what did it, as short as it was easily made
         */
        record Found(String what, Bytes input) implements Outcome {}
    }

    Outcome REFUSED = new Outcome.Refused();
    Outcome TAKEN = new Outcome.Taken();

    /** The chance of one case, so that neighbours have nothing in common. */
    static Random dice(long seed, String target, long number) {
        long mixed = seed * 0x9e3779b97f4a7c15L + target.hashCode();
        mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L + number;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return new Random(mixed ^ mixed >>> 31);
    }
}
