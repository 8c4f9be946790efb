package dev.holdfast.drill.bench;

import dev.holdfast.region.log.LogReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** A reader that hands nothing out while its gate is shut, so that a backlog can be laid first. */
final class GatedReader implements LogReader {
    private final LogReader reader;
    private final Lock polling = new ReentrantLock(true);
    private final Condition opened = polling.newCondition();
    private volatile boolean open;

    GatedReader(LogReader reader) {
        this.reader = reader;
    }

    void open() {
        polling.lock();
        try {
            open = true;
            opened.signalAll();
        } finally {
            polling.unlock();
        }
    }

    /** Returns once no poll is under way: that would take from what is laid next. */
    void shut() {
        polling.lock();
        try {
            open = false;
        } finally {
            polling.unlock();
        }
    }

    @Override
    public List<Delivery> poll(int max, Duration timeout) {
        polling.lock();
        try {
            long left = timeout.toNanos();
            while (!open) {
                if (left <= 0) return List.of();
                left = opened.awaitNanos(left);
            }
            return reader.poll(max, timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            polling.unlock();
        }
    }

    @Override
    public void commit() {
        reader.commit();
    }

    @Override
    public void rewind() {
        reader.rewind();
    }

    @Override
    public long backlog() {
        return reader.backlog();
    }

    @Override
    public void close() {
        open = false;
        reader.close();
    }
}
