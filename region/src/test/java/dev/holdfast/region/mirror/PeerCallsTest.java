package dev.holdfast.region.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Tls;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions to a peer that nobody reaches but through a door. */
final class PeerCallsTest {
    /** A name that no resolver knows: the door does. */
    private static final URI PEER = URI.create("https://jakarta.invalid:8444");

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final Set<Socket> callers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger toBreak = new AtomicInteger();

    @TempDir Path folder;
    Tls tls;
    HttpNode peer;
    ServerSocket door;

    @BeforeEach
    void a_peer_and_a_door() throws Exception {
        Authority authority =
                Authority.create(folder, "test", Entropy.system(), InstantSource.system());
        tls =
                new Tls(
                        authority.issue("jakarta", List.of("jakarta.invalid"), Duration.ofDays(9)),
                        PinnedTrust.load(folder.resolve(Authority.CA_CERTIFICATE)));
        Router router = new Router();
        router.route("POST", "/ask", request -> answer(request.body()));
        peer =
                HttpNode.start(
                        vertx,
                        HttpSettings.at("127.0.0.1", 0),
                        tls,
                        router,
                        new SimpleMeterRegistry(),
                        Entropy.system(),
                        threads);
        door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::open);
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        peer.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        threads.shutdown();
    }

    @Test
    void a_peer_that_has_a_door_is_asked_by_it_in_the_lane_of_what_can_wait() throws Exception {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort());
        PeerCalls calls = calls(new Dial(tls, _ -> Optional.of(address)));
        Bytes question = Bytes.wrap("question".getBytes(StandardCharsets.UTF_8));
        assertThat(calls.post(PEER, "/ask", question)).isEqualTo(question);
        String lane =
                Base64.getEncoder().encodeToString("bulk:".getBytes(StandardCharsets.US_ASCII));
        assertThat(heads.poll(10, TimeUnit.SECONDS))
                .startsWith("CONNECT jakarta.invalid:8444 ")
                .containsIgnoringCase("Proxy-Authorization: Basic " + lane);
    }

    @Test
    void a_question_whose_way_breaks_is_put_once_more() throws Exception {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort());
        PeerCalls calls = calls(new Dial(tls, _ -> Optional.of(address)));
        toBreak.set(1);
        assertThat(calls.post(PEER, "/ask", Bytes.EMPTY)).isEqualTo(Bytes.EMPTY);
        assertThat(heads).hasSize(2);
    }

    @Test
    void a_question_whose_way_breaks_twice_is_given_up() {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort());
        PeerCalls calls = calls(new Dial(tls, _ -> Optional.of(address)));
        toBreak.set(2);
        assertThatThrownBy(() -> calls.post(PEER, "/ask", Bytes.EMPTY))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("jakarta.invalid:8444 cannot be asked");
        assertThat(heads).hasSize(2);
    }

    @Test
    void a_question_that_finds_an_old_connection_broken_takes_a_new_one() throws Exception {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort());
        PeerCalls calls = calls(new Dial(tls, _ -> Optional.of(address)));
        // An answer is heard a moment before its connection can be taken again.
        int before;
        do {
            before = heads.size();
            assertThat(before).as("connections, of which none is kept").isLessThan(100);
            assertThat(calls.post(PEER, "/ask", Bytes.EMPTY)).isEqualTo(Bytes.EMPTY);
        } while (heads.size() > before);
        toBreak.set(1);
        assertThat(calls.post(PEER, "/ask", Bytes.EMPTY)).isEqualTo(Bytes.EMPTY);
        assertThat(heads).hasSize(before + 1);
    }

    @Test
    void a_peer_that_has_none_is_asked_directly() {
        PeerCalls calls = calls(new Dial(tls, _ -> Optional.empty()));
        assertThatThrownBy(() -> calls.post(PEER, "/ask", Bytes.EMPTY))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("jakarta.invalid:8444 cannot be asked");
        assertThat(heads).isEmpty();
    }

    /** Some answers find their way broken. */
    private Response answer(Bytes question) {
        if (toBreak.getAndUpdate(left -> Math.max(0, left - 1)) > 0)
            callers.forEach(PeerCallsTest::reset);
        return Response.cbor(200, question);
    }

    private static void reset(Socket socket) {
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PeerCalls calls(Dial dial) {
        return new PeerCalls(vertx, dial, "Bearer none");
    }

    private void open() {
        while (true) {
            try {
                Socket caller = door.accept();
                threads.execute(() -> lead(caller));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void lead(Socket caller) {
        try (caller;
                Socket far = new Socket(InetAddress.getLoopbackAddress(), peer.port())) {
            callers.add(caller);
            heads.add(head(caller.getInputStream()));
            caller.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            threads.execute(() -> copy(far, caller));
            copy(caller, far);
        } catch (IOException e) {
            // Whoever called is gone.
        } finally {
            callers.remove(caller);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) head.append((char) in.read());
        return head.toString();
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One end is gone, and so is the other.
        }
    }
}
