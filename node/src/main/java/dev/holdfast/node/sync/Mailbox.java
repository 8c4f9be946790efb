package dev.holdfast.node.sync;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one session's driver. Answers are as many as there were questions. News is joined:
 * of a feed only the newest head counts, of a region's word the newest about the same replicas; and
 * where more different news than {@link #MAX_NEWS} waits, the session is too slow for it and is to
 * end, since its client finds all of it when it comes again. Many threads put, one takes.
 */
final class Mailbox implements Follower {
    static final int MAX_NEWS = 2_000;

    /** What comes next. */
    sealed interface Mail {
        /** What the backend answered. */
        record Answered(Session.Event event) implements Mail {}

        /** Asking the backend failed. */
        record Failed(Throwable fault) implements Mail {}

        record News(Session.Event event) implements Mail {}

        /** The socket may have something. */
        record Arrived() implements Mail {}

        /** The node wants this session ended. */
        record Dismissed(Message.Bye.Code code, String reason) implements Mail {}

        /** Nothing came in the time given. */
        record Nothing() implements Mail {}
    }

    /** Words that replace each other. */
    private record Word(ReplicaId node, String scope, Durability level, Set<ReplicaId> about) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final ArrayDeque<Mail> answers = new ArrayDeque<>();
    private final LinkedHashMap<Object, Session.Event> waiting = new LinkedHashMap<>();
    private boolean arrived;
    private boolean shut;
    private Mail.@Nullable Dismissed dismissed;

    /** An answer, or that there will be none. */
    void put(Mail answer) {
        lock.lock();
        try {
            answers.add(answer);
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Something came in, or the socket closed. */
    void arrived() {
        lock.lock();
        try {
            arrived = true;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the session as soon as its driver looks; its client comes again. */
    void dismiss(String reason) {
        dismiss(Message.Bye.Code.CLOSING, reason);
    }

    /** The same for a reason that may keep the client away. */
    void dismiss(Message.Bye.Code code, String reason) {
        lock.lock();
        try {
            if (dismissed == null && !shut) dismissed = new Mail.Dismissed(code, reason);
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** From now on only answers count. */
    void shut() {
        lock.lock();
        try {
            shut = true;
            dismissed = null;
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void grew(String scope, FeedHead head) {
        join(scope, new Session.Event.Grew(scope, head));
    }

    @Override
    public void marked(Message.Watermark watermark) {
        Receipt receipt = watermark.receipt().receipt();
        Set<ReplicaId> about = new TreeSet<>();
        for (Span span : receipt.spans()) about.add(span.replica());
        join(
                new Word(receipt.node(), receipt.scope(), receipt.level(), about),
                new Session.Event.Marked(watermark));
    }

    @Override
    public void refused(Message.Reject refusal) {
        join(refusal.verdict(), new Session.Event.Refused(refusal));
    }

    /**
     * Waits for what comes next; answers come first, since they make room.
     *
     * @param reading whether the socket is of interest now
     * @param patience how long to wait, or null for as long as it takes
     */
    Mail next(boolean reading, @Nullable Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long left = patience == null ? Long.MAX_VALUE : patience.toNanos();
            while (true) {
                if (dismissed != null) return dismissed;
                Mail answer = answers.poll();
                if (answer != null) return answer;
                Map.Entry<Object, Session.Event> first = waiting.pollFirstEntry();
                if (first != null) return new Mail.News(first.getValue());
                if (reading && arrived) {
                    arrived = false;
                    return new Mail.Arrived();
                }
                if (left <= 0) return new Mail.Nothing();
                left = news.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void join(Object about, Session.Event event) {
        lock.lock();
        try {
            if (shut) return;
            waiting.put(about, event);
            if (waiting.size() > MAX_NEWS) {
                waiting.clear();
                dismiss("too slow for what happens here");
            }
            news.signal();
        } finally {
            lock.unlock();
        }
    }
}
