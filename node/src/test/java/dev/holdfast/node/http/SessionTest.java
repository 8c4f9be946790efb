package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
    @TempDir static Path folder;
    private static TestNode node;
    private static final BlockingQueue<Session.Incoming> SEEN = new LinkedBlockingQueue<>();
    private static final CountDownLatch READ_ON = new CountDownLatch(1);

    /** How many messages the slow receiver had read when it was told that the client is done. */
    private static final CompletableFuture<Integer> READ = new CompletableFuture<>();

    private static final AtomicInteger SENT = new AtomicInteger();
    private static final BlockingQueue<String> ENDS = new LinkedBlockingQueue<>();

    @BeforeAll
    static void start() throws Exception {
        Router router =
                new Router()
                        .socket(
                                "/echo",
                                request -> new WebSocketHandler.Upgrade.Accept(SessionTest::echo))
                        .socket(
                                "/beating",
                                request ->
                                        new WebSocketHandler.Upgrade.Accept(session -> {
                                            session.heartbeat(Bytes.fromHex("0102"));
                                            echo(session);
                                        }))
                        .socket(
                                "/refused",
                                request ->
                                        new WebSocketHandler.Upgrade.Refuse(
                                                Problem.of(
                                                        401,
                                                        "grant-missing",
                                                        "No grant",
                                                        "Send a grant.")))
                        .socket(
                                "/fault",
                                request ->
                                        new WebSocketHandler.Upgrade.Accept(session -> {
                                            session.receive();
                                            throw new IllegalStateException("secret");
                                        }))
                        .socket(
                                "/patient",
                                request -> new WebSocketHandler.Upgrade.Accept(SessionTest::slow))
                        .socket(
                                "/flood",
                                request -> new WebSocketHandler.Upgrade.Accept(SessionTest::flood));
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
                        Duration.ofMillis(500),
                        List.of());
        node = new TestNode(folder, quick, router);
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    private static void echo(Session session) throws Exception {
        while (true) {
            switch (session.receive()) {
                case Session.Incoming.Binary binary -> session.send(binary.bytes());
                case Session.Incoming.Text text -> session.send(text.text());
                case Session.Incoming.Closed closed -> {
                    SEEN.add(closed);
                    return;
                }
            }
        }
    }

    private static void slow(Session session) throws Exception {
        READ_ON.await();
        int read = 0;
        while (session.receive() instanceof Session.Incoming.Binary) read++;
        READ.complete(read);
    }

    private static void flood(Session session) throws Exception {
        try {
            for (int i = 0; i < 10_000; i++) {
                session.send(Bytes.wrap(new byte[100_000]));
                SENT.incrementAndGet();
            }
        } catch (ConnectionClosedException e) {
            ENDS.add(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private record Client(WebSocket socket, BlockingQueue<Object> heard) {}

    private static Client open(String path, boolean reading) throws Exception {
        BlockingQueue<Object> heard = new ArrayBlockingQueue<>(1000);
        HttpClient client = node.client(HttpClient.Version.HTTP_1_1);
        WebSocket.Listener listener = new Listener(heard, reading);
        WebSocket socket =
                client.newWebSocketBuilder()
                        .buildAsync(
                                URI.create("wss://localhost:" + node.http.port() + path), listener)
                        .get(10, TimeUnit.SECONDS);
        return new Client(socket, heard);
    }

    private static final class Listener implements WebSocket.Listener {
        private final BlockingQueue<Object> heard;
        private final boolean reading;
        private final java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream();
        private final StringBuilder text = new StringBuilder();

        Listener(BlockingQueue<Object> heard, boolean reading) {
            this.heard = heard;
            this.reading = reading;
        }

        @Override
        public void onOpen(WebSocket socket) {
            if (reading) socket.request(1);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            whole.writeBytes(part);
            if (last) {
                heard.add(Bytes.copyOf(whole.toByteArray()));
                whole.reset();
            }
            socket.request(1);
            return CompletableFuture.completedStage(socket);
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedStage(socket);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("closed " + code + " " + reason);
            return CompletableFuture.completedStage(socket);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add("error " + error);
        }
    }

    @Test
    void messages_of_any_size_up_to_the_limit_come_back_whole() throws Exception {
        Client client = open("/echo", true);
        for (int size : new int[] {0, 1, 125, 126, 65_536, Session.MAX_MESSAGE_BYTES}) {
            byte[] message = new byte[size];
            if (size > 0) message[size - 1] = 7;
            client.socket.sendBinary(ByteBuffer.wrap(message), true).get(10, TimeUnit.SECONDS);
            assertThat(client.heard.poll(10, TimeUnit.SECONDS)).isEqualTo(Bytes.wrap(message));
        }
        client.socket.sendText("gesundheit é", true).get(10, TimeUnit.SECONDS);
        assertThat(client.heard.poll(10, TimeUnit.SECONDS)).isEqualTo("gesundheit é");
        SEEN.clear();
        client.socket.sendClose(1000, "bye").get(10, TimeUnit.SECONDS);
        assertThat(SEEN.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Session.Incoming.Closed(1000, "bye"));
    }

    @Test
    void a_message_beyond_the_limit_closes_the_session() throws Exception {
        Client client = open("/echo", true);
        // In two parts: a client that is still sending may lose the connection before it is told.
        ByteBuffer most = ByteBuffer.wrap(new byte[Session.MAX_MESSAGE_BYTES]);
        client.socket.sendBinary(most, false).get(10, TimeUnit.SECONDS);
        client.socket.sendBinary(ByteBuffer.wrap(new byte[1]), true).get(10, TimeUnit.SECONDS);
        assertThat((String) client.heard.poll(10, TimeUnit.SECONDS)).startsWith("closed 1009");
    }

    @Test
    void a_session_lives_through_silence_as_long_as_pings_are_answered() throws Exception {
        Client client = open("/echo", true);
        assertThat(client.heard.poll(1500, TimeUnit.MILLISECONDS)).isNull();
        client.socket.sendText("still here", true).get(10, TimeUnit.SECONDS);
        assertThat(client.heard.poll(10, TimeUnit.SECONDS)).isEqualTo("still here");
        client.socket.abort();
    }

    @Test
    void a_heartbeat_is_heard_with_each_ping() throws Exception {
        Client client = open("/beating", true);
        for (int beat = 0; beat < 3; beat++)
            assertThat(client.heard.poll(10, TimeUnit.SECONDS)).isEqualTo(Bytes.fromHex("0102"));
        client.socket.abort();
    }

    @Test
    void a_peer_that_answers_no_ping_is_let_go() throws Exception {
        SEEN.clear();
        Client client = open("/echo", false);
        assertThat(SEEN.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Session.Incoming.Closed(1001, "silent"));
        client.socket.abort();
    }

    @Test
    void a_refused_upgrade_is_an_ordinary_problem() {
        assertThatThrownBy(() -> open("/refused", true))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
    }

    @Test
    void a_plain_request_is_told_to_upgrade() throws Exception {
        try (HttpClient client = node.client(HttpClient.Version.HTTP_2)) {
            assertThat(node.get(client, "/echo").statusCode()).isEqualTo(426);
        }
    }

    @Test
    void a_fault_closes_the_session_without_its_details() throws Exception {
        Client client = open("/fault", true);
        client.socket.sendText("x", true).get(10, TimeUnit.SECONDS);
        assertThat((String) client.heard.poll(10, TimeUnit.SECONDS))
                .startsWith("closed 1011 internal")
                .doesNotContain("secret");
    }

    @Test
    void a_receiver_that_is_slow_holds_the_sender_back_and_loses_nothing() throws Exception {
        Client client = open("/patient", true);
        CompletableFuture<WebSocket> last = CompletableFuture.completedFuture(client.socket);
        for (int i = 0; i < 400; i++) {
            last =
                    last.thenCompose(
                            socket -> socket.sendBinary(ByteBuffer.wrap(new byte[200_000]), true));
        }
        CompletableFuture<WebSocket> all = last;
        assertThatThrownBy(() -> all.get(1, TimeUnit.SECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        READ_ON.countDown();
        last.thenCompose(socket -> socket.sendClose(1000, "")).get(30, TimeUnit.SECONDS);
        assertThat((String) client.heard.poll(10, TimeUnit.SECONDS)).startsWith("closed 1000");
        // The close is answered on the event loop, while the last messages wait to be received.
        assertThat(READ.get(10, TimeUnit.SECONDS)).isEqualTo(400);
    }

    @Test
    void a_peer_that_reads_nothing_stops_the_sender_early() throws Exception {
        Client client = open("/flood", false);
        assertThat(ENDS.poll(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(SENT.get()).isLessThan(1000);
        client.socket.abort();
    }
}
