package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HttpNodeTest {
    @TempDir static Path folder;
    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/v1/scopes/{scope}/documents/{id}",
                                request ->
                                        Response.text(
                                                200,
                                                request.parameter("scope")
                                                        + "|"
                                                        + request.parameter("id")))
                        .route(
                                "POST",
                                "/echo",
                                4096,
                                request ->
                                        new Response(
                                                200,
                                                java.util.Map.of(),
                                                new Response.Body.Whole(
                                                        "text/plain", request.body())))
                        .route("GET", "/long", request -> Response.text(200, "long ".repeat(1000)))
                        .route(
                                "GET",
                                "/fault",
                                request -> {
                                    throw new IllegalStateException("secret detail");
                                })
                        .route(
                                "GET",
                                "/malformed",
                                request -> {
                                    throw new MalformedException("a scope is short");
                                })
                        .route(
                                "GET",
                                "/thread",
                                request ->
                                        Response.text(200, "" + Thread.currentThread().isVirtual()))
                        .route(
                                "GET",
                                "/number",
                                request ->
                                        Response.text(
                                                200, "" + request.query("limit", 100, 1, 1000)))
                        .route(
                                "GET",
                                "/trace",
                                request ->
                                        Response.text(
                                                200,
                                                request.trace().traceId()
                                                        + " "
                                                        + org.slf4j.MDC.get("trace")));
        node = new TestNode(folder, router);
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void a_route_gets_its_decoded_names(Version version) throws Exception {
        try (HttpClient client = node.client(version)) {
            HttpResponse<String> answer =
                    node.get(client, "/v1/scopes/clinic-7/documents/a%20b%C3%A9+%25");
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("clinic-7|a bé+%");
            assertThat(answer.headers().firstValue("Holdfast-Request").orElseThrow()).hasSize(16);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void bodies_come_back_and_long_ones_are_refused(Version version) throws Exception {
        try (HttpClient client = node.client(version)) {
            for (int size : new int[] {0, 1, 4096}) {
                HttpResponse<String> answer =
                        client.send(
                                node.request("/echo")
                                        .POST(BodyPublishers.ofString("x".repeat(size)))
                                        .build(),
                                BodyHandlers.ofString());
                assertThat(answer.body()).hasSize(size);
            }
            HttpResponse<String> known =
                    client.send(
                            node.request("/echo")
                                    .POST(BodyPublishers.ofString("x".repeat(4097)))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(known.statusCode()).isEqualTo(413);
            HttpResponse<String> unknown =
                    client.send(
                            node.request("/echo")
                                    .POST(
                                            BodyPublishers.fromPublisher(
                                                    BodyPublishers.ofString("x".repeat(9000))))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(unknown.statusCode()).isEqualTo(413);
            assertThat(unknown.headers().firstValue("Content-Type"))
                    .hasValue("application/problem+json");
            assertThat(unknown.body()).contains("\"code\":\"body-too-large\"");
        }
    }

    @Test
    void a_huge_body_is_refused_before_the_client_sends_it() throws Exception {
        String answer =
                node.raw(
                        "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 413").doesNotContain("100 Continue");
        String taken =
                node.raw(
                        "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok");
        assertThat(taken)
                .startsWith("HTTP/1.1 100 Continue")
                .contains("HTTP/1.1 200")
                .endsWith("ok");
    }

    @Test
    void zstd_bodies_are_read_and_bombs_are_refused_cheaply() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            byte[] plain = "clinic ".repeat(500).getBytes(StandardCharsets.UTF_8);
            assertThat(zstd(client, ZstdCoding.compress(plain)).body())
                    .isEqualTo(new String(plain, StandardCharsets.UTF_8));
            byte[] bomb = ZstdCoding.compress(new byte[50 << 20]);
            assertThat(bomb.length).isLessThan(8192);
            assertThat(zstd(client, bomb).statusCode()).isEqualTo(413);
            assertThat(zstd(client, plain).body()).contains("bad-encoding");
            HttpResponse<String> gzip =
                    client.send(
                            node.request("/echo")
                                    .header("Content-Encoding", "gzip")
                                    .POST(BodyPublishers.ofString("x"))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(gzip.statusCode()).isEqualTo(415);
        }
    }

    private static HttpResponse<String> zstd(HttpClient client, byte[] body) throws Exception {
        return client.send(
                node.request("/echo")
                        .header("Content-Encoding", "zstd")
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void answers_are_compressed_where_the_caller_takes_it() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            HttpResponse<byte[]> packed =
                    client.send(
                            node.request("/long").header("Accept-Encoding", "gzip, zstd").build(),
                            BodyHandlers.ofByteArray());
            assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("zstd");
            assertThat(packed.body().length).isLessThan(100);
            Bytes plain = ZstdCoding.decompress(packed.body(), 10_000).orElseThrow();
            assertThat(plain.size()).isEqualTo(5000);
            for (String offer : List.of("gzip", "zstd;q=0", "br, zstd; q=0.0")) {
                HttpResponse<String> bare =
                        client.send(
                                node.request("/long").header("Accept-Encoding", offer).build(),
                                BodyHandlers.ofString());
                assertThat(bare.headers().firstValue("Content-Encoding")).isEmpty();
                assertThat(bare.headers().firstValue("Vary")).hasValue("Accept-Encoding");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void unknown_paths_and_methods_are_problems(Version version) throws Exception {
        try (HttpClient client = node.client(version)) {
            HttpResponse<String> unknown = node.get(client, "/v2/nothing");
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(unknown.body())
                    .contains(
                            "\"type\":\"https://holdfast.dev/problems/unknown-path\"",
                            "\"status\":404");
            HttpResponse<String> wrong =
                    client.send(node.request("/long").DELETE().build(), BodyHandlers.ofString());
            assertThat(wrong.statusCode()).isEqualTo(405);
            assertThat(wrong.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
            HttpResponse<String> options =
                    client.send(
                            node.request("/long")
                                    .method("OPTIONS", BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(options.statusCode()).isEqualTo(204);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void head_is_get_without_the_body(Version version) throws Exception {
        try (HttpClient client = node.client(version)) {
            HttpResponse<String> head =
                    client.send(node.request("/long").HEAD().build(), BodyHandlers.ofString());
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.headers().firstValue("Content-Length")).hasValue("5000");
            assertThat(head.body()).isEmpty();
            assertThat(node.get(client, "/long").body()).hasSize(5000);
        }
    }

    @Test
    void faults_are_told_without_their_details() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            HttpResponse<String> fault = node.get(client, "/fault");
            assertThat(fault.statusCode()).isEqualTo(500);
            assertThat(fault.body())
                    .contains(
                            "\"code\":\"internal\"",
                            fault.headers().firstValue("Holdfast-Request").orElseThrow())
                    .doesNotContain("secret");
            HttpResponse<String> malformed = node.get(client, "/malformed");
            assertThat(malformed.statusCode()).isEqualTo(400);
            assertThat(malformed.body()).contains("a scope is short");
            assertThat(node.get(client, "/number?limit=7").body()).isEqualTo("7");
            assertThat(node.get(client, "/number").body()).isEqualTo("100");
            assertThat(node.get(client, "/number?limit=0").statusCode()).isEqualTo(400);
            assertThat(node.get(client, "/number?limit=x").body()).contains("from 1 to 1000");
        }
    }

    @Test
    void handlers_block_on_virtual_threads_and_carry_the_trace() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            assertThat(node.get(client, "/thread").body()).isEqualTo("true");
            String trace = "0af7651916cd43dd8448eb211c80319c";
            HttpResponse<String> traced =
                    client.send(
                            node.request("/trace")
                                    .header("traceparent", "00-" + trace + "-b7ad6b7169203331-01")
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(traced.body()).isEqualTo(trace + " " + trace);
        }
    }

    @Test
    void many_requests_at_once_are_all_answered() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                all.add(
                        client.sendAsync(
                                node.request("/echo")
                                        .POST(BodyPublishers.ofString("n" + i))
                                        .build(),
                                BodyHandlers.ofString()));
            }
            for (int i = 0; i < all.size(); i++)
                assertThat(all.get(i).get().body()).isEqualTo("n" + i);
        }
        assertThat(node.meters.scrape())
                .contains(
                        "holdfast_http_requests_seconds_count{method=\"POST\",route=\"/echo\",status=\"200\"}");
    }

    @Test
    void a_full_node_says_when_to_come_back_and_still_tells_its_health(@TempDir Path own)
            throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Router router =
                new Router()
                        .route(
                                "GET",
                                "/slow",
                                request -> {
                                    entered.countDown();
                                    release.await();
                                    return Response.empty(204);
                                });
        NodeEndpoints.register(
                router,
                List.of(
                        new NodeEndpoints.Check(
                                "store", () -> java.util.Optional.of("the disk is full"))),
                new io.micrometer.prometheusmetrics.PrometheusMeterRegistry(
                        io.micrometer.prometheusmetrics.PrometheusConfig.DEFAULT));
        try (TestNode small = new TestNode(own, limited(1), router);
                HttpClient client = small.client(Version.HTTP_2)) {
            var first = client.sendAsync(small.request("/slow").build(), BodyHandlers.ofString());
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
            HttpResponse<String> refused = small.get(client, "/slow");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
                    .isBetween(1, 5);
            assertThat(small.get(client, "/healthz").body()).isEqualTo("ok\n");
            HttpResponse<String> ready = small.get(client, "/readyz");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body())
                    .isEqualTo(
                            "{\"ready\":false,\"checks\":[{\"name\":\"store\",\"ready\":false,\"reason\":\"the disk is full\"}]}");
            assertThat(small.get(client, "/metrics").statusCode()).isEqualTo(200);
            release.countDown();
            assertThat(first.get().statusCode()).isEqualTo(204);
            // An answer is out a moment before its place is free.
            int status = 503;
            for (int tries = 0; status == 503 && tries < 10_000; tries++)
                status = small.get(client, "/slow").statusCode();
            assertThat(status).isEqualTo(204);
        }
    }

    static HttpSettings limited(int requests) {
        HttpSettings standard = HttpSettings.at("127.0.0.1", 0);
        return new HttpSettings(
                standard.host(),
                0,
                100,
                requests,
                10,
                standard.bufferedBodies(),
                standard.bodyTimeout(),
                standard.idleTimeout(),
                standard.pingInterval(),
                standard.drain(),
                List.of());
    }
}
