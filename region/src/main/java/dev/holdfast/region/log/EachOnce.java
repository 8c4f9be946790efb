package dev.holdfast.region.log;

import java.util.List;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Shares the shards out evenly among readers, each counted once. A broker that stood still for a
 * while may name a reader several times, once for each connection that the reader has tried
 * meanwhile; by RocketMQ's own rule what falls to the repetitions is read by nobody until the
 * broker forgets them, after two minutes.
 */
final class EachOnce implements AllocateMessageQueueStrategy {
    private final AllocateMessageQueueStrategy evenly = new AllocateMessageQueueAveragely();

    @Override
    public List<MessageQueue> allocate(
            String group, String self, List<MessageQueue> shards, List<String> readers) {
        return evenly.allocate(group, self, shards, readers.stream().distinct().toList());
    }

    @Override
    public String getName() {
        return "EACH_ONCE";
    }
}
