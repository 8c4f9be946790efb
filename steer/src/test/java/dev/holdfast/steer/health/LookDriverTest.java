package dev.holdfast.steer.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.steer.pool.CheckSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LookDriverTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger connections = new AtomicInteger();
    private ServerSocket server;

    /** What one connection, by its number, is answered with; nothing where it is empty. */
    @FunctionalInterface
    private interface Script {
        String answer(int connection);
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    @Test
    void a_port_that_takes_connections_is_well_and_a_closed_one_is_not() throws Exception {
        assertThat(look(CheckSettings.Kind.TCP, Optional.empty())).isInstanceOf(Seen.Well.class);
        server.close();
        assertThat(look(CheckSettings.Kind.TCP, Optional.empty()))
                .isInstanceOfSatisfying(
                        Seen.Failed.class,
                        failed -> assertThat(failed.reason()).startsWith("no connection"));
    }

    @Test
    void the_status_and_the_body_must_be_as_wanted() throws Exception {
        serve(_ -> "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhealthy");
        assertThat(look(CheckSettings.Kind.HTTP, Optional.of("healthy")))
                .isInstanceOf(Seen.Well.class);
        assertThat(look(CheckSettings.Kind.HTTP, Optional.of("happy")))
                .isEqualTo(new Seen.Failed("its answer does not contain \"happy\""));
    }

    @Test
    void a_bad_answer_is_believed_at_once_and_not_asked_for_again() throws Exception {
        serve(_ -> "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        assertThat(look(CheckSettings.Kind.HTTP, Optional.empty()))
                .isEqualTo(new Seen.Failed("it answers 503, not 200"));
        assertThat(connections).hasValue(1);
    }

    @Test
    void one_that_is_silent_fails_when_the_time_is_over_after_ten_connections_at_most()
            throws Exception {
        serve(_ -> "");
        assertThat(look(CheckSettings.Kind.HTTP, Optional.empty()))
                .isEqualTo(new Seen.Failed("no answer within 500 ms"));
        assertThat(connections.get()).isBetween(2, 10);
    }

    @Test
    void a_connection_that_is_lost_is_made_up_for_by_the_next_within_the_same_look()
            throws Exception {
        serve(connection -> connection < 3 ? "" : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(look(CheckSettings.Kind.HTTP, Optional.empty())).isInstanceOf(Seen.Well.class);
        assertThat(connections.get()).isGreaterThanOrEqualTo(3);
    }

    private Seen look(CheckSettings.Kind kind, Optional<String> body) throws InterruptedException {
        CheckSettings check =
                new CheckSettings(
                        kind,
                        server.getLocalPort(),
                        "/",
                        Optional.empty(),
                        Optional.empty(),
                        200,
                        body,
                        Optional.empty(),
                        Duration.ofSeconds(2),
                        Duration.ofMillis(500),
                        3,
                        2);
        Watched watched =
                new Watched(List.of("127.0.0.1"), Optional.empty(), server.getLocalPort(), check);
        SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
        return new LookDriver(watched, tls, threads).look();
    }

    private void serve(Script script) {
        threads.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    String answer = script.answer(connections.incrementAndGet());
                    if (answer.isEmpty()) continue; // left open
                    byte[] request = new byte[1];
                    int unread = socket.getInputStream().read(request);
                    if (unread < 0) continue;
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                } catch (IOException e) {
                    // Closed by the look that has its answer, or at the end of the test.
                }
            }
        });
    }
}
