package dev.holdfast.node.http;

import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Identity;
import dev.holdfast.node.tls.Tls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSocket;

/** A real server on a free port with its own CA, and the clients that talk to it. */
final class TestNode implements AutoCloseable {
    final Vertx vertx = Vertx.vertx();
    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final Authority authority;
    final PinnedTrust trust;
    final Tls tls;
    final HttpNode http;

    TestNode(Path folder, HttpSettings settings, Router router) throws Exception {
        authority = Authority.create(folder, "test", Entropy.system(), InstantSource.system());
        trust = PinnedTrust.load(folder.resolve(Authority.CA_CERTIFICATE));
        tls = new Tls(issue("edge-1", Duration.ofDays(90)), trust);
        http = HttpNode.start(vertx, settings, tls, router, meters, Entropy.system(), threads);
    }

    TestNode(Path folder, Router router) throws Exception {
        this(folder, HttpSettings.at("127.0.0.1", 0), router);
    }

    Identity issue(String name, Duration validity) {
        return authority.issue(name, List.of("localhost", "127.0.0.1"), validity);
    }

    URI uri(String path) {
        return URI.create("https://localhost:" + http.port() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(20));
    }

    HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder().version(version).sslContext(trust.context()).build();
    }

    HttpResponse<String> get(HttpClient client, String path)
            throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A TLS connection for what no client library would send. */
    SSLSocket socket() throws IOException {
        SSLSocket socket = (SSLSocket) trust.socketFactory().createSocket("localhost", http.port());
        socket.setEnabledProtocols(new String[] {Tls.VERSION});
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }

    /** Sends raw HTTP/1.1 and reads all until the server closes the connection. */
    String raw(String request) throws IOException {
        try (SSLSocket socket = socket()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** A raw request for {@code path}, whose connection the server shall close after the answer. */
    String rawGet(String path) throws IOException {
        return raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    @Override
    public void close() {
        http.close();
        threads.shutdown();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
