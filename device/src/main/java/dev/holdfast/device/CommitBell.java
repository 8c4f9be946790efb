package dev.holdfast.device;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes those who wait for anything to be committed. Thread-safe. */
final class CommitBell {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rang = lock.newCondition();
    private long rings;

    void ring() {
        lock.lock();
        try {
            rings++;
            rang.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How often it rang: to be read before looking at what is waited for. */
    long rings() {
        lock.lock();
        try {
            return rings;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it rang more often than {@code seen}; answers the nanoseconds left, if any. */
    long await(long seen, long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (rings == seen && left > 0) left = rang.awaitNanos(left);
            return left;
        } finally {
            lock.unlock();
        }
    }
}
