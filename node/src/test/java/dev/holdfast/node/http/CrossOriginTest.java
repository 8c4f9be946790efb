package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pages of other sites a browser lets read a node's answers. */
class CrossOriginTest {
    private static final String NAMED = "https://edge-1.example:7700";

    @TempDir static Path folder;
    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        Router router =
                new Router()
                        .route("GET", "/v1/one", _ -> Response.text(200, "one".repeat(2_000)))
                        .route(
                                "POST",
                                "/v1/one",
                                _ -> {
                                    throw new ProblemException(Problem.malformed("Never."));
                                });
        HttpSettings settings = HttpSettings.at("127.0.0.1", 0).withOrigins(List.of(NAMED));
        node = new TestNode(folder, settings, router);
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void a_page_of_a_named_site_may_read_answers_and_problems_alike(Version version)
            throws Exception {
        try (HttpClient client = node.client(version)) {
            HttpResponse<String> read = ask(client, "GET", NAMED);
            assertThat(read.statusCode()).isEqualTo(200);
            assertThat(allowed(read)).containsExactly(NAMED);
            // What a cache between keeps for one site is not another's.
            assertThat(read.headers().allValues("Vary")).contains("Origin", "Accept-Encoding");
            HttpResponse<String> problem = ask(client, "POST", NAMED);
            assertThat(problem.statusCode()).isEqualTo(400);
            assertThat(allowed(problem)).containsExactly(NAMED);
        }
    }

    @Test
    void its_browser_is_told_beforehand_what_it_may_send() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            HttpResponse<String> told = ask(client, "OPTIONS", NAMED);
            assertThat(told.statusCode()).isEqualTo(204);
            assertThat(allowed(told)).containsExactly(NAMED);
            assertThat(told.headers().firstValue("Access-Control-Allow-Methods"))
                    .contains("GET, HEAD, OPTIONS, POST");
            assertThat(told.headers().firstValue("Access-Control-Allow-Headers"))
                    .contains("Authorization, Content-Type");
            assertThat(told.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://edge-1.example",
                "https://edge-1.example:7701",
                "https://edge-1.example:7700.evil.example",
                "https://EDGE-1.example:7700",
                "http://edge-1.example:7700",
                "https://evil.example",
                "null",
                "*"
            })
    void any_other_site_is_told_nothing(String origin) throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            for (String method : List.of("GET", "OPTIONS")) {
                HttpResponse<String> answer = ask(client, method, origin);
                assertThat(allowed(answer)).isEmpty();
                assertThat(answer.headers().map())
                        .doesNotContainKey("access-control-allow-methods");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "https://*.example",
                "http://edge-1.example:7700",
                "https://edge-1.example:443",
                "https://edge-1.example/",
                "https://Edge-1.example",
                "https://edge-1.example:7700 https://evil.example",
                "edge-1.example"
            })
    void what_no_browser_would_say_cannot_be_named(String origin) {
        HttpSettings settings = HttpSettings.at("127.0.0.1", 0);
        assertThatThrownBy(() -> settings.withOrigins(List.of(origin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(origin);
    }

    private static List<String> allowed(HttpResponse<?> answer) {
        return answer.headers().allValues("Access-Control-Allow-Origin");
    }

    private static HttpResponse<String> ask(HttpClient client, String method, String origin)
            throws Exception {
        HttpRequest request =
                node.request("/v1/one")
                        .header("Origin", origin)
                        .header("Access-Control-Request-Method", "POST")
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
