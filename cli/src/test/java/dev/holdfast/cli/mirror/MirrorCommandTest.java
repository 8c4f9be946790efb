package dev.holdfast.cli.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.Ran;
import dev.holdfast.keys.Entropy;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the commands make of a region's answers, which stand here as a region gives them: over real
 * TLS, under the certificates that "keys" makes. That regions answer so is shown where they are.
 */
final class MirrorCommandTest {
    private static final String STATUS =
            """
            {"region":"00","now":"2026-11-30T10:00:00Z","peers":[
              {"peer":"jakarta.example:8444","reported":"2026-11-30T09:59:59Z","report":{
                "state":"following","since":"2026-11-30T07:00:00Z","scopes":3,"batches":1204,
                "same":12,"last-page":"2026-11-30T09:59:55Z",
                "lag":{"at":"2026-11-30T09:59:58Z","operations":12480,"batches":340,
                       "exact":false,"seconds":10800.5}}},
              {"peer":"manila.example:8444","paused":"2026-11-30T09:55:00Z",
                "reported":"2026-11-30T09:59:59Z","report":{"state":"paused",
                "since":"2026-11-30T09:55:00Z","batches":0,"same":0,
                "lag":{"at":"2026-11-30T09:59:58Z","unknown":"manila.example:8444 cannot be asked"}}},
              {"peer":"hanoi.example:8444","reported":"2026-11-30T09:00:00Z","report":{
                "state":"following","since":"2026-11-30T07:00:00Z","batches":1,"same":0}}]}
            """;

    @TempDir Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Request> asked = new ArrayList<>();
    private final AtomicReference<Response> answer = new AtomicReference<>(Response.empty(204));
    private Path settings = Path.of("");
    private @Nullable HttpNode region;

    @BeforeEach
    void settings() throws Exception {
        Path keys = folder.resolve("keys");
        assertThat(Ran.holdfast("keys", "init", keys).code()).isZero();
        // Not by a name that it has on this machine.
        assertThat(
                        Ran.holdfast(
                                        "keys",
                                        "node",
                                        "sg",
                                        "--role",
                                        "region",
                                        "--san",
                                        "sg.example",
                                        "--keys",
                                        keys)
                                .code())
                .isZero();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        settings = folder.resolve("sg.yaml");
        assertThat(
                        Ran.holdfast(
                                        "region",
                                        "init",
                                        settings,
                                        "--keys",
                                        keys.resolve("nodes/sg"),
                                        "--host",
                                        "127.0.0.1",
                                        "--port",
                                        port)
                                .code())
                .isZero();
        Router router = new Router();
        router.route("GET", "/v1/mirror", this::answered);
        router.route("POST", "/v1/mirror/{peer}/{what}", this::answered);
        region =
                HttpNode.start(
                        vertx,
                        HttpSettings.at("127.0.0.1", port),
                        Tls.load(TlsSettings.in(keys.resolve("nodes/sg"))),
                        router,
                        new SimpleMeterRegistry(),
                        Entropy.system(),
                        threads);
    }

    @AfterEach
    void stop() {
        if (region != null) region.close();
        threads.shutdown();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Response answered(Request request) {
        asked.add(request);
        return answer.get();
    }

    private void answers(String json) {
        answer.set(Response.json(200, json.getBytes(StandardCharsets.UTF_8)));
    }

    private void answersLines(String... lines) {
        byte[] body = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        answer.set(Response.stream("application/x-ndjson", out -> out.write(body)));
    }

    private Ran mirror(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("mirror"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--settings", settings));
        return Ran.holdfast(all);
    }

    @Test
    void status_says_how_each_peer_stands_and_asks_under_the_region_s_own_name() {
        answers(STATUS);
        Ran ran = mirror("status");
        assertThat(ran.code()).as(ran.err()).isZero();
        List<String> lines = ran.out().lines().toList();
        assertThat(lines.get(0)).containsSubsequence("PEER", "STATE", "BEHIND", "LAST PAGE");
        assertThat(lines.get(1))
                .contains(
                        "jakarta.example:8444",
                        "following since 3 h ago",
                        "at least 12,480 operations in 340 batches, the oldest for 3 h",
                        "5 s ago",
                        "1,204 batches, 12 of them here before");
        assertThat(lines.get(2)).contains("manila.example:8444", "paused 5 min ago", "unknown");
        assertThat(lines.get(3)).contains("hanoi.example:8444", "no process", "unknown");
        assertThat(ran.out())
                .contains("manila.example:8444 cannot be asked")
                .contains("Next: holdfast mirror verify jakarta.example:8444 --settings");
        assertThat(asked.getFirst().peer()).contains("sg");
        assertThat(asked.getFirst().header("Authorization")).isPresent();
        assertThat(mirror("status", "--json").out().lines()).hasSize(1);
    }

    @Test
    void pause_and_resume_name_the_peer() {
        answers("{\"peer\":\"jakarta.example:8444\",\"paused\":true}");
        assertThat(mirror("pause", "jakarta.example:8444").out()).contains("Paused", "Next:");
        assertThat(mirror("resume", "jakarta.example:8444").out()).contains("Resumed", "Next:");
        assertThat(asked)
                .extracting(request -> request.parameter("peer") + request.parameter("what"))
                .containsExactly("jakarta.example:8444pause", "jakarta.example:8444resume");
    }

    @Test
    void an_unknown_peer_is_told_with_the_known_ones() {
        answer.set(
                Problem.of(404, "peer-unknown", "This region has no such peer", "It knows: a:1.")
                        .response());
        Ran ran = mirror("pause", "atlantis.example");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("no such peer", "why: It knows: a:1.", "try: ");
    }

    @Test
    void verify_is_0_only_where_both_have_the_same() {
        answersLines(
                "{\"event\":\"working\"}",
                "{\"event\":\"result\",\"equal\":true,\"scopes\":12,\"readable\":true}");
        Ran equal = mirror("verify", "jakarta.example:8444", "--wait", "2s", "--scope", "clinic-7");
        assertThat(equal.code()).as(equal.err()).isZero();
        assertThat(equal.out()).contains("Equal: 12 scopes");
        assertThat(asked.getLast().query("wait-millis")).contains("2000");
        assertThat(asked.getLast().query("scope")).contains("clinic-7");
        assertThat(asked.getLast().query("repair")).isEmpty();

        answersLines(
                "{\"event\":\"waiting\",\"here\":7,\"peer\":0}",
                "{\"event\":\"finding\",\"kind\":\"lacking\",\"scope\":\"clinic-7\",\"at\":\"here\","
                        + "\"author\":\"ab\",\"numbers\":\"6-12\",\"operations\":7}",
                "{\"event\":\"finding\",\"kind\":\"corrupt\",\"scope\":\"clinic-7\","
                        + "\"collection\":\"patients\",\"id\":\"p3\",\"wrong-at\":\"peer\"}",
                "{\"event\":\"result\",\"equal\":false,\"scopes\":12,\"readable\":false}");
        Ran different = mirror("verify", "jakarta.example:8444");
        assertThat(different.code()).isEqualTo(1);
        assertThat(different.out())
                .contains("scope clinic-7", "behind by 7 operations", "ab:6-12")
                .contains("CORRUPT", "patients/p3", "At jakarta.example:8444 run this too")
                .contains("different schemas", "--repair");
        Ran json = mirror("verify", "jakarta.example:8444", "--json", "--repair");
        assertThat(json.code()).isEqualTo(1);
        assertThat(json.out().lines()).hasSize(1);
        assertThat(asked.getLast().query("repair")).contains("true");
    }

    @Test
    void a_comparison_that_ends_early_is_no_comparison() {
        answersLines("{\"event\":\"working\"}");
        Ran cut = mirror("verify", "jakarta.example:8444");
        assertThat(cut.code()).isEqualTo(1);
        assertThat(cut.err()).contains("could not be compared");
        answersLines("{\"event\":\"failed\",\"reason\":\"jakarta.example:8444 cannot be asked\"}");
        Ran failed = mirror("verify", "jakarta.example:8444");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("why: jakarta.example:8444 cannot be asked");
    }

    @Test
    void wrong_arguments_are_told_in_three_lines() {
        assertThat(Ran.holdfast("mirror", "status").code()).isEqualTo(2);
        assertThat(mirror("pause").code()).isEqualTo(2);
        Ran wait = mirror("verify", "jakarta.example:8444", "--wait", "soon");
        assertThat(wait.code()).isEqualTo(2);
        assertThat(wait.err().lines()).hasSize(3);
        Ran file = Ran.holdfast("mirror", "status", "--settings", folder.resolve("none.yaml"));
        assertThat(file.code()).isEqualTo(1);
        assertThat(file.err()).contains("the settings cannot be used");
        assertThat(asked).isEmpty();
    }

    @Test
    void a_region_that_does_not_run_is_told_with_how_to_start_it() {
        if (region != null) region.close();
        Ran ran = mirror("status");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("does not answer", "try: holdfast region " + settings);
    }
}
