package dev.holdfast.drill.sim;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Virtual time and the one source of chance: the same seed makes the same history, event for event.
 * One thread; what is due at the same time happens in the order in which it was asked for.
 */
final class World {
    private static final int TRACE_LINES = 400;

    private record Due(long atMillis, long order, Runnable work) {}

    private final PriorityQueue<Due> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(Due::atMillis).thenComparingLong(Due::order));
    private final Deque<String> trace = new ArrayDeque<>();
    private final long startMillis = 1_750_000_000_000L;
    private long nowMillis = startMillis;
    private long order;
    final Random random;
    final Coverage coverage = new Coverage();

    World(long seed) {
        random = random(seed);
    }

    /** Chance from {@code seed}, mixed, since neighbouring seeds begin alike. */
    static Random random(long seed) {
        long mixed = (seed ^ seed >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return new Random(mixed ^ mixed >>> 31);
    }

    long nowMillis() {
        return nowMillis;
    }

    /** Since the beginning of the history. */
    long elapsedMillis() {
        return nowMillis - startMillis;
    }

    void after(long delayMillis, Runnable work) {
        queue.add(new Due(nowMillis + Math.max(0, delayMillis), order++, work));
    }

    /** Does what is due next; false when nothing is. */
    boolean step() {
        Due due = queue.poll();
        if (due == null) return false;
        nowMillis = Math.max(nowMillis, due.atMillis());
        due.work().run();
        return true;
    }

    boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** From {@code least} to {@code most}, both inclusive. */
    int between(int least, int most) {
        return between(random, least, most);
    }

    static int between(Random random, int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    /** A line for whoever looks into a seed that failed; the newest ones are kept. */
    void note(String line) {
        if (trace.size() == TRACE_LINES) trace.removeFirst();
        trace.addLast("%9.3f s  %s".formatted(elapsedMillis() / 1e3, line));
    }

    Iterable<String> trace() {
        return trace;
    }
}
