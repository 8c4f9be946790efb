package dev.holdfast.region.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.region.log.AppendResult.NotStored;
import dev.holdfast.region.log.AppendResult.Stored;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShardAppendsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int BYTES_MAX = 10_000;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** The sends as they happen, by the bodies' first bytes; each ends when it is answered. */
    private final SynchronousQueue<String> begun = new SynchronousQueue<>();

    private final SynchronousQueue<AppendResult> answers = new SynchronousQueue<>();

    private ShardAppends appends(Duration patience) {
        return new ShardAppends(
                records -> {
                    StringBuilder names = new StringBuilder();
                    for (LogRecord record : records) names.append((char) record.body()[0]);
                    begun.put(names.toString());
                    return answers.take();
                },
                BYTES_MAX,
                patience,
                RETRY);
    }

    private static LogRecord record(char name, int bytes) {
        byte[] body = new byte[bytes];
        body[0] = (byte) name;
        return new LogRecord("clinic-7", body, Map.of());
    }

    /** In their order: each waits in the row before the next comes. */
    private List<Future<AppendResult>> come(ShardAppends appends, String names, int bytes) {
        List<Future<AppendResult>> coming = new ArrayList<>();
        for (int i = 0; i < names.length(); i++) {
            List<LogRecord> records = List.of(record(names.charAt(i), bytes));
            int before = appends.waiting();
            coming.add(threads.submit(() -> appends.append(records)));
            while (appends.waiting() == before) Thread.onSpinWait();
        }
        return coming;
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void what_comes_while_a_send_is_under_way_goes_together_in_the_next() throws Exception {
        ShardAppends appends = appends(LONG);
        Future<AppendResult> first = threads.submit(() -> appends.append(List.of(record('a', 10))));
        assertThat(begun.take()).isEqualTo("a");
        List<Future<AppendResult>> others = come(appends, "bcd", 10);
        answers.put(new Stored());
        assertThat(first.get()).isEqualTo(new Stored());
        assertThat(begun.take()).isEqualTo("bcd");
        answers.put(new Stored());
        for (Future<AppendResult> each : others) assertThat(each.get()).isEqualTo(new Stored());
    }

    @Test
    void together_they_are_no_larger_than_a_batch_may_be() throws Exception {
        ShardAppends appends = appends(LONG);
        var _ = threads.submit(() -> appends.append(List.of(record('a', 10))));
        assertThat(begun.take()).isEqualTo("a");
        List<Future<AppendResult>> others = come(appends, "bcd", 4_000);
        answers.put(new Stored());
        assertThat(begun.take()).isEqualTo("bc");
        answers.put(new Stored());
        assertThat(begun.take()).isEqualTo("d");
        answers.put(new Stored());
        for (Future<AppendResult> each : others) assertThat(each.get()).isEqualTo(new Stored());
    }

    @Test
    void all_that_went_together_hear_that_it_was_not_stored_and_those_behind_go_on()
            throws Exception {
        ShardAppends appends = appends(LONG);
        var _ = threads.submit(() -> appends.append(List.of(record('a', 10))));
        assertThat(begun.take()).isEqualTo("a");
        List<Future<AppendResult>> others = come(appends, "bc", 10);
        answers.put(new Stored());
        assertThat(begun.take()).isEqualTo("bc");
        Future<AppendResult> last = come(appends, "d", 10).getFirst();
        NotStored refused = new NotStored("the broker is away", RETRY);
        answers.put(refused);
        for (Future<AppendResult> each : others) assertThat(each.get()).isEqualTo(refused);
        assertThat(begun.take()).isEqualTo("d");
        answers.put(new Stored());
        assertThat(last.get()).isEqualTo(new Stored());
    }

    @Test
    void a_send_that_breaks_off_is_not_stored_and_holds_up_nobody() throws Exception {
        ShardAppends appends =
                new ShardAppends(
                        records -> {
                            begun.put("");
                            AppendResult answer = answers.take();
                            if (answer instanceof NotStored) throw new LogException("broken");
                            return answer;
                        },
                        BYTES_MAX,
                        LONG,
                        RETRY);
        Future<AppendResult> first = threads.submit(() -> appends.append(List.of(record('a', 10))));
        begun.take();
        List<Future<AppendResult>> others = come(appends, "b", 10);
        answers.put(new NotStored("", RETRY));
        assertThatThrownBy(first::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LogException.class);
        begun.take();
        answers.put(new Stored());
        assertThat(others.getFirst().get()).isEqualTo(new Stored());
    }

    @Test
    void who_is_not_sent_in_time_is_told_to_come_again_and_is_not_sent() throws Exception {
        ShardAppends appends = appends(Duration.ofMillis(1));
        Future<AppendResult> first = threads.submit(() -> appends.append(List.of(record('a', 10))));
        assertThat(begun.take()).isEqualTo("a");
        AppendResult late = appends.append(List.of(record('b', 10)));
        assertThat(late).isEqualTo(new NotStored("the log did not get to it in time", RETRY));
        answers.put(new Stored());
        assertThat(first.get()).isEqualTo(new Stored());
        assertThat(appends.waiting()).isZero();
    }
}
