package dev.holdfast.steer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.SignedRevocations;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import dev.holdfast.steer.dns.DnsSettings;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that watch each other, and an endpoint that nobody serves. */
final class SteerNodeTest {
    private static final EndpointName A = new EndpointName("nodes", "a");
    private static final EndpointName B = new EndpointName("nodes", "b");
    private static final EndpointName NOBODY = new EndpointName("nodes", "nobody");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;
    private ReplicaKey grants = ReplicaKey.create(Entropy.system());
    private int portA;
    private int portB;
    private SteerNode a;
    private SteerNode b;

    @BeforeEach
    void start() throws Exception {
        Authority authority =
                Authority.create(
                        folder.resolve("keys"), "test", Entropy.system(), InstantSource.system());
        for (String name : List.of("a", "b", "stranger")) {
            authority
                    .issue(name, List.of("localhost", "127.0.0.1"), Duration.ofDays(30))
                    .write(folder.resolve(name));
            DurableFile.write(
                    folder.resolve(name).resolve(Authority.CA_CERTIFICATE),
                    authority.certificatePem().getBytes(StandardCharsets.US_ASCII),
                    DurableFile.Readers.EVERYBODY);
        }
        grants = authority.grantKey();
        Files.writeString(folder.resolve("grants.pub"), grants.publicKey().hex() + "\n");
        portA = free();
        portB = free();
        int nobody = free();
        Files.writeString(
                folder.resolve("zones.yaml"),
                """
                pools:
                  nodes:
                    check: {kind: ready, every: 200ms, timeout: 2s, down-after: 2, up-after: 2}
                    endpoints:
                      a: {addresses: [127.0.0.1], port: %d}
                      b: {addresses: [127.0.0.1], port: %d}
                      nobody: {addresses: [127.0.0.1], port: %d}
                zones:
                  holdfast.example:
                    soa: {primary: ns1, mailbox: hostmaster}
                    records:
                      "@": {ns: [ns1]}
                      ns1: {a: [127.0.0.1]}
                      www: {pool: nodes}
                """
                        .formatted(portA, portB, nobody));
        a = node("a", portA, "b", portB);
        b = node("b", portB, "a", portA);
        await(() -> is(a, A, Standing.Up.class) && is(a, B, Standing.Up.class));
        await(() -> is(b, A, Standing.Up.class) && is(b, B, Standing.Up.class));
        await(() -> is(a, NOBODY, Standing.Down.class) && is(b, NOBODY, Standing.Down.class));
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    @Test
    void a_drain_told_to_one_holds_at_the_other_and_over_a_restart_until_it_is_undone()
            throws Exception {
        assertThat(post("a", portA, "/v1/steer/drain?endpoint=nodes/b&who=amina").statusCode())
                .isEqualTo(200);
        await(() -> is(b, B, Standing.Drained.class));
        a.close();
        b.close();
        b = node("b", portB, "a", portA);
        await(() -> is(b, B, Standing.Drained.class));
        a = node("a", portA, "b", portB);
        await(() -> is(a, B, Standing.Drained.class));
        assertThat(post("b", portB, "/v1/steer/drain?endpoint=nodes/b&undo=true").statusCode())
                .isEqualTo(200);
        await(() -> is(a, B, Standing.Up.class) && is(b, B, Standing.Up.class));
        HttpResponse<String> trail = get("a", portA, "/v1/steer/audit");
        assertThat(trail.body()).contains("drained at a").contains("\"who\":\"amina\"");
    }

    @Test
    void an_operator_looks_with_a_grant_and_drains_with_one_that_lets_him_act() throws Exception {
        String looks = operator(List.of());
        String acts = operator(List.of(Grant.ANY));
        String drain = "/v1/steer/drain?endpoint=nodes/b&who=somebody-else";
        assertThat(asOperator("GET", "/v1/console", looks).body())
                .contains("\"kind\":\"steer\"", "nodes/nobody", "\"may-act\":false");
        assertThat(asOperator("GET", "/v1/steer/status", looks).statusCode()).isEqualTo(200);
        assertThat(asOperator("POST", drain, looks).statusCode()).isEqualTo(403);
        assertThat(asOperator("POST", drain, "rubbish").statusCode()).isEqualTo(401);
        assertThat(is(a, B, Standing.Drained.class)).isFalse();
        assertThat(asOperator("POST", drain, acts).statusCode()).isEqualTo(200);
        await(() -> is(b, B, Standing.Drained.class));
        assertThat(asOperator("POST", drain + "&undo=true", acts).statusCode()).isEqualTo(200);
        await(() -> is(a, B, Standing.Up.class) && is(b, B, Standing.Up.class));
        // The trail names who showed the grant, whatever the request said.
        assertThat(asOperator("GET", "/v1/steer/audit", looks).body())
                .contains("\"who\":\"dalia\"")
                .doesNotContain("somebody-else");
    }

    @Test
    void an_operator_who_is_revoked_at_one_node_is_revoked_at_the_other() throws Exception {
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        String gone = operator(key, List.of());
        assertThat(asOperator("GET", "/v1/console", gone).statusCode()).isEqualTo(200);
        Revocation word = new Revocation(key.publicKey(), "dalia", Instant.EPOCH, Optional.empty());
        String list =
                SignedRevocations.sign(RevocationList.NONE.next(List.of(word)), grants::sign)
                        .text();
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString(list);
        // At b; what is asked is a.
        assertThat(
                        asOperator(HttpRequest.newBuilder(at(portB, "/v1/revocations")).PUT(body))
                                .statusCode())
                .isEqualTo(200);
        await(() -> {
            try {
                return asOperator("GET", "/v1/console", gone).body().contains("grant-revoked");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private String operator(List<String> write) {
        return operator(ReplicaKey.create(Entropy.system()), write);
    }

    private String operator(ReplicaKey key, List<String> write) {
        Grant grant =
                new Grant(
                        key.publicKey(),
                        "dalia",
                        Grant.Role.OPERATOR,
                        List.of(new Grant.Right(Grant.ANY, true, write)),
                        0,
                        4_000_000_000_000L,
                        0);
        return Bearer.token(
                SignedGrant.of(grant, grants.sign(SignedGrant.signedText(grant))).encoded());
    }

    /** As a browser asks, which has no certificate of its own. */
    private HttpResponse<String> asOperator(String method, String path, String token)
            throws Exception {
        return asOperator(
                HttpRequest.newBuilder(at(portA, path))
                        .header("Authorization", "Bearer " + token)
                        .method(method, HttpRequest.BodyPublishers.noBody()));
    }

    private HttpResponse<String> asOperator(HttpRequest.Builder request) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(
                                PinnedTrust.load(folder.resolve("a").resolve("ca.pem")).context())
                        .build()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void what_was_down_is_down_after_a_restart_before_it_was_looked_at() throws Exception {
        b.close();
        a.close();
        a = node("a", portA, "b", portB);
        assertThat(a.standings().of(NOBODY, "default")).isInstanceOf(Standing.Down.class);
    }

    @Test
    void a_node_that_is_gone_is_down_for_the_other() {
        b.close();
        await(() -> is(a, B, Standing.Down.class));
        assertThat(a.standings().of(B, "default").reason()).contains("not see it");
    }

    @Test
    void a_changed_zones_file_brings_new_endpoints_and_takes_old_ones() throws Exception {
        Path zones = folder.resolve("zones.yaml");
        Files.writeString(zones, Files.readString(zones).replace(" nobody:", " somebody:"));
        await(() -> is(a, new EndpointName("nodes", "somebody"), Standing.Down.class));
        await(() -> is(a, NOBODY, Standing.Unjudged.class));
    }

    @Test
    void nobody_but_the_node_itself_and_its_peers_is_heard() throws Exception {
        for (String path : List.of("/v1/steer/status", "/v1/steer/audit")) {
            assertThat(get("a", portA, path).statusCode()).isEqualTo(200);
            assertThat(get("b", portA, path).statusCode()).isEqualTo(403);
        }
        String drain = "/v1/steer/drain?endpoint=nodes/b";
        assertThat(post("stranger", portA, drain).statusCode()).isEqualTo(403);
        assertThat(post("stranger", portA, "/v1/steer/gossip").statusCode()).isEqualTo(403);
        assertThat(post("a", portA, "/v1/steer/drain?endpoint=nodes/x").statusCode())
                .isEqualTo(404);
        assertThat(get("stranger", portA, "/readyz").statusCode()).isEqualTo(200);
    }

    private SteerNode node(String name, int port, String peer, int peerPort) throws Exception {
        return SteerMain.start(
                new SteerSettings(
                        folder.resolve("data-" + name),
                        HttpSettings.at("127.0.0.1", port),
                        TlsSettings.in(folder.resolve(name)),
                        DnsSettings.at("127.0.0.1:0"),
                        folder.resolve("zones.yaml"),
                        "default",
                        Map.of(peer, URI.create("https://127.0.0.1:" + peerPort)),
                        List.of(folder.resolve("grants.pub")),
                        Optional.empty()));
    }

    private static boolean is(
            SteerNode node, EndpointName endpoint, Class<? extends Standing> standing) {
        return standing.isInstance(node.standings().of(endpoint, "default"));
    }

    private HttpResponse<String> get(String as, int port, String path) throws Exception {
        return send(as, HttpRequest.newBuilder(at(port, path)).GET().build());
    }

    private HttpResponse<String> post(String as, int port, String path) throws Exception {
        return send(
                as,
                HttpRequest.newBuilder(at(port, path))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build());
    }

    private static URI at(int port, String path) {
        return URI.create("https://127.0.0.1:" + port + path);
    }

    private HttpResponse<String> send(String as, HttpRequest request) throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {Tls.VERSION});
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(Tls.load(TlsSettings.in(folder.resolve(as))).clientContext())
                        .sslParameters(parameters)
                        .build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void await(BooleanSupplier fact) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!fact.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it does not come true").isLessThan(end);
            LockSupport.parkNanos(10_000_000);
        }
    }
}
