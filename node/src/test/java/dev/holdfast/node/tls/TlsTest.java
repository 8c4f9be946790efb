package dev.holdfast.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final Duration YEAR = Duration.ofDays(365);
    private static final List<String> HERE = List.of("localhost", "127.0.0.1", "::1");

    @TempDir Path folder;
    private Vertx vertx;
    private ExecutorService threads;
    private Authority authority;
    private HttpNode node;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        threads = Executors.newVirtualThreadPerTaskExecutor();
        authority = authority("ours", InstantSource.system());
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/peer",
                                request -> Response.text(200, request.peer().orElse("nobody")));
        node =
                HttpNode.start(
                        vertx,
                        HttpSettings.at("127.0.0.1", 0),
                        tls(authority, "edge-1"),
                        router,
                        new SimpleMeterRegistry(),
                        Entropy.system(),
                        threads);
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        threads.shutdown();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void a_node_is_known_by_its_certificate_and_a_device_by_none() throws Exception {
        assertThat(peer(tls(authority, "region-singapore").clientContext()))
                .isEqualTo("region-singapore");
        assertThat(peer(trust(authority).context())).isEqualTo("nobody");
    }

    @Test
    void nobody_of_another_deployment_gets_in_or_is_believed() throws Exception {
        Authority other = authority("theirs", InstantSource.system());
        assertThatThrownBy(() -> peer(trust(other).context())).isInstanceOf(SSLException.class);
        // The client sees that its certificate is not asked for, and shows none.
        Tls foreign = new Tls(other.issue("edge-1", HERE, YEAR), trust(authority));
        assertThat(peer(foreign.clientContext())).isEqualTo("nobody");
        // One that pretends to be of this deployment is shown, and found out.
        Authority forger =
                Authority.create(
                        folder.resolve("forger"), "ours", Entropy.system(), InstantSource.system());
        Tls forged = new Tls(forger.issue("edge-1", HERE, YEAR), trust(authority));
        assertThatThrownBy(() -> peer(forged.clientContext())).isInstanceOf(IOException.class);
    }

    @Test
    void a_certificate_that_is_over_or_for_another_host_is_refused() throws Exception {
        Authority past =
                Authority.load(
                        folder.resolve("ours"),
                        Entropy.system(),
                        InstantSource.fixed(Instant.now().minus(Duration.ofDays(100))));
        Tls over = new Tls(past.issue("region", HERE, Duration.ofDays(30)), trust(authority));
        assertThatThrownBy(() -> peer(over.clientContext())).isInstanceOf(IOException.class);
        node.renew(
                new Tls(
                        authority.issue("edge-1", List.of("elsewhere.example"), YEAR),
                        trust(authority)));
        assertThatThrownBy(() -> peer(trust(authority).context())).isInstanceOf(SSLException.class);
    }

    @Test
    void a_renewed_certificate_is_presented_without_a_restart() throws Exception {
        Identity next = authority.renew(authority.issue("edge-1", HERE, YEAR), YEAR);
        node.renew(new Tls(next, trust(authority)));
        try (SSLSocket socket = socket("TLSv1.3")) {
            assertThat(socket.getSession().getPeerCertificates()[0]).isEqualTo(next.certificate());
        }
    }

    @Test
    void tls_1_2_is_not_spoken() {
        assertThatThrownBy(() -> socket("TLSv1.2")).isInstanceOf(IOException.class);
    }

    @Test
    void an_authority_is_found_again_and_not_replaced() throws Exception {
        Path ours = folder.resolve("ours");
        Authority again =
                Authority.loadOrCreate(ours, "ours", Entropy.system(), InstantSource.system());
        assertThat(again.certificate()).isEqualTo(authority.certificate());
        assertThat(again.grantKey().replica()).isEqualTo(authority.grantKey().replica());
        assertThatThrownBy(() ->
                        Authority.create(ours, "ours", Entropy.system(), InstantSource.system()))
                .hasMessageContaining("already");
        for (String secret : List.of("ca.key", "grants.key")) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(ours.resolve(secret))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void an_identity_is_kept_renewed_in_time_and_never_mixed_up() {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Identity issued = authority.issue("edge-1", HERE, Duration.ofDays(89));
        issued.write(one);
        authority.issue("edge-2", HERE, YEAR).write(two);
        Identity loaded = Identity.load(one);
        assertThat(loaded.certificate()).isEqualTo(issued.certificate());
        assertThat(loaded.name()).isEqualTo("edge-1");
        assertThat(loaded.renewalIsDue(Instant.now().plus(Duration.ofDays(55)))).isFalse();
        assertThat(loaded.renewalIsDue(Instant.now().plus(Duration.ofDays(65)))).isTrue();
        Identity renewed = authority.renew(loaded, YEAR);
        assertThat(renewed.name()).isEqualTo("edge-1");
        assertThat(renewed.certificate().getPublicKey())
                .isNotEqualTo(loaded.certificate().getPublicKey());
        assertThatThrownBy(() -> Identity.load(one.resolve("node.pem"), two.resolve("node.key")))
                .isInstanceOf(KeysException.class)
                .hasMessageContaining("is not the one of");
        assertThatThrownBy(() -> Identity.load(folder.resolve("none")))
                .isInstanceOf(KeysException.class)
                .hasMessageContaining("node.pem");
    }

    private Authority authority(String name, InstantSource clock) {
        return Authority.create(folder.resolve(name), name, Entropy.system(), clock);
    }

    private static PinnedTrust trust(Authority authority) {
        return PinnedTrust.ofPem(
                authority.certificatePem().getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                "test");
    }

    private static Tls tls(Authority authority, String name) {
        return new Tls(authority.issue(name, HERE, YEAR), trust(authority));
    }

    private String peer(SSLContext context) throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "https://localhost:" + node.port() + "/peer"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private SSLSocket socket(String version) throws IOException {
        SSLSocket socket =
                (SSLSocket) trust(authority).socketFactory().createSocket("localhost", node.port());
        socket.setEnabledProtocols(new String[] {version});
        socket.startHandshake();
        return socket;
    }
}
