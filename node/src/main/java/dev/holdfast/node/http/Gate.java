package dev.holdfast.node.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of places, or of bytes, of which no more than so many are taken. Nobody waits.
 * Thread-safe.
 */
final class Gate {
    private final long capacity;
    private final AtomicLong taken = new AtomicLong();

    Gate(long capacity) {
        this.capacity = capacity;
    }

    boolean tryEnter(long count) {
        if (taken.addAndGet(count) <= capacity) return true;
        taken.addAndGet(-count);
        return false;
    }

    void leave(long count) {
        taken.addAndGet(-count);
    }

    long taken() {
        return taken.get();
    }
}
