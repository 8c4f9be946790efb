package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SiteTest {
    @TempDir static Path folder;
    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        Path site = Files.createDirectories(folder.resolve("site"));
        Files.createDirectories(site.resolve("assets/{id}"));
        Files.createDirectories(site.resolve(".git"));
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.writeString(site.resolve("index.html"), "<title>Clinic</title>");
        Files.writeString(site.resolve("assets/app é.mjs"), "export {};");
        Files.writeString(site.resolve("assets/{id}/x.css"), "p {}");
        Files.writeString(site.resolve(".git/config"), "secret");
        Files.writeString(site.resolve(".env"), "secret");
        Files.createSymbolicLink(site.resolve("linked.txt"), folder.resolve("secret.txt"));
        Files.createSymbolicLink(site.resolve("up"), folder);
        Router router = new Router().route("GET", "/v1/one", _ -> Response.text(200, "api"));
        Site.load(site).register(router);
        Path console = Files.createDirectories(folder.resolve("console"));
        Files.writeString(console.resolve("index.html"), "<title>Console</title>");
        Site.load(console, "console", List.of("https://region.example:7701")).register(router);
        node = new TestNode(Files.createDirectories(folder.resolve("node")), router);
    }

    @AfterAll
    static void stop() throws Exception {
        node.close();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void a_folder_answers_with_its_index_under_a_strict_policy(Version version) throws Exception {
        try (HttpClient client = node.client(version)) {
            HttpResponse<String> answer = node.get(client, "/");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("<title>Clinic</title>");
            assertThat(header(answer, "Content-Type")).isEqualTo("text/html; charset=utf-8");
            assertThat(header(answer, "Content-Security-Policy"))
                    .contains("default-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(node.get(client, "/index.html").body()).isEqualTo(answer.body());
            assertThat(node.get(client, "/v1/one").body()).isEqualTo("api");
        }
    }

    @Test
    void a_site_in_a_folder_may_ask_those_that_it_names_and_nobody_else() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            for (String path : List.of("/console", "/console/", "/console/index.html")) {
                HttpResponse<String> answer = node.get(client, path);
                assertThat(answer.body()).isEqualTo("<title>Console</title>");
                assertThat(header(answer, "Content-Security-Policy"))
                        .contains("connect-src 'self' https://region.example:7701;");
            }
            assertThat(header(node.get(client, "/"), "Content-Security-Policy"))
                    .doesNotContain("region.example");
            assertThat(node.get(client, "/console/site.json").body()).contains("index.html");
        }
    }

    @Test
    void names_are_taken_as_they_are() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            HttpResponse<String> script = node.get(client, "/assets/app%20%C3%A9.mjs");
            assertThat(header(script, "Content-Type")).isEqualTo("text/javascript; charset=utf-8");
            assertThat(node.get(client, "/assets/%7Bid%7D/x.css").body()).isEqualTo("p {}");
            assertThat(node.get(client, "/assets/other/x.css").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void what_the_browser_has_is_not_sent_again() throws Exception {
        try (HttpClient client = node.client(Version.HTTP_1_1)) {
            String tag = header(node.get(client, "/"), "ETag");
            HttpResponse<String> again = ask(client, tag);
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            assertThat(header(again, "ETag")).isEqualTo(tag);
            assertThat(ask(client, "W/\"0\"").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/assets/..%2f..%2fsecret.txt",
                "/assets/../../secret.txt",
                "/..%5csecret.txt",
                "/linked.txt",
                "/up/secret.txt",
                "/.env",
                "/.git/config",
                "/assets",
                "/index.html/"
            })
    void nothing_but_the_folders_own_files_is_served(String path) throws Exception {
        try (HttpClient client = node.client(Version.HTTP_1_1)) {
            HttpResponse<String> answer = node.get(client, path);
            assertThat(answer.statusCode()).isIn(400, 404);
            assertThat(answer.body()).doesNotContain("secret\n").isNotEqualTo("secret");
        }
    }

    @Test
    void the_manifest_names_every_file_and_changes_with_any(@TempDir Path other) throws Exception {
        try (HttpClient client = node.client(Version.HTTP_2)) {
            assertThat(node.get(client, "/site.json").body())
                    .contains("[\"assets\",\"app é.mjs\"]", "[\"index.html\"]")
                    .doesNotContain("secret", "linked", ".env");
        }
        Files.writeString(other.resolve("a.txt"), "one");
        String first = manifest(other);
        assertThat(manifest(other)).isEqualTo(first);
        Files.writeString(other.resolve("a.txt"), "two");
        assertThat(manifest(other)).isNotEqualTo(first);
    }

    private static String manifest(Path site) throws Exception {
        Router router = new Router();
        Site.load(site).register(router);
        try (TestNode one = new TestNode(Files.createTempDirectory(folder, "one"), router);
                HttpClient client = one.client(Version.HTTP_1_1)) {
            return one.get(client, "/site.json").body();
        }
    }

    @Test
    void a_name_of_the_nodes_own_is_refused(@TempDir Path other) throws Exception {
        Files.createDirectories(other.resolve("v1"));
        Files.writeString(other.resolve("v1/sync"), "mine");
        assertThatThrownBy(() -> Site.load(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("API");
    }

    private static HttpResponse<String> ask(HttpClient client, String tag)
            throws IOException, InterruptedException {
        return client.send(
                node.request("/").header("If-None-Match", tag).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
