package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * This member's end of a stream, for blocking code: bytes in order, both ways, each way ended by
 * itself; or reset, which says why. One thread reads, one writes, any may reset.
 */
final class Stream {
    /** It cannot go on, or could not be opened. */
    static final class ResetException extends IOException {
        private static final long serialVersionUID = 1L;
        private final Frame.Why why;

        ResetException(Frame.Why why, String reason) {
            super(reason);
            this.why = why;
        }

        Frame.Why why() {
            return why;
        }
    }

    private final Lock lock;
    private final Switch streams;
    private final Circuit circuit;
    private final Runnable perform;
    private final Condition changed;
    private final Deque<Bytes> received = new ArrayDeque<>();
    private boolean opened;
    private boolean ended;
    private @Nullable ResetException reset;

    /**
     * @param lock guards {@code streams} and all that is here
     * @param perform has done what {@code streams} wants done; called with the lock held
     */
    Stream(Lock lock, Switch streams, Circuit circuit, Runnable perform) {
        this.lock = lock;
        this.streams = streams;
        this.circuit = circuit;
        this.perform = perform;
        this.changed = lock.newCondition();
    }

    Circuit circuit() {
        return circuit;
    }

    // What the driver tells, with the lock held.

    void toldOpened() {
        opened = true;
        changed.signalAll();
    }

    void toldReceived(Bytes bytes) {
        received.add(bytes);
        changed.signalAll();
    }

    void toldCredited() {
        changed.signalAll();
    }

    void toldEnded() {
        ended = true;
        changed.signalAll();
    }

    void toldReset(Frame.Why why, String reason) {
        reset = new ResetException(why, reason);
        changed.signalAll();
    }

    // What its users do.

    /** Waits until the other end has taken it. */
    void awaitOpened(Duration patience) throws IOException, InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (!opened) {
                throwIfReset();
                if (left <= 0) {
                    reset(Frame.Why.GONE, "it took too long");
                    throw new ResetException(
                            Frame.Why.UNREACHABLE,
                            "no answer from "
                                    + circuit.target()
                                    + " in "
                                    + patience.toSeconds()
                                    + " s");
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    void accept() {
        lock.lock();
        try {
            streams.accept(circuit);
            perform.run();
        } finally {
            lock.unlock();
        }
    }

    /** Waits while no more may be on its way. */
    void write(byte[] bytes, int count) throws IOException, InterruptedException {
        int from = 0;
        while (from < count) from += writeSome(bytes, from, count - from);
    }

    private int writeSome(byte[] bytes, int from, int count)
            throws IOException, InterruptedException {
        lock.lock();
        try {
            while (true) {
                throwIfReset();
                long may = Math.min(streams.mayWrite(circuit), Frame.MAX_DATA_BYTES);
                if (may > 0) {
                    int size = (int) Math.min(may, count);
                    byte[] part = Arrays.copyOfRange(bytes, from, from + size);
                    streams.write(circuit, Bytes.wrap(part));
                    perform.run();
                    return size;
                }
                changed.await(1, TimeUnit.SECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for more; null at the end. */
    @Nullable Bytes read() throws IOException, InterruptedException {
        lock.lock();
        try {
            while (true) {
                Bytes next = received.poll();
                if (next != null) return next;
                if (ended) return null;
                throwIfReset();
                changed.await(1, TimeUnit.SECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** So much of what was read went where it belongs: more may come. */
    void consumed(int bytes) {
        lock.lock();
        try {
            streams.consumed(circuit, bytes);
            perform.run();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more is written. */
    void end() {
        lock.lock();
        try {
            streams.end(circuit);
            perform.run();
        } finally {
            lock.unlock();
        }
    }

    void reset(Frame.Why why, String reason) {
        lock.lock();
        try {
            if (reset == null) reset = new ResetException(why, reason);
            streams.reset(circuit, why, reason);
            changed.signalAll();
            perform.run();
        } finally {
            lock.unlock();
        }
    }

    private void throwIfReset() throws ResetException {
        ResetException why = reset;
        if (why != null) throw new ResetException(why.why(), String.valueOf(why.getMessage()));
    }
}
