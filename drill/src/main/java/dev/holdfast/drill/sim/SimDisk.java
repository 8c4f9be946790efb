package dev.holdfast.drill.sim;

import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.MemoryTables;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A store whose writes are durable only some time later, together, as with a group commit. An
 * answer is given only after the flush, and a crash loses what was not flushed and every answer
 * with it.
 */
final class SimDisk {
    private static final int SLOWEST_FLUSH_MILLIS = 20;

    private final World world;
    final MemoryStore store;
    private List<Runnable> afterFlush = new ArrayList<>();
    private boolean flushing;
    private int incarnation;

    /** Until then every write fails, as on a full disk. */
    long fullUntilMillis;

    /** What a full disk throws. */
    static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

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
        if (world.forgetful) world.after(0, guarded(() -> flushed.accept(answer)));
        whenFlushed(() -> {
            if (!world.forgetful) flushed.accept(answer);
        });
    }

    /** Reads what is durable: a reader of the real store never sees what is not. */
    <T> void read(Function<MemoryTables, T> work, Consumer<T> then) {
        flushed(() -> then.accept(store.read(work)));
    }

    void crash() {
        incarnation++;
        store.crash();
        afterFlush = new ArrayList<>();
        flushing = false;
    }

    /** Does {@code then} once everything that is committed now is durable. */
    void flushed(Runnable then) {
        if (store.unflushed() == 0 || world.forgetful) then.run();
        else whenFlushed(then);
    }

    private void whenFlushed(Runnable then) {
        afterFlush.add(then);
        if (flushing) return;
        flushing = true;
        world.after(
                world.between(0, SLOWEST_FLUSH_MILLIS),
                guarded(() -> {
                    store.flush();
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
