package dev.holdfast.region.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.region.RealServices;
import dev.holdfast.region.log.LogReader.Delivery;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Against the real RocketMQ. */
@ExtendWith(RealServices.class)
final class RocketLogTest {
    private static final Duration SECONDS = Duration.ofSeconds(30);

    @Test
    void records_go_round_while_the_same_process_serves_http(BrokerProcess broker)
            throws Exception {
        // Both stand on one Netty, which RocketMQ does not promise to work with.
        Vertx vertx = Vertx.vertx();
        try (RocketLog log = RocketLog.open(LogSettings.of(broker.address(), "round"));
                HttpClient client = HttpClient.newHttpClient()) {
            HttpServer server =
                    await(
                            vertx.createHttpServer()
                                    .requestHandler(request -> request.response().end("here"))
                                    .listen(0, "127.0.0.1"));
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
                            .build();
            try (LogReader reader = log.reader("round")) {
                Map<String, byte[]> sent = new HashMap<>();
                Random random = new Random(7);
                for (int batch = 0; batch < 10; batch++) {
                    List<LogRecord> records = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        byte[] body = new byte[1 + random.nextInt(4_000)];
                        random.nextBytes(body);
                        String id = "request-" + batch + "-" + i;
                        sent.put(id, body);
                        records.add(
                                new LogRecord(
                                        "clinic-" + random.nextInt(9), body, Map.of("id", id)));
                    }
                    assertThat(log.append(records)).isInstanceOf(AppendResult.Stored.class);
                    assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
                            .isEqualTo("here");
                }
                for (Delivery delivery : read(reader, sent.size())) {
                    LogRecord record = delivery.record();
                    assertThat(record.properties()).containsOnlyKeys("id");
                    assertThat(delivery.shard()).isEqualTo(log.shard(record.scope()));
                    assertThat(sent.remove(record.properties().get("id"))).isEqualTo(record.body());
                    if (sent.size() % 20 == 0)
                        assertThat(
                                        client.send(request, HttpResponse.BodyHandlers.ofString())
                                                .statusCode())
                                .isEqualTo(200);
                }
                assertThat(sent).isEmpty();
                reader.commit();
            }
        } finally {
            await(vertx.close());
        }
    }

    @Test
    void a_scope_keeps_its_order_whatever_travels_beside_it(BrokerProcess broker) {
        LogSettings small =
                new LogSettings(
                        broker.address(), "ordered", SECONDS, Duration.ofSeconds(10), 4_096);
        try (RocketLog log = RocketLog.open(small);
                LogReader reader = log.reader("order")) {
            int scopes = 10;
            int rounds = 30;
            for (int round = 0; round < rounds; round++) {
                List<LogRecord> records = new ArrayList<>();
                for (int i = 0; i < 2 * scopes; i++)
                    records.add(
                            numbered("ward-" + i % scopes, 2 * round + i / scopes, 100 + 13 * i));
                assertThat(log.append(records)).isInstanceOf(AppendResult.Stored.class);
            }
            Map<String, Integer> next = new HashMap<>();
            for (Delivery delivery : read(reader, 2 * scopes * rounds)) {
                String scope = delivery.record().scope();
                int expected = next.getOrDefault(scope, 0);
                next.put(scope, expected + 1);
                assertThat(number(delivery.record())).isEqualTo(expected);
            }
            assertThat(next).hasSize(scopes);
        }
    }

    @Test
    void what_is_not_committed_comes_again_after_a_rewind_and_after_a_restart(
            BrokerProcess broker) {
        LogSettings settings =
                new LogSettings(
                        broker.address(), "rewound", SECONDS, Duration.ofSeconds(10), 4_096);
        try (RocketLog log = RocketLog.open(settings)) {
            List<LogRecord> records = new ArrayList<>();
            for (int i = 0; i < 30; i++) records.add(numbered("till", i, 50));
            assertThat(log.append(records)).isInstanceOf(AppendResult.Stored.class);

            try (LogReader reader = log.reader("rewinders")) {
                List<Delivery> first = read(reader, 10);
                reader.commit();
                List<Delivery> second = read(reader, 10);
                reader.rewind();
                assertThat(numbers(read(reader, 10))).isEqualTo(numbers(second));
                assertThat(numbers(first)).startsWith(0).endsWith(9);
                assertThat(reader.backlog()).isEqualTo(20);
            }
            try (LogReader reader = log.reader("rewinders")) {
                List<Integer> again = numbers(read(reader, 20));
                assertThat(again).startsWith(10).endsWith(29);
                reader.commit();
                assertThat(reader.backlog()).isZero();
            }
        }
    }

    @Test
    void a_large_message_goes_round_and_a_larger_one_is_refused(BrokerProcess broker) {
        LogSettings settings =
                new LogSettings(
                        broker.address(), "large", SECONDS, Duration.ofSeconds(10), 1 << 20);
        byte[] body = new byte[3 << 19];
        new Random(1).nextBytes(body);
        byte[] largest = new byte[LogRecord.BODY_BYTES_MAX];
        new Random(2).nextBytes(largest);
        try (RocketLog log = RocketLog.open(settings);
                LogReader reader = log.reader("large")) {
            assertThat(
                            log.append(
                                    List.of(
                                            new LogRecord("scan", body, Map.of()),
                                            new LogRecord("scan", largest, Map.of()))))
                    .isInstanceOf(AppendResult.Stored.class);
            List<Delivery> read = read(reader, 2);
            assertThat(read.get(0).record().body()).isEqualTo(body);
            assertThat(read.get(1).record().body()).isEqualTo(largest);
        }
        assertThatThrownBy(() -> new LogRecord("scan", new byte[largest.length + 1], Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void what_was_acknowledged_before_the_broker_was_killed_is_read_afterwards(BrokerProcess broker)
            throws Exception {
        LogSettings settings =
                new LogSettings(
                        broker.address(), "killed", SECONDS, Duration.ofSeconds(3), 1 << 20);
        Set<Integer> acknowledged = new HashSet<>();
        try (RocketLog log = RocketLog.open(settings)) {
            long victim = broker.pid();
            int number = 0;
            int refused = 0;
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            // Kill in the middle, then go on until the next broker has taken as much again.
            while (acknowledged.size() < 2_000 && System.nanoTime() < end) {
                List<LogRecord> records = new ArrayList<>();
                for (int i = 0; i < 20; i++) records.add(numbered("s" + i % 7, number + i, 300));
                switch (log.append(records)) {
                    case AppendResult.Stored() -> {
                        for (int i = 0; i < 20; i++) acknowledged.add(number + i);
                    }
                    case AppendResult.NotStored(String reason, Duration retryAfter) -> {
                        assertThat(reason).isNotBlank();
                        assertThat(retryAfter).isPositive();
                        refused++;
                        TimeUnit.MILLISECONDS.sleep(50);
                    }
                }
                number += 20;
                if (number == 1_000) ProcessHandle.of(victim).orElseThrow().destroyForcibly();
            }
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(2_000);
            assertThat(refused).isPositive();
            assertThat(broker.running()).isTrue();
            assertThat(broker.pid()).isNotEqualTo(victim);

            Set<Integer> missing = new HashSet<>(acknowledged);
            try (LogReader reader = log.reader("after-the-kill")) {
                while (!missing.isEmpty() && System.nanoTime() < end) {
                    for (Delivery delivery : reader.poll(500, Duration.ofSeconds(1)))
                        missing.remove(number(delivery.record()));
                    reader.commit();
                }
            }
            assertThat(missing).isEmpty();
        }
    }

    @Test
    void a_closed_reader_returns_nothing_and_closing_is_quick(BrokerProcess broker)
            throws Exception {
        try (RocketLog log = RocketLog.open(LogSettings.of(broker.address()))) {
            LogReader reader = log.reader("stopped");
            Thread polling =
                    Thread.ofVirtual()
                            .start(() -> {
                                List<Delivery> read;
                                do read = reader.poll(1_000, Duration.ofMinutes(5));
                                while (!read.isEmpty());
                            });
            reader.close();
            assertThat(polling.join(Duration.ofSeconds(5))).isTrue();
            assertThat(reader.poll(1, Duration.ofMinutes(5))).isEmpty();
        }
    }

    @Test
    void properties_that_rocketmq_would_garble_are_refused() {
        byte[] body = {1};
        for (Map<String, String> bad :
                List.of(
                        Map.of("a", "x\u0001y"),
                        Map.of("a\u0002", "x"),
                        Map.of("a", ""),
                        Map.of("scope", "x"),
                        Map.of("a", "x".repeat(5_000))))
            assertThatThrownBy(() -> new LogRecord("s", body, bad))
                    .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LogRecord("s", new byte[0], Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Exactly so many, as they come. */
    private static List<Delivery> read(LogReader reader, int count) {
        List<Delivery> read = new ArrayList<>();
        long deadline = System.nanoTime() + SECONDS.toNanos();
        while (read.size() < count && System.nanoTime() < deadline)
            read.addAll(reader.poll(count - read.size(), Duration.ofSeconds(1)));
        assertThat(read).hasSize(count);
        return read;
    }

    private static LogRecord numbered(String scope, int number, int size) {
        return new LogRecord(
                scope, ByteBuffer.allocate(size).putInt(number).array(), Map.of("n", "" + number));
    }

    private static int number(LogRecord record) {
        return ByteBuffer.wrap(record.body()).getInt();
    }

    private static List<Integer> numbers(List<Delivery> deliveries) {
        return deliveries.stream().map(delivery -> number(delivery.record())).toList();
    }

    private static <T> T await(io.vertx.core.Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
