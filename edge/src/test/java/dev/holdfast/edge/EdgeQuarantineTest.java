package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an edge kept aside, in the hands of its operators, over HTTP. */
class EdgeQuarantineTest {
    private static final String CONSOLE = "/v1/console";
    private static final String NONE_OPEN =
            "\"quarantine\":{\"more\":false,\"listed\":[],\"settled\":{\"more\":false,\"listed\":[{";
    private static final Pattern HASH = Pattern.compile("\"hash\":\"([0-9a-f]{64})\"");

    @TempDir Path folder;

    @Test
    void what_a_copied_device_wrote_is_looked_into_settled_and_opened_again() throws Exception {
        Clinic clinic = new Clinic(folder);
        Path first = folder.resolve("first");
        ReplicaStore.open(StoreSettings.device(first, Schema.EMPTY), Clinic.ENTROPY).close();
        copy(first, folder.resolve("copied"));
        String entry;
        try (EdgeNode edge = clinic.start();
                HttpClient client = clinic.http()) {
            Operator looks = new Operator(client, edge, token(clinic));
            Operator acts = new Operator(client, edge, token(clinic, Grant.ANY));
            try (Clinic.Device original = clinic.device("first", edge.address());
                    Clinic.Device copied = clinic.device("copied", edge.address())) {
                original.put("kept", "name", Value.of("Siti"));
                await("the edge has it", () -> edge.backlogOperations() > 0);
                copied.put("lost", "name", Value.of("Dewi"));
                await("the other is kept aside", () -> HASH.matcher(looks.console()).find());
            }
            Matcher hash = HASH.matcher(looks.console());
            assertThat(hash.find()).isTrue();
            entry = CONSOLE + "/quarantine/" + hash.group(1);
            assertThat(looks.get(entry).body())
                    .contains("\"id\":\"lost\"", "\"fields\":[\"name\"]")
                    .doesNotContain("Dewi");
            assertThat(looks.post(entry + "/settle")).isEqualTo(403);
            assertThat(acts.post(entry + "/settle?why=line%0Abreak")).isEqualTo(400);
            assertThat(looks.console()).doesNotContain("\"settled-by\"");

            assertThat(acts.post(entry + "/settle?why=Dewi+wrote+again")).isEqualTo(200);
            assertThat(looks.console())
                    .contains(
                            NONE_OPEN,
                            "\"settled-by\":\"dalia\"",
                            "\"settled-why\":\"Dewi wrote again\"");
            String unknown = CONSOLE + "/quarantine/" + "0".repeat(64);
            assertThat(looks.get(unknown).statusCode()).isEqualTo(404);
            assertThat(acts.post(unknown + "/settle")).isEqualTo(404);
            assertThat(looks.get(CONSOLE + "/quarantine/rubbish").statusCode()).isEqualTo(400);
        }
        try (EdgeNode edge = clinic.start();
                HttpClient client = clinic.http()) {
            Operator acts = new Operator(client, edge, token(clinic, Grant.ANY));
            assertThat(acts.console()).contains(NONE_OPEN);
            assertThat(acts.post(entry + "/settle?undo=true")).isEqualTo(200);
            assertThat(acts.console()).doesNotContain("\"settled-by\"").containsPattern(HASH);
        }
    }

    private record Operator(HttpClient client, EdgeNode edge, String token) {
        String console() {
            try {
                return get(CONSOLE).body();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        HttpResponse<String> get(String path) throws Exception {
            return Clinic.send(client, request(path));
        }

        int post(String path) throws Exception {
            return Clinic.send(client, request(path).POST(HttpRequest.BodyPublishers.noBody()))
                    .statusCode();
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(edge.address().resolve(path))
                    .header("Authorization", "Bearer " + token);
        }
    }

    private static String token(Clinic clinic, String... write) {
        long now = Clinic.CLOCK.millis();
        Grant grant =
                new Grant(
                        ReplicaKey.create(Clinic.ENTROPY).publicKey(),
                        "dalia",
                        Grant.Role.OPERATOR,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(write))),
                        now - 86_400_000L,
                        now + 86_400_000L,
                        0);
        return Clinic.token(Clinic.sign(clinic.authority.grantKey(), grant));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) Files.copy(file, to.resolve(from.relativize(file)));
        }
    }
}
