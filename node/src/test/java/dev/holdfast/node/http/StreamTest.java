package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTest {
    private static final byte[] BLOCK = new byte[50_000];

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void events_arrive_in_order_and_the_stream_ends(String version) throws Exception {
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/events",
                                request ->
                                        Response.events(events -> {
                                            for (int i = 0; i < 1000; i++)
                                                events.send(
                                                        "" + i, "change", "line " + i + "\nmore");
                                        }));
        try (TestNode node = new TestNode(folder, router);
                HttpClient client = node.client(Version.valueOf(version))) {
            HttpResponse<String> answer = node.get(client, "/events");
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
            StringBuilder expected = new StringBuilder();
            for (int i = 0; i < 1000; i++)
                expected.append("id: ")
                        .append(i)
                        .append("\nevent: change\ndata: line ")
                        .append(i)
                        .append("\ndata: more\n\n");
            assertThat(answer.body()).isEqualTo(expected.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void a_reader_that_leaves_wakes_the_writer(String version) throws Exception {
        BlockingQueue<String> queue = new LinkedBlockingQueue<>();
        CountDownLatch ended = new CountDownLatch(1);
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/events",
                                request ->
                                        Response.events(events -> {
                                            events.onClose(() -> queue.add("closed"));
                                            events.send("1", "change", "first");
                                            if (queue.take().equals("closed")) ended.countDown();
                                        }));
        try (TestNode node = new TestNode(folder, router)) {
            HttpClient client = node.client(Version.valueOf(version));
            var lines = client.send(node.request("/events").build(), BodyHandlers.ofInputStream());
            assertThat(lines.body().read()).isEqualTo('i');
            client.shutdownNow();
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void a_reader_that_stalls_holds_the_writer_back_and_is_given_up(String version)
            throws Exception {
        AtomicLong written = new AtomicLong();
        CountDownLatch gone = new CountDownLatch(1);
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/endless",
                                request ->
                                        Response.stream(
                                                "application/octet-stream",
                                                out -> {
                                                    try {
                                                        while (true) {
                                                            out.write(BLOCK);
                                                            written.addAndGet(BLOCK.length);
                                                        }
                                                    } catch (ConnectionClosedException e) {
                                                        gone.countDown();
                                                        throw e;
                                                    }
                                                }));
        HttpSettings standard = HttpSettings.at("127.0.0.1", 0);
        HttpSettings quick =
                new HttpSettings(
                        standard.host(),
                        0,
                        100,
                        10,
                        4,
                        standard.bufferedBodies(),
                        standard.bodyTimeout(),
                        standard.idleTimeout(),
                        Duration.ofMillis(300),
                        Duration.ofMillis(300),
                        List.of());
        try (TestNode node = new TestNode(folder, quick, router)) {
            HttpClient client = node.client(Version.valueOf(version));
            var endless =
                    client.send(node.request("/endless").build(), BodyHandlers.ofInputStream());
            assertThat(endless.body().read()).isZero();
            assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(written.get()).isLessThan(100 << 20);
            client.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void a_stream_that_fails_does_not_look_whole(String version) throws Exception {
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/broken",
                                request ->
                                        Response.stream(
                                                "text/plain",
                                                out -> {
                                                    out.write(
                                                            "half"
                                                                    .getBytes(
                                                                            StandardCharsets
                                                                                    .UTF_8));
                                                    throw new IllegalStateException("broken");
                                                }));
        try (TestNode node = new TestNode(folder, router);
                HttpClient client = node.client(Version.valueOf(version))) {
            assertThatThrownBy(() -> node.get(client, "/broken")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void large_streams_arrive_whole() throws Exception {
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/large",
                                request ->
                                        Response.stream(
                                                "application/octet-stream",
                                                out -> {
                                                    for (int i = 0; i < 400; i++) out.write(BLOCK);
                                                }));
        try (TestNode node = new TestNode(folder, router);
                HttpClient client = node.client(Version.HTTP_2)) {
            var answer = client.send(node.request("/large").build(), BodyHandlers.ofByteArray());
            assertThat(answer.body()).hasSize(400 * BLOCK.length);
        }
    }
}
