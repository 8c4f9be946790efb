package dev.holdfast.device;

import dev.holdfast.store.StoreException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A live query: evaluated on a virtual thread of its own, at first and after commits that may have
 * changed it, and told when it has. Commits that come while it is busy are looked at together. A
 * listener that throws hurts nobody: its exception goes to the thread's handler.
 */
final class LiveDriver<T> implements Subscription {
    private final Supplier<T> query;
    private final Consumer<? super T> listener;
    private final Runnable ended;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private boolean dirty = true;
    private boolean closed;

    LiveDriver(Supplier<T> query, Consumer<? super T> listener, Runnable ended) {
        this.query = query;
        this.listener = listener;
        this.ended = ended;
    }

    void start() {
        Thread.ofVirtual().name("holdfast-live-query").start(this::live);
    }

    /** Something that it looks at may have changed. Never waits. */
    void touched() {
        lock.lock();
        try {
            dirty = true;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            news.signal();
        } finally {
            lock.unlock();
        }
        ended.run();
    }

    private void live() {
        T told = null;
        while (isNews()) {
            try {
                T now = query.get();
                if (now.equals(told)) continue;
                told = now;
                listener.accept(now);
            } catch (StoreException e) {
                if (e.kind() == StoreException.Kind.CLOSED) return;
                handle(e);
            } catch (RuntimeException e) {
                handle(e);
            }
        }
    }

    /** Waits until there is something to look at; false when it is over. */
    private boolean isNews() {
        lock.lock();
        try {
            while (!dirty && !closed) news.awaitUninterruptibly();
            dirty = false;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private static void handle(RuntimeException failure) {
        Thread self = Thread.currentThread();
        Thread.@Nullable UncaughtExceptionHandler handler = self.getUncaughtExceptionHandler();
        if (handler != null) handler.uncaughtException(self, failure);
    }
}
