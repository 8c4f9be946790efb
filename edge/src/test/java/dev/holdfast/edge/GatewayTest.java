package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.SCOPE;
import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.ReplicaKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayTest {
    private static final String DOCUMENTS =
            "/v1/scopes/" + SCOPE + "/collections/patients/documents";
    private static final String CHANGES = "/v1/scopes/" + SCOPE + "/changes";

    @TempDir static Path folder;
    private static Clinic clinic;
    private static EdgeNode edge;
    private static HttpClient client;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        clinic = new Clinic(folder);
        edge = clinic.start();
        client = clinic.http();
        token = token(Grant.ANY, true, Grant.ANY);
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    private static String token(String scope, boolean read, String... write) {
        Grant grant =
                new Grant(
                        ReplicaKey.create(Clinic.ENTROPY).publicKey(),
                        "nurse",
                        Grant.Role.DEVICE,
                        List.of(new Grant.Right(scope, read, List.of(write))),
                        0,
                        Clinic.CLOCK.millis() + 86_400_000,
                        0);
        SignedGrant signed = Clinic.sign(clinic.authority.grantKey(), grant);
        return Clinic.token(signed);
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(edge.address().resolve(path))
                .header("Authorization", "Bearer " + token);
    }

    private static HttpRequest.Builder write(String method, String path, String body) {
        return request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return Clinic.send(client, request);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static String code(HttpResponse<String> answer) {
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        return text(answer.body(), "code");
    }

    private static String text(String json, String field) {
        Value.Map map = (Value.Map) Json.parse(json);
        return map.fields().get(field) instanceof Value.Text text ? text.value() : "";
    }

    @Test
    void a_document_is_put_read_patched_and_deleted() throws Exception {
        String path = DOCUMENTS + "/p1";
        HttpResponse<String> put =
                send(write("PUT", path, "{\"name\":\"Siti\",\"address\":{\"city\":\"Solo\"}}"));
        assertThat(put.statusCode()).isEqualTo(200);
        assertThat(header(put, "Holdfast-Durability")).isEqualTo("edge");
        assertThat(header(put, "Holdfast-Dot")).startsWith(edge.replica() + ":");
        HttpResponse<String> got = send(request(path));
        assertThat(Json.parse(got.body()))
                .isEqualTo(Json.parse("{\"name\":\"Siti\",\"address\":{\"city\":\"Solo\"}}"));
        assertThat(header(got, "ETag")).isEqualTo(header(put, "ETag"));
        assertThat(send(request(path).header("If-None-Match", header(put, "ETag"))).statusCode())
                .isEqualTo(304);
        HttpResponse<String> patched =
                send(
                        write(
                                "PATCH",
                                path,
                                "{\"name\":null,\"address\":{\"street\":\"Jalan 1\"},\"age\":40}"));
        assertThat(Json.parse(patched.body()))
                .isEqualTo(
                        Json.parse(
                                "{\"age\":40,\"address\":{\"city\":\"Solo\",\"street\":\"Jalan"
                                        + " 1\"}}"));
        assertThat(header(patched, "ETag")).isNotEqualTo(header(put, "ETag"));
        assertThat(send(request(path).DELETE()).statusCode()).isEqualTo(204);
        assertThat(code(send(request(path)))).isEqualTo("document-unknown");
    }

    @Test
    void a_repeated_key_writes_once_and_another_request_with_it_is_refused() throws Exception {
        String path = DOCUMENTS + "/once";
        send(write("PUT", path, "{\"n\":1}"));
        HttpRequest.Builder again =
                write("PATCH", path, "{\"n\":2}").header("Idempotency-Key", "k-1");
        HttpResponse<String> first = send(again.copy());
        send(write("PUT", path, "{\"n\":3}"));
        HttpResponse<String> second = send(again.copy());
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(header(second, "Holdfast-Dot"))
                .isEqualTo(header(first, "Holdfast-Dot"))
                .isNotEmpty();
        assertThat(send(request(path)).body()).isEqualTo("{\"n\":3}");
        HttpResponse<String> other =
                send(write("PATCH", path, "{\"n\":9}").header("Idempotency-Key", "k-1"));
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(code(other)).isEqualTo("key-reused");
        assertThat(code(send(write("PATCH", path, "{}").header("Idempotency-Key", "a b"))))
                .isEqualTo("bad-key");
    }

    @Test
    void a_write_goes_through_only_where_the_document_is_what_the_caller_expects()
            throws Exception {
        String path = DOCUMENTS + "/expected";
        String tag = header(send(write("PUT", path, "{\"n\":1}")), "ETag");
        assertThat(send(write("PUT", path, "{\"n\":2}").header("If-Match", tag)).statusCode())
                .isEqualTo(200);
        HttpResponse<String> stale = send(write("PUT", path, "{\"n\":3}").header("If-Match", tag));
        assertThat(stale.statusCode()).isEqualTo(412);
        assertThat(code(stale)).isEqualTo("precondition-failed");
        HttpResponse<String> taken =
                send(write("PUT", path, "{\"n\":4}").header("If-None-Match", "*"));
        assertThat(taken.statusCode()).isEqualTo(412);
        assertThat(send(request(path)).body()).isEqualTo("{\"n\":2}");
    }

    @Test
    void a_collection_is_listed_in_pages() throws Exception {
        String listed = DOCUMENTS.replace("patients", "listed");
        for (int i = 0; i < 5; i++) send(write("PUT", listed + "/d" + i, "{\"n\":" + i + "}"));
        List<String> pages = new ArrayList<>();
        String after = "";
        do {
            String page = send(request(listed + "?limit=2&after=" + after)).body();
            pages.add(page);
            after = text(page, "after");
        } while (!after.isEmpty());
        assertThat(pages).hasSize(3);
        assertThat(pages.get(1)).contains("\"id\":\"d2\"").contains("\"id\":\"d3\"");
        assertThat(pages.get(2)).contains("\"id\":\"d4\"");
    }

    @Test
    void changes_come_as_pages_and_go_on_from_their_cursor() throws Exception {
        send(write("PUT", DOCUMENTS + "/c1", "{\"n\":1}"));
        String cursor = "";
        String page;
        do {
            page = send(request(CHANGES + "?since=" + cursor)).body();
            cursor = text(page, "cursor");
        } while (page.endsWith("\"more\":true}"));
        send(write("PUT", DOCUMENTS + "/c2", "{\"n\":2}"));
        String next = send(request(CHANGES + "?since=" + cursor)).body();
        assertThat(next).contains("\"id\":\"c2\"").doesNotContain("\"id\":\"c1\"");
        assertThat(code(send(request(CHANGES + "?since=nonsense")))).isEqualTo("bad-cursor");
        String foreign = "0".repeat(32) + cursor.substring(32);
        HttpResponse<String> gone = send(request(CHANGES + "?since=" + foreign));
        assertThat(gone.statusCode()).isEqualTo(410);
        assertThat(code(gone)).isEqualTo("cursor-unknown");
    }

    @Test
    void live_changes_come_as_events_and_resume_from_the_last_one_seen() throws Exception {
        String cursor = text(send(request(CHANGES)).body(), "cursor");
        String second;
        try (Events events = new Events(cursor)) {
            send(write("PUT", DOCUMENTS + "/live1", "{\"n\":1}"));
            assertThat(events.next()).contains("live1");
            send(write("PUT", DOCUMENTS + "/live2", "{\"n\":2}"));
            assertThat(events.next()).contains("live2");
            second = events.id;
        }
        send(write("PUT", DOCUMENTS + "/live3", "{\"n\":3}"));
        try (Events events = new Events(second)) {
            assertThat(events.next()).contains("live3");
        }
    }

    private static final class Events implements AutoCloseable {
        private final InputStream body;
        private final BufferedReader lines;
        String id = "";

        Events(String after) throws Exception {
            HttpResponse<InputStream> answer =
                    client.send(
                            request(CHANGES)
                                    .header("Accept", "text/event-stream")
                                    .header("Last-Event-ID", after)
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            assertThat(header(answer, "Content-Type")).isEqualTo("text/event-stream");
            body = answer.body();
            lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        }

        String next() throws Exception {
            while (true) {
                String line = lines.readLine();
                if (line == null) throw new AssertionError("the stream ended");
                if (line.startsWith("id: ")) id = line.substring(4);
                if (line.startsWith("data: ")) return line.substring(6);
            }
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    @Test
    void what_comes_through_the_gateway_reaches_devices_and_the_other_way_round() throws Exception {
        try (Clinic.Device amina = clinic.device("amina", edge.address())) {
            send(write("PUT", DOCUMENTS + "/both", "{\"name\":\"Siti\"}"));
            await("the device sees it", () -> !amina.shown("both").fields().isEmpty());
            amina.put("both", "name", Value.of("Wati"));
            await(
                    "the gateway sees it",
                    () -> {
                        try {
                            return send(request(DOCUMENTS + "/both")).body().contains("Wati");
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
        }
    }

    @Test
    void a_grant_opens_what_it_names_and_nothing_else() throws Exception {
        String own = token;
        try {
            token = "";
            assertThat(send(request(DOCUMENTS)).statusCode()).isEqualTo(401);
            token = token("clinic-8", true, Grant.ANY);
            assertThat(code(send(request(DOCUMENTS)))).isEqualTo("forbidden");
            token = token(SCOPE, true, "visits");
            HttpResponse<String> write = send(write("PUT", DOCUMENTS + "/p9", "{}"));
            assertThat(write.statusCode()).isEqualTo(403);
            assertThat(send(request(DOCUMENTS)).statusCode()).isEqualTo(200);
            token = token(SCOPE, false, "patients");
            assertThat(code(send(request(DOCUMENTS)))).isEqualTo("forbidden");
        } finally {
            token = own;
        }
    }

    @Test
    void bad_input_gets_a_clear_error_and_touches_nothing() throws Exception {
        String path = DOCUMENTS + "/bad";
        assertThat(code(send(write("PUT", path, "{\"a\":")))).isEqualTo("malformed");
        assertThat(code(send(write("PUT", path, "[1]")))).isEqualTo("not-an-object");
        assertThat(code(send(write("PUT", path, "{\"a.b\":1}")))).isEqualTo("malformed");
        assertThat(code(send(write("PUT", path, "{\"" + "a".repeat(600) + "\":1}"))))
                .isEqualTo("malformed");
        assertThat(
                        code(
                                send(
                                        request(path)
                                                .PUT(HttpRequest.BodyPublishers.ofString("{}"))
                                                .header("Content-Type", "text/plain"))))
                .isEqualTo("not-json");
        String big = "{\"a\":\"" + "x".repeat(10 << 20) + "\"}";
        assertThat(send(write("PUT", path, big)).statusCode()).isEqualTo(413);
        String field = "{\"a\":\"" + "x".repeat(600 << 10) + "\"}";
        assertThat(code(send(write("PUT", path, field)))).isEqualTo("malformed");
        assertThat(code(send(request("/v1/scopes/no%20scope/changes")))).isEqualTo("bad-scope");
        assertThat(send(request(path)).statusCode()).isEqualTo(404);
    }
}
