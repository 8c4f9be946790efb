package dev.holdfast.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Carries what was committed to one {@link Listener}, on a virtual thread of its own. */
final class ListenerDriver implements AutoCloseable {
    private final Listener listener;

    // Not a monitor: waiting in one would hold a carrier thread on Java 21.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();

    /** What the listener was not told yet: at most one entry per scope. */
    private final Map<String, Committed> waiting = new LinkedHashMap<>();

    private boolean closed;

    ListenerDriver(Listener listener) {
        this.listener = listener;
        Thread.ofVirtual().name("holdfast-store-listener").start(this::run);
    }

    /** Never waits for the listener. */
    void tell(Collection<Committed> committed) {
        lock.lock();
        try {
            for (Committed one : committed) waiting.merge(one.scope(), one, Committed::and);
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (true) {
            List<Committed> next = take();
            if (next.isEmpty()) return;
            for (Committed committed : next) {
                try {
                    listener.committed(committed);
                } catch (RuntimeException e) {
                    // The listener's own fault must not cost it what comes later.
                    Thread self = Thread.currentThread();
                    Thread.UncaughtExceptionHandler handler = self.getUncaughtExceptionHandler();
                    if (handler != null) handler.uncaughtException(self, e);
                }
            }
        }
    }

    private List<Committed> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) news.awaitUninterruptibly();
            List<Committed> next = closed ? List.of() : new ArrayList<>(waiting.values());
            waiting.clear();
            return next;
        } finally {
            lock.unlock();
        }
    }
}
