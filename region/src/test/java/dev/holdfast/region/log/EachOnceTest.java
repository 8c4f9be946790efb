package dev.holdfast.region.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;

final class EachOnceTest {
    private static final List<MessageQueue> SHARDS =
            IntStream.range(0, 8).mapToObj(i -> new MessageQueue("topic", "broker", i)).toList();

    @Test
    void every_shard_has_one_reader_though_the_broker_names_some_of_them_again() {
        List<String> named = List.of("one", "one", "one", "two", "two");
        List<MessageQueue> read = new ArrayList<>();
        for (String reader : List.of("one", "two"))
            read.addAll(new EachOnce().allocate("group", reader, SHARDS, named));
        assertThat(read).containsExactlyElementsOf(SHARDS);
    }
}
