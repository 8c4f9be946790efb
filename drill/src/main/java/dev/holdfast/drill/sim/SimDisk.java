package dev.holdfast.drill.sim;

import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.MemoryTables;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store whose writes are durable only some time later, together, as with a group commit. An
 * answer is given only after the flush. A crash loses every answer and what was not flushed, or
 * what of it came last: a disk may have written some of its cache.
 */
final class SimDisk {
    private static final int SLOWEST_FLUSH_MILLIS = 20;
    private static final double TORN = 0.3;

    private final World world;
    final MemoryStore store;
    private List<Runnable> afterFlush = new ArrayList<>();

    /** Where each transaction since the last flush ends. */
    private final List<Integer> transactions = new ArrayList<>();

    private boolean flushing;
    private int incarnation;
    private boolean changed;
    private @Nullable Runnable onWrite;

    /** Until then every write fails, as on a full disk. */
    long fullUntilMillis;

    SimDisk(World world, MemoryStore store) {
        this.world = world;
        this.store = store;
    }

    <T> void write(Function<MemoryTables, T> work, Consumer<T> flushed, Runnable full) {
        if (world.nowMillis() < fullUntilMillis) {
            world.after(1, guarded(full));
            return;
        }
        T answer = store.write(work);
        wrote();
        whenFlushed(() -> flushed.accept(answer));
    }

    /** To be told of each transaction that was done on the store itself. */
    void wrote() {
        transactions.add(store.unflushed());
        changed = true;
        Runnable next = onWrite;
        onWrite = null;
        if (next != null) world.after(0, guarded(next));
    }

    /** Reads what is durable: a reader of the real store never sees what is not. */
    <T> void read(Function<MemoryTables, T> work, Consumer<T> then) {
        flushed(() -> then.accept(store.read(work)));
    }

    /** Does {@code work} right after the next write, as a rule before its flush. */
    void afterWrite(Runnable work) {
        onWrite = work;
    }

    void crash() {
        incarnation++;
        if (store.unflushed() > 0) {
            int kept = world.chance(TORN) ? world.random.nextInt(transactions.size() + 1) : 0;
            world.coverage.count(kept > 0 ? Coverage.TORN : Coverage.UNFLUSHED);
            store.crash(kept == 0 ? 0 : transactions.get(kept - 1));
        }
        transactions.clear();
        afterFlush = new ArrayList<>();
        flushing = false;
        changed = true;
    }

    /** Does {@code then} once everything that is committed now is durable. */
    void flushed(Runnable then) {
        if (store.unflushed() == 0) then.run();
        else whenFlushed(then);
    }

    /** Whether anything was written, or lost, since this was last asked. */
    boolean hasChanged() {
        boolean answer = changed;
        changed = false;
        return answer;
    }

    private void whenFlushed(Runnable then) {
        afterFlush.add(then);
        if (flushing) return;
        flushing = true;
        world.after(
                world.between(0, SLOWEST_FLUSH_MILLIS),
                guarded(() -> {
                    store.flush();
                    transactions.clear();
                    flushing = false;
                    List<Runnable> waiting = afterFlush;
                    afterFlush = new ArrayList<>();
                    waiting.forEach(Runnable::run);
                }));
    }

    private Runnable guarded(Runnable work) {
        int born = incarnation;
        return () -> {
            if (born == incarnation) work.run();
        };
    }
}
