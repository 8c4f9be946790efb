package dev.holdfast.region.log;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * A {@link LogReader} on RocketMQ's pulling consumer, whose own idea of what was consumed is never
 * used: it counts a message as soon as it is polled.
 *
 * <p>What was handed out and not committed stays here, so {@link #rewind} needs no network and
 * works while a shard is moving to another reader. It is bounded by what the caller polls between
 * two commits; ahead of the caller the client keeps, per shard, about {@value #AHEAD_PER_SHARD_MAX}
 * messages or {@value #AHEAD_PER_SHARD_MEBIBYTES} MiB.
 */
final class RocketReader implements LogReader {
    private static final int PULL_MAX = 256;
    private static final int AHEAD_PER_SHARD_MAX = 512;
    private static final int AHEAD_PER_SHARD_MEBIBYTES = 4;
    private static final int COMMIT_MILLIS = 1_000;

    /** How long a poll holds the client's lock, which stopping wants too. */
    private static final long POLL_SLICE_MILLIS = 250;

    private final RocketLog log;
    private final DefaultLitePullConsumer consumer;

    /**
     * To be handed out next; not empty only after a rewind or when a pull was larger than asked.
     */
    private final Deque<MessageExt> waiting = new ArrayDeque<>();

    private final Deque<MessageExt> handedOut = new ArrayDeque<>();

    /**
     * As of the last poll: asking the client takes its lock, which a reader that polls on and on
     * hardly ever leaves to another thread.
     */
    private volatile Set<MessageQueue> assigned = Set.of();

    private volatile boolean closed;

    private RocketReader(RocketLog log, DefaultLitePullConsumer consumer) {
        this.log = log;
        this.consumer = consumer;
    }

    static RocketReader open(LogSettings settings, String group, RocketLog log) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group);
        consumer.setNamesrvAddr(settings.namesrvAddress());
        consumer.setAutoCommit(false);
        consumer.setAllocateMessageQueueStrategy(new EachOnce());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPullBatchSize(PULL_MAX);
        // Counted in pulls that bring as much as they may, and a pull of fresh messages brings one:
        // the limits per shard are meant to be met first.
        consumer.setPullThresholdForAll((long) PULL_MAX * AHEAD_PER_SHARD_MAX * log.shards());
        consumer.setPullThresholdForQueue(AHEAD_PER_SHARD_MAX);
        consumer.setPullThresholdSizeForQueue(AHEAD_PER_SHARD_MEBIBYTES);
        consumer.setPersistConsumerOffsetInterval(COMMIT_MILLIS);
        consumer.setPullThreadNums(log.shards());
        try {
            consumer.subscribe(settings.topic(), "*");
            consumer.start();
        } catch (MQClientException e) {
            consumer.shutdown();
            throw new LogException("reading " + settings.topic() + " as " + group, e);
        }
        return new RocketReader(log, consumer);
    }

    @Override
    public List<Delivery> poll(int max, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<Delivery> deliveries = new ArrayList<>();
        while (!closed && deliveries.size() < max) {
            if (waiting.isEmpty() && !pull(deliveries.isEmpty() ? deadline : System.nanoTime())) {
                if (!deliveries.isEmpty() || System.nanoTime() - deadline >= 0) break;
                if (Thread.currentThread().isInterrupted()) break;
                continue;
            }
            MessageExt message = waiting.removeFirst();
            handedOut.addLast(message);
            deliveries.add(delivery(message));
        }
        return deliveries;
    }

    /** Fetches what the client has, waiting for one slice at most; false when that is nothing. */
    private boolean pull(long deadlineNanos) {
        long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
        try {
            waiting.addAll(consumer.poll(Math.clamp(leftMillis, 0, POLL_SLICE_MILLIS)));
            assigned = Set.copyOf(consumer.assignment());
        } catch (IllegalStateException e) {
            // The client's way to say that it was shut down between our check and the call.
            if (!closed) throw e;
        } catch (MQClientException e) {
            throw new LogException("asking which shards are read here", e);
        }
        return !waiting.isEmpty();
    }

    @Override
    public void commit() {
        Map<MessageQueue, Long> next = new HashMap<>();
        for (MessageExt message : handedOut) next.put(queue(message), message.getQueueOffset() + 1);
        handedOut.clear();
        // Shards that have moved to another reader meanwhile are left out by the client.
        if (!next.isEmpty() && !closed) consumer.commit(next, false);
    }

    @Override
    public void rewind() {
        while (!handedOut.isEmpty()) waiting.addFirst(handedOut.removeLast());
    }

    @Override
    public long backlog() {
        try {
            long total = 0;
            for (MessageQueue queue : assigned) {
                long end = log.end(queue);
                total += Math.max(0, end - Math.max(0, consumer.committed(queue)));
            }
            return total;
        } catch (MQClientException e) {
            throw new LogException("asking how much is not consumed", e);
        }
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        log.forget(this);
        Shutdown.bounded("reader", consumer::shutdown);
    }

    private Delivery delivery(MessageExt message) {
        Map<String, String> properties = new HashMap<>(message.getProperties());
        properties.keySet().removeAll(MessageConst.STRING_HASH_SET);
        String scope = properties.remove(LogRecord.SCOPE_PROPERTY);
        return new Delivery(
                LogRecord.received(scope == null ? "" : scope, message.getBody(), properties),
                log.shardOf(queue(message)),
                message.getQueueOffset());
    }

    private static MessageQueue queue(MessageExt message) {
        return new MessageQueue(message.getTopic(), message.getBrokerName(), message.getQueueId());
    }
}
