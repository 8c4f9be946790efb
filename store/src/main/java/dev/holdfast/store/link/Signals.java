package dev.holdfast.store.link;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a link's thread waits for. Anybody rings; what is rung for twice is heard once, so that
 * nothing here can grow beyond the number of scopes and of what the outbox has. Thread-safe.
 */
final class Signals {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rang = lock.newCondition();
    private final Set<String> grown = new LinkedHashSet<>();
    private final Map<String, Set<Long>> again = new HashMap<>();
    private boolean rung;
    private boolean woken;
    private boolean renewed;
    private boolean closing;

    /** Something arrived. */
    void ring() {
        set(() -> rung = true);
    }

    /** There may be something to push in the scope, or it is to be followed from now on. */
    void grew(String scope) {
        set(() -> grown.add(scope));
    }

    /** What the outbox has at {@code numbers} is to be sent once more. */
    void again(String scope, Collection<Long> numbers) {
        set(() -> {
            again.computeIfAbsent(scope, none -> new TreeSet<>()).addAll(numbers);
            rung = true;
        });
    }

    /** What {@link #again} said since this was last asked, by scope. */
    Map<String, Set<Long>> takeAgain() {
        lock.lock();
        try {
            Map<String, Set<Long>> taken = Map.copyOf(again);
            again.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Do not wait out a pause: the network may be back. */
    void wake() {
        set(() -> woken = true);
    }

    /** Begin a new session, at once. */
    void renew() {
        set(() -> renewed = true);
    }

    /** Whether somebody said {@link #renew} since this was last asked. */
    boolean takeRenewed() {
        lock.lock();
        try {
            boolean taken = renewed;
            renewed = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    void close() {
        set(() -> closing = true);
    }

    boolean closing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for anything to happen, at most so long. */
    void await(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (!rung && !isUrgent() && grown.isEmpty() && nanos > 0) {
                nanos = rang.awaitNanos(nanos);
            }
            rung = false;
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long, but no longer than until it is woken, renewed or closed. */
    void pause(Duration pause) throws InterruptedException {
        lock.lock();
        try {
            long nanos = pause.toNanos();
            while (!isUrgent() && nanos > 0) nanos = rang.awaitNanos(nanos);
            woken = false;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it is woken, renewed or closed. */
    void pause() throws InterruptedException {
        pause(Duration.ofNanos(TimeUnit.DAYS.toNanos(3650)));
    }

    /** The scopes that grew since this was last asked. */
    Set<String> takeGrown() {
        lock.lock();
        try {
            woken = false;
            Set<String> taken = new LinkedHashSet<>(grown);
            grown.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean isUrgent() {
        return woken || renewed || closing;
    }

    private void set(Runnable change) {
        lock.lock();
        try {
            change.run();
            rang.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
