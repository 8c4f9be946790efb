package dev.holdfast.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.Rights;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over HTTPS, with links that are cut, and programs at both ends of them. */
final class SwitchboardTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SILENCE_MILLIS = 300;
    private static final int PATIENCE_MILLIS = 20_000;

    @TempDir static Path folder;

    private static Deployment deployment;
    private static HttpClient client;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<Runnable> fires = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private Ports ports;
    private Switchboard board;

    @BeforeAll
    static void a_deployment() throws Exception {
        deployment =
                Deployment.create(
                        folder.resolve("keys"), "test", Entropy.system(), InstantSource.system());
        deployment.issueWithoutGrant(
                Switchboard.NAME, List.of("localhost", "127.0.0.1"), Duration.ofDays(2));
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(
                null,
                new TrustManager[] {PinnedTrust.load(deployment.caCertificate()).trustManager()},
                new SecureRandom());
        client = HttpClient.newBuilder().sslContext(tls).build();
    }

    @AfterAll
    static void no_client() {
        client.close();
    }

    @BeforeEach
    void a_system() throws Exception {
        ports = free();
        Links links = new Links(ports);
        parts.add(links);
        links.open();
        for (int port : List.of(ports.edge(), ports.of(Layout.REGIONS.getFirst()).http())) {
            ServerSocket echo = new ServerSocket(port, 9, InetAddress.getLoopbackAddress());
            parts.add(echo);
            threads.execute(() -> answer(echo));
        }
        Switches switches = new Switches(links, fires::add, InstantSource.system(), told::add);
        board =
                Switchboard.start(
                        switches,
                        0,
                        deployment.node(Switchboard.NAME).folder(),
                        grants(),
                        List.of(),
                        InstantSource.system(),
                        Entropy.system(),
                        threads);
        parts.add(board);
    }

    @AfterEach
    void everything_is_closed() throws Exception {
        for (AutoCloseable part : parts.reversed()) part.close();
        threads.shutdown();
    }

    @Test
    void a_cut_cable_is_silent_and_the_street_is_not() throws Exception {
        try (Socket standing = connect(ports.cable(Layout.REGIONS.getFirst()))) {
            assertThat(isAnswered(standing, PATIENCE_MILLIS)).isTrue();
            assertThat(acted("cable?on=true").get("cable").get("on").asBoolean()).isTrue();
            assertThat(isAnswered(standing, SILENCE_MILLIS)).isFalse();
            assertThat(isAnswered(ports.cableBack(), SILENCE_MILLIS)).isFalse();
            assertThat(isAnswered(ports.street(), PATIENCE_MILLIS)).isTrue();
            assertThat(acted("cable?on=false").get("cable").get("on").asBoolean()).isFalse();
            assertThat(standing.getInputStream().read())
                    .as("what was said meanwhile arrives")
                    .isEqualTo('?');
        }
        assertThat(told)
                .containsExactly(
                        "op-dalia: the cable is cut: the edge and the regions do not reach each"
                                + " other",
                        "op-dalia: the cable is back");
    }

    @Test
    void in_a_dark_city_nobody_reaches_anybody_and_a_cut_cable_stays_cut_after_it()
            throws Exception {
        String region = Layout.REGIONS.getFirst();
        acted("cable?on=true");
        JsonNode dark = acted("city?on=true");
        assertThat(dark.get("city").get("since").asText()).isNotEmpty();
        assertThat(isAnswered(ports.street(), SILENCE_MILLIS)).isFalse();
        acted("city?on=false");
        assertThat(isAnswered(ports.street(), PATIENCE_MILLIS)).isTrue();
        assertThat(isAnswered(ports.cable(region), SILENCE_MILLIS)).isFalse();
        acted("city?on=true");
        acted("cable?on=false");
        assertThat(isAnswered(ports.cable(region), SILENCE_MILLIS)).isFalse();
        acted("city?on=false");
        assertThat(isAnswered(ports.cable(region), PATIENCE_MILLIS)).isTrue();
    }

    @Test
    void the_edge_burns_once_at_a_time() throws Exception {
        assertThat(looked().get("edge").get("fires").asInt()).isZero();
        assertThat(acted("edge").get("edge").get("burning").asBoolean()).isTrue();
        assertThat(post("edge", operator(true)).statusCode()).isEqualTo(409);
        assertThat(fires).hasSize(1);
        fires.getFirst().run();
        JsonNode stands = looked().get("edge");
        assertThat(stands.get("burning").asBoolean()).isFalse();
        assertThat(stands.get("fires").asInt()).isEqualTo(1);
        acted("edge");
        assertThat(fires).hasSize(2);
    }

    @Test
    void who_only_looks_turns_nothing_and_a_device_sees_nothing() throws Exception {
        String looks = operator(false);
        assertThat(get(looks).statusCode()).isEqualTo(200);
        assertThat(post("cable?on=true", looks).statusCode()).isEqualTo(403);
        assertThat(post("edge", looks).statusCode()).isEqualTo(403);
        assertThat(get("Bearer none").statusCode()).isEqualTo(401);
        assertThat(get(grant("nurse-amina", Grant.Role.DEVICE, Rights.ALL)).statusCode())
                .isEqualTo(403);
        assertThat(told).isEmpty();
        assertThat(isAnswered(ports.cableBack(), PATIENCE_MILLIS)).isTrue();
    }

    @Test
    void what_is_no_switch_is_told() throws Exception {
        HttpResponse<String> unknown = post("moon?on=true", operator(true));
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("There is no moon", "cable, city, edge");
        HttpResponse<String> unsaid = post("cable", operator(true));
        assertThat(unsaid.statusCode()).isEqualTo(400);
        assertThat(unsaid.body()).contains("?on=true");
    }

    @Test
    void a_system_opens_no_link_where_somebody_listens() {
        assertThatThrownBy(() -> new Links(ports).open()).hasMessageContaining("opening a proxy");
    }

    private JsonNode acted(String what) throws Exception {
        HttpResponse<String> answer = post(what, operator(true));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private JsonNode looked() throws Exception {
        return JSON.readTree(get(operator(false)).body());
    }

    private HttpResponse<String> post(String what, String bearer) throws Exception {
        return send(request("/" + what, bearer).POST(HttpRequest.BodyPublishers.noBody()));
    }

    private HttpResponse<String> get(String bearer) throws Exception {
        return send(request("", bearer).GET());
    }

    private HttpRequest.Builder request(String path, String bearer) {
        return HttpRequest.newBuilder(
                        URI.create("https://localhost:" + board.port() + "/v1/switches" + path))
                .header(Bearer.HEADER, bearer);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static GrantBook grants() {
        Bytes authority = deployment.grantsPublicKey();
        Verifier verifier = new Verifier();
        return new GrantBook(
                List.of(authority),
                verifier,
                Grant.Role.EDGE,
                Revocations.open(folder, Set.of(authority), verifier));
    }

    private static String operator(boolean acts) {
        return grant("op-dalia", Grant.Role.OPERATOR, acts ? Rights.ALL : Rights.parse("*:read"));
    }

    private static String grant(String subject, Grant.Role role, Grant.Right right) {
        return Bearer.header(
                deployment
                        .grant(
                                ReplicaKey.create(Entropy.system()).publicKey(),
                                subject,
                                role,
                                List.of(right),
                                Duration.ofDays(1),
                                Duration.ZERO)
                        .encoded());
    }

    /**
     * Thirty in a row at which nobody listens; somebody else may take them before this test does.
     */
    private static Ports free() {
        for (int base = 21_000; base < 32_000; base += 100) {
            try {
                Ports ports = new Ports(base);
                ports.requireFree(new Layout(Path.of("none")));
                return ports;
            } catch (RuntimeException e) {
                // The next.
            }
        }
        throw new AssertionError("no ports are free");
    }

    private static boolean isAnswered(int port, int patienceMillis) throws IOException {
        try (Socket socket = connect(port)) {
            return isAnswered(socket, patienceMillis);
        }
    }

    private static boolean isAnswered(Socket socket, int patienceMillis) throws IOException {
        socket.setSoTimeout(patienceMillis);
        socket.getOutputStream().write('?');
        try {
            return socket.getInputStream().read() == '?';
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** Says what it hears. */
    private void answer(ServerSocket server) {
        while (true) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException e) {
                        // Whoever spoke is gone.
                    }
                });
            } catch (IOException e) {
                return; // closed
            }
        }
    }
}
