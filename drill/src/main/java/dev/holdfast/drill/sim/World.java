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
    private long nowMillis = 1_750_000_000_000L;
    private long order;
    final Random random;

    /** A planted bug: disks answer before what they wrote is durable. */
    boolean forgetful;

    World(long seed) {
        random = new Random(seed);
    }

    long nowMillis() {
        return nowMillis;
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
        return random.nextDouble() < probability;
    }

    /** From {@code least} to {@code most}, both inclusive. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    /** A line for whoever looks into a seed that failed; the newest ones are kept. */
    void note(String line) {
        if (trace.size() == TRACE_LINES) trace.removeFirst();
        trace.addLast(nowMillis % 10_000_000 + " " + line);
    }

    Iterable<String> trace() {
        return trace;
    }
}
