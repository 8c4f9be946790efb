package dev.holdfast.region.log;

import dev.holdfast.region.log.AppendResult.NotStored;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The appends to one shard, one send at a time: what comes while a send is under way gathers, and
 * goes together in the next, so that one flush of the broker's serves thousands who came at once as
 * well as one who came alone. Whoever is first in the row sends for those behind him.
 *
 * <p>In the order in which they came; no append is parted between sends. Nobody is answered before
 * the send that carried him is. The row has no bound of its own: who waits in it holds the node's
 * room for pushes, which has one, and leaves when his patience ends. Thread-safe.
 */
final class ShardAppends {
    /** Sends records, all or nothing that is known of; its own time is bounded. */
    @FunctionalInterface
    interface Send {
        AppendResult send(List<LogRecord> records) throws InterruptedException;
    }

    private final Send send;
    private final int bytesMax;
    private final Duration patience;
    private final Duration retryAfter;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Append> row = new ArrayDeque<>();
    private boolean sending;

    /** What one caller brought; its turn comes when it is answered, or is to send. */
    private static final class Append {
        final List<LogRecord> records;
        final Semaphore turn = new Semaphore(0);
        @Nullable AppendResult result;

        Append(List<LogRecord> records) {
            this.records = records;
        }

        int bytes() {
            return records.stream().mapToInt(LogRecord::sizeBytes).sum();
        }
    }

    /**
     * @param bytesMax up to here appends go together
     * @param patience of an append for its send to begin
     * @param retryAfter what those are told whose patience ended
     */
    ShardAppends(Send send, int bytesMax, Duration patience, Duration retryAfter) {
        this.send = send;
        this.bytesMax = bytesMax;
        this.patience = patience;
        this.retryAfter = retryAfter;
    }

    /** Waits for the send that carries {@code records}, and answers what became of that. */
    AppendResult append(List<LogRecord> records) throws InterruptedException {
        Append own = new Append(records);
        if (!enter(own) && !waits(own))
            return new NotStored("the log did not get to it in time", retryAfter);
        AppendResult answered = answer(own);
        return answered != null ? answered : sendWithOthers(own);
    }

    /** How many wait for a send to begin. */
    int waiting() {
        lock.lock();
        try {
            return row.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@code own} is to send at once. */
    private boolean enter(Append own) {
        lock.lock();
        try {
            row.add(own);
            return begins();
        } finally {
            lock.unlock();
        }
    }

    /** Until it is answered or is to send; false where it left the row before. */
    private boolean waits(Append own) throws InterruptedException {
        try {
            if (own.turn.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) return true;
        } catch (InterruptedException e) {
            if (withdraw(own)) throw e;
            Thread.currentThread().interrupt();
        }
        if (withdraw(own)) return false;
        // Somebody sends it, or waits for it to send.
        own.turn.acquireUninterruptibly();
        return true;
    }

    private boolean withdraw(Append own) {
        lock.lock();
        try {
            // Who was told to send in this very moment does, and who is being sent for waits.
            return own.turn.availablePermits() == 0 && own.result == null && row.remove(own);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable AppendResult answer(Append own) {
        lock.lock();
        try {
            return own.result;
        } finally {
            lock.unlock();
        }
    }

    private AppendResult sendWithOthers(Append own) throws InterruptedException {
        List<Append> together = take();
        AppendResult result = new NotStored("its send broke off", retryAfter);
        try {
            result = send.send(together.stream().flatMap(a -> a.records.stream()).toList());
            return result;
        } finally {
            // Whatever became of it, those behind must hear, and the next must send.
            end(own, together, result);
        }
    }

    private List<Append> take() {
        lock.lock();
        try {
            List<Append> together = new ArrayList<>();
            int bytes = 0;
            for (Append each : row) {
                bytes += each.bytes();
                if (!together.isEmpty() && bytes > bytesMax) break;
                together.add(each);
            }
            for (Append _ : together) row.removeFirst();
            return together;
        } finally {
            lock.unlock();
        }
    }

    private void end(Append own, List<Append> together, AppendResult result) {
        lock.lock();
        try {
            for (Append each : together) {
                each.result = result;
                if (each != own) each.turn.release();
            }
            sending = false;
            Append next = row.peek();
            if (next != null && begins()) next.turn.release();
        } finally {
            lock.unlock();
        }
    }

    private boolean begins() {
        if (sending) return false;
        sending = true;
        return true;
    }
}
