package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.settings.ByteSize;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CloseTest {
    @TempDir Path folder;

    /** So long a drain that a test which must wait for its end does not pass. */
    private static final HttpSettings LONG_DRAIN =
            new HttpSettings(
                    "127.0.0.1",
                    0,
                    100,
                    100,
                    100,
                    ByteSize.ofMiB(1),
                    Duration.ofHours(1),
                    Duration.ofHours(1),
                    Duration.ofSeconds(20),
                    Duration.ofHours(1),
                    List.of());

    @Test
    void idle_clients_do_not_hold_closing_up() throws Exception {
        TestNode node =
                new TestNode(
                        folder,
                        LONG_DRAIN,
                        new Router().route("GET", "/", request -> Response.empty(204)));
        try (HttpClient one = node.client(Version.HTTP_1_1);
                HttpClient two = node.client(Version.HTTP_2);
                var raw = node.socket()) {
            node.get(one, "/");
            node.get(two, "/");
            assertThat(raw.isConnected()).isTrue();
            // One whose handshake is not done at the node's side is not idle yet.
            awaitConnections(node, 3);
            close(node);
            assertThatThrownBy(() -> node.get(one, "/")).isInstanceOf(IOException.class);
        } finally {
            node.close();
        }
    }

    @Test
    void a_request_under_way_is_finished_and_one_that_never_ends_is_not_waited_for()
            throws Exception {
        CountDownLatch entered = new CountDownLatch(2);
        CountDownLatch finish = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/slow",
                                request -> {
                                    entered.countDown();
                                    finish.await();
                                    return Response.text(200, "done");
                                })
                        .route(
                                "GET",
                                "/never",
                                request -> {
                                    entered.countDown();
                                    never.await();
                                    return Response.empty(204);
                                });
        TestNode node = new TestNode(folder, router);
        try (HttpClient one = node.client(Version.HTTP_1_1);
                HttpClient two = node.client(Version.HTTP_2)) {
            var slow = one.sendAsync(node.request("/slow").build(), BodyHandlers.ofString());
            var endless = two.sendAsync(node.request("/never").build(), BodyHandlers.ofString());
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            var closing = CompletableFuture.runAsync(node.http::close);
            finish.countDown();
            assertThat(slow.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
            closing.get(10, TimeUnit.SECONDS);
            assertThatThrownBy(() -> endless.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
        } finally {
            never.countDown();
            node.close();
        }
    }

    @Test
    void sessions_are_told_and_streams_end() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Router router =
                new Router()
                        .socket(
                                "/session",
                                request ->
                                        new WebSocketHandler.Upgrade.Accept(session -> {
                                            while (!(session.receive()
                                                    instanceof Session.Incoming.Closed)) {}
                                        }))
                        .route(
                                "GET",
                                "/events",
                                request ->
                                        Response.events(events -> {
                                            CountDownLatch closed = new CountDownLatch(1);
                                            events.onClose(closed::countDown);
                                            events.send("1", "change", "x");
                                            entered.countDown();
                                            closed.await();
                                        }));
        TestNode node = new TestNode(folder, LONG_DRAIN, router);
        try (HttpClient client = node.client(Version.HTTP_2)) {
            CompletableFuture<Integer> code = new CompletableFuture<>();
            client.newWebSocketBuilder()
                    .buildAsync(
                            URI.create("wss://localhost:" + node.http.port() + "/session"),
                            new WebSocket.Listener() {
                                @Override
                                public CompletionStage<?> onClose(
                                        WebSocket socket, int status, String reason) {
                                    code.complete(status);
                                    return CompletableFuture.completedStage(reason);
                                }
                            })
                    .get(10, TimeUnit.SECONDS);
            var events = client.sendAsync(node.request("/events").build(), BodyHandlers.ofString());
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            close(node);
            assertThat(code.get(10, TimeUnit.SECONDS)).isEqualTo(Session.GOING_AWAY);
            assertThat(events.get(10, TimeUnit.SECONDS).body()).startsWith("id: 1\n");
        } finally {
            node.close();
        }
    }

    private static void awaitConnections(TestNode node, int count) throws InterruptedException {
        Gauge open = node.meters.get("holdfast.http.connections").gauge();
        for (int looks = 0; open.value() < count && looks < 1_000; looks++) Thread.sleep(10);
        assertThat(open.value()).isEqualTo(count);
    }

    /** By another thread, so that a close which never returns fails its test. */
    private static void close(TestNode node) throws Exception {
        CompletableFuture.runAsync(node.http::close).get(30, TimeUnit.SECONDS);
    }
}
