package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no client library would send, by raw sockets. */
class MalformedRequestTest {
    @TempDir static Path folder;
    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node =
                new TestNode(
                        folder,
                        new Router()
                                .route(
                                        "GET",
                                        "/v1/{name}",
                                        request -> Response.text(200, request.parameter("name")))
                                .route("POST", "/v1/{name}", 100, request -> Response.empty(204)));
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(node.meters.get("holdfast.http.active").gauge().value()).isZero();
        assertThat(node.meters.get("holdfast.http.body.bytes").gauge().value()).isZero();
        node.close();
    }

    @Test
    void path_tricks_are_refused() throws Exception {
        for (String path :
                List.of(
                        "/v1/..",
                        "/v1/%2e%2e",
                        "/v1/%2E.",
                        "/v1/.",
                        "/v1/a%00",
                        "/v1/a%2fb",
                        "/v1/a%2Fb",
                        "/v1/a%5cb",
                        "/v1/a\\b",
                        "/v1/%",
                        "/v1/%4",
                        "/v1/%zz",
                        "/v1/%c0%af",
                        "/v1/%ed%a0%80",
                        "/v1/%ff",
                        "//v1/a",
                        "/v1//a",
                        "/v1/a/",
                        "/v1/a%0d%0ab",
                        "/v1/a#b",
                        "v1/a",
                        "*")) {
            assertThat(node.rawGet(path))
                    .as(path)
                    .matches("(?s)HTTP/1.[01] 400 .*")
                    .contains("application/problem+json");
        }
        assertThat(node.rawGet("/v1/..%41")).startsWith("HTTP/1.1 200").endsWith("..A");
        assertThat(node.rawGet("https://elsewhere/v1/a")).startsWith("HTTP/1.1 200");
    }

    @Test
    void what_is_not_http_is_a_problem_too() throws Exception {
        assertThat(node.raw("GARBAGE\r\n\r\n")).matches("(?s)HTTP/1.[01] 400 .*");
        assertThat(node.raw("GET /v1/a HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n"))
                .matches("(?s)HTTP/1.[01] 400 .*");
        assertThat(node.raw("POST /v1/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n"))
                .matches("(?s)HTTP/1.[01] 400 .*");
        assertThat(
                        node.raw(
                                "POST /v1/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"))
                .matches("(?s)HTTP/1.[01] 400 .*");
        // Broken after its head was taken: there is nobody to answer, the connection ends.
        assertThat(
                        node.raw(
                                "POST /v1/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"))
                .isEmpty();
    }

    @Test
    void lines_and_headers_have_their_length() throws Exception {
        assertThat(node.rawGet("/v1/" + "a".repeat(9000)))
                .matches("(?s)HTTP/1.[01] 414 .*")
                .contains("line-too-long");
        assertThat(
                        node.raw(
                                "GET /v1/a HTTP/1.1\r\nHost: localhost\r\nX: "
                                        + "a".repeat(30_000)
                                        + "\r\n\r\n"))
                .matches("(?s)HTTP/1.[01] 431 .*")
                .contains("headers-too-large");
        assertThat(node.rawGet("/" + "a/".repeat(40) + "a")).matches("(?s)HTTP/1.[01] 400 .*");
        assertThat(node.rawGet("/v1/a?" + "a=b&".repeat(70))).matches("(?s)HTTP/1.[01] 400 .*");
    }

    @Test
    void a_chunked_body_is_cut_off_at_its_limit() throws Exception {
        String endless = "64\r\n" + "x".repeat(100) + "\r\n";
        String answer =
                node.raw(
                        "POST /v1/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + endless.repeat(50));
        assertThat(answer).matches("(?s)HTTP/1.[01] 413 .*");
    }

    @Test
    void a_broken_off_body_gives_its_place_back() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (var socket = node.socket()) {
                socket.getOutputStream()
                        .write(
                                "POST /v1/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nhalf"
                                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
        }
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (node.meters.get("holdfast.http.active").gauge().value() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
