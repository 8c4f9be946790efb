package dev.holdfast.region.log;

import dev.holdfast.region.log.AppendResult.NotStored;
import dev.holdfast.region.log.AppendResult.Stored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/**
 * The {@link Log} on a RocketMQ topic, through the remoting client. A shard is a queue of the
 * topic; which one a scope belongs to depends only on the scope and the number of queues, so every
 * process agrees as long as that number stays.
 */
public final class RocketLog implements Log {
    /** RocketMQ's word for "try again": its disk is full, it starts, or it stops. */
    private static final Duration RETRY_UNAVAILABLE = Duration.ofSeconds(10);

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Above a whole batch with its properties; the broker's limit is the same. */
    private static final int MESSAGE_BYTES_MAX = 4 << 20;

    static {
        // Before any other class of RocketMQ: without it its topics cannot be found, silently.
        System.setProperty(
                "rocketmq.remoting.version", Integer.toString(MQVersion.CURRENT_VERSION));
    }

    private final LogSettings settings;
    private final DefaultMQProducer producer;
    private final List<MessageQueue> queues;
    private final List<ShardAppends> appends;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<RocketReader> readers = ConcurrentHashMap.newKeySet();

    private RocketLog(LogSettings settings, DefaultMQProducer producer, List<MessageQueue> queues) {
        this.settings = settings;
        this.producer = producer;
        this.queues = queues;
        this.appends =
                queues.stream()
                        .map(queue ->
                                new ShardAppends(
                                        records -> sendInParts(queue, records),
                                        settings.batchBytesMax(),
                                        settings.sendTimeout(),
                                        RETRY))
                        .toList();
    }

    /**
     * Connects, and waits until the topic can be found.
     *
     * @throws LogException when it cannot be within the settings' time
     */
    public static RocketLog open(LogSettings settings) {
        DefaultMQProducer producer = new DefaultMQProducer("holdfast-ingest");
        producer.setNamesrvAddr(settings.namesrvAddress());
        producer.setMaxMessageSize(MESSAGE_BYTES_MAX);
        // Bodies are compressed where they are made; once is enough.
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        try {
            producer.start();
            return new RocketLog(settings, producer, findQueues(settings, producer));
        } catch (MQClientException e) {
            producer.shutdown();
            throw new LogException("opening the log at " + settings.namesrvAddress(), e);
        } catch (LogException e) {
            producer.shutdown();
            throw e;
        }
    }

    /** Number of shards, numbered from 0. */
    public int shards() {
        return queues.size();
    }

    /** The shard of a scope; the same in every process. */
    public int shard(String scope) {
        // The language fixes String.hashCode; its low bits alone are uneven for names that end in
        // digits.
        int hash = scope.hashCode() * 0x9E3779B9;
        return Math.floorMod(hash ^ (hash >>> 16), queues.size());
    }

    @Override
    public AppendResult append(List<LogRecord> records) {
        Map<Integer, List<LogRecord>> byShard = new TreeMap<>();
        for (LogRecord record : records)
            byShard.computeIfAbsent(shard(record.scope()), shard -> new ArrayList<>()).add(record);
        if (byShard.isEmpty()) return new Stored();
        try {
            if (byShard.size() == 1) {
                var only = byShard.entrySet().iterator().next();
                return appends.get(only.getKey()).append(only.getValue());
            }
            List<Callable<AppendResult>> parts = new ArrayList<>();
            byShard.forEach((shard, part) -> parts.add(() -> appends.get(shard).append(part)));
            for (Future<AppendResult> part : threads.invokeAll(parts)) {
                AppendResult result = part.get();
                if (result instanceof NotStored) return result;
            }
            return new Stored();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new NotStored("interrupted", RETRY);
        } catch (ExecutionException e) {
            throw new LogException("appending " + records.size() + " records", e);
        }
    }

    /** One after the other, since a later part must not overtake an earlier one. */
    private AppendResult sendInParts(MessageQueue queue, List<LogRecord> records)
            throws InterruptedException {
        int from = 0;
        while (from < records.size()) {
            int to = from;
            int bytes = 0;
            do bytes += records.get(to++).sizeBytes();
            while (to < records.size()
                    && bytes + records.get(to).sizeBytes() <= settings.batchBytesMax());
            AppendResult result = send(queue, records.subList(from, to));
            if (result instanceof NotStored) return result;
            from = to;
        }
        return new Stored();
    }

    private AppendResult send(MessageQueue queue, List<LogRecord> records)
            throws InterruptedException {
        long timeoutMillis = settings.sendTimeout().toMillis();
        try {
            List<Message> messages = records.stream().map(this::message).toList();
            SendResult result =
                    messages.size() == 1
                            ? producer.send(messages.getFirst(), queue, timeoutMillis)
                            : producer.send(messages, queue, timeoutMillis);
            // FLUSH_DISK_TIMEOUT and its kin are statuses, not exceptions: the message is in
            // memory, and that is not enough.
            return result.getSendStatus() == SendStatus.SEND_OK
                    ? new Stored()
                    : new NotStored("the broker answered " + result.getSendStatus(), RETRY);
        } catch (MQBrokerException e) {
            return new NotStored(
                    "the broker refused: " + e.getErrorMessage(),
                    e.getResponseCode() == ResponseCode.SERVICE_NOT_AVAILABLE
                            ? RETRY_UNAVAILABLE
                            : RETRY);
        } catch (MQClientException | RemotingException e) {
            return new NotStored("the broker cannot be reached: " + e.getMessage(), RETRY);
        }
    }

    private Message message(LogRecord record) {
        Message message = new Message(settings.topic(), record.body());
        message.putUserProperty(LogRecord.SCOPE_PROPERTY, record.scope());
        record.properties().forEach(message::putUserProperty);
        return message;
    }

    @Override
    public LogReader reader(String group) {
        RocketReader reader = RocketReader.open(settings, group, this);
        readers.add(reader);
        return reader;
    }

    /** Told by a reader that it is closed. */
    void forget(RocketReader reader) {
        readers.remove(reader);
    }

    /** Number of a queue among the sorted queues of the topic. */
    int shardOf(MessageQueue queue) {
        return queues.indexOf(queue);
    }

    /** Records ever appended to a queue. */
    @SuppressWarnings("deprecation") // what is to replace it is in RocketMQ's admin tools only
    long end(MessageQueue queue) {
        try {
            return producer.maxOffset(queue);
        } catch (MQClientException e) {
            throw new LogException("asking for the end of " + queue, e);
        }
    }

    @Override
    public void close() {
        readers.forEach(RocketReader::close);
        threads.shutdown();
        Shutdown.bounded("log", producer::shutdown);
    }

    private static List<MessageQueue> findQueues(LogSettings settings, DefaultMQProducer producer) {
        long deadline = System.nanoTime() + settings.openTimeout().toNanos();
        while (true) {
            try {
                return producer.fetchPublishMessageQueues(settings.topic()).stream()
                        .sorted()
                        .toList();
            } catch (MQClientException e) {
                // A broker that has just started is not yet known to the name server.
                if (System.nanoTime() - deadline > 0)
                    throw new LogException(
                            "no topic "
                                    + settings.topic()
                                    + " at "
                                    + settings.namesrvAddress()
                                    + " after "
                                    + settings.openTimeout().toSeconds()
                                    + " s",
                            e);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LogException("interrupted while the log opened", e);
        }
    }
}
