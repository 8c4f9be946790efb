package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.region.database.DatabaseAddress;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.BrokerProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole region: TLS, sessions, HTTP, the real RocketMQ and the real PostgreSQL. */
@ExtendWith(RealServices.class)
final class RegionNodeTest {
    @TempDir Path folder;

    private HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void a_folder_as_the_keys_command_writes_it() throws IOException {
        Authority authority =
                Authority.create(
                        folder.resolve("authority"),
                        "test",
                        Entropy.system(),
                        InstantSource.system());
        Path node = Files.createDirectory(folder.resolve("node"));
        authority
                .issue(
                        TestAuthor.subject(TestRegion.KEY),
                        List.of("localhost", "127.0.0.1"),
                        Duration.ofDays(9))
                .write(node);
        Files.writeString(node.resolve("ca.pem"), authority.certificatePem());
        Files.writeString(node.resolve("grants.pub"), TestAuthor.AUTHORITY.publicKey().hex());
        new KeyFile(node.resolve("replica.key")).store(TestRegion.KEY);
        Files.writeString(
                node.resolve("grant"),
                bearer(TestAuthor.grant(TestRegion.KEY, Grant.Role.REGION)).substring(7));
        client =
                HttpClient.newBuilder()
                        .sslContext(PinnedTrust.load(node.resolve("ca.pem")).context())
                        .build();
    }

    @Test
    void a_push_is_safe_in_the_cloud_then_in_the_record_and_a_repetition_changes_nothing(
            BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        TestAuthor author = now(new TestAuthor("whole", "amina"));
        Batch batch = author.increment("p1");
        try (RegionNode region = start(broker, database)) {
            SyncClient device = new SyncClient(client, region.address(), author);
            for (int i = 0; i < 5; i++) {
                assertThat(SyncClient.acknowledged(device.round(batch, batch), Durability.REGION))
                        .contains(Span.of(batch));
            }
            await(() ->
                    SyncClient.acknowledged(device.round(), Durability.APPLIED)
                            .contains(Span.of(batch)));
            // A second device finds it in the feed.
            TestAuthor reader = now(new TestAuthor("whole", "reader"));
            assertThat(new SyncClient(client, region.address(), reader).round())
                    .anySatisfy(message ->
                            assertThat(message)
                                    .isInstanceOfSatisfying(
                                            Message.Changes.class,
                                            changes ->
                                                    assertThat(changes.batches())
                                                            .containsExactly(batch)));
            assertThat(get(region, "/v1/scopes/whole/collections/patients/documents/p1").body())
                    .isEqualTo("{\"visits\":1}");
        }
        assertThat(ask(database.address(), "SELECT count(*) FROM operation WHERE scope = 'whole'"))
                .isEqualTo("1");
    }

    @Test
    void a_write_over_http_is_applied_when_it_is_answered_and_its_key_makes_it_once(
            BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        String path = "/v1/scopes/plain/collections/patients/documents/p1";
        try (RegionNode region = start(broker, database)) {
            HttpResponse<String> put = write(region, "PUT", path, "{\"name\":\"Ada\"}", "key-1");
            assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
            assertThat(put.headers().firstValue("Holdfast-Durability")).hasValue("applied");
            String dot = put.headers().firstValue("Holdfast-Dot").orElseThrow();
            assertThat(dot).isEqualTo(region.replica() + ":1");

            assertThat(write(region, "PATCH", path, "{\"age\":36}", "key-2").statusCode())
                    .isEqualTo(200);
            HttpResponse<String> again = write(region, "PUT", path, "{\"name\":\"Ada\"}", "key-1");
            assertThat(again.headers().firstValue("Holdfast-Dot")).hasValue(dot);
            assertThat(get(region, path).body()).isEqualTo("{\"age\":36,\"name\":\"Ada\"}");
            assertThat(write(region, "PUT", path, "{\"name\":\"Grace\"}", "key-1").statusCode())
                    .isEqualTo(422);
            assertThat(get(region, "/v1/scopes/plain/changes").body())
                    .contains(region.replica() + ":2");
            assertThat(get(region, "/v1/scopes/plain/collections/patients/documents").body())
                    .contains("\"p1\"");
            assertThat(write(region, "DELETE", path, "", "key-3").statusCode()).isEqualTo(204);
            assertThat(get(region, path).statusCode()).isEqualTo(404);
        }
        // The same after a restart, for ever.
        try (RegionNode region = start(broker, database)) {
            HttpResponse<String> again = write(region, "PATCH", path, "{\"age\":36}", "key-2");
            assertThat(again.headers().firstValue("Holdfast-Dot"))
                    .hasValue(region.replica() + ":2");
            assertThat(get(region, path).statusCode()).isEqualTo(404);
            assertThat(
                            write(region, "PUT", path, "{\"name\":\"Eve\"}", "key-4")
                                    .headers()
                                    .firstValue("Holdfast-Dot"))
                    .hasValue(region.replica() + ":4");
        }
        // What the region wrote is in the chain and signed, as anybody's is.
        assertThat(
                        ask(
                                database.address(),
                                "SELECT string_agg(first || '-' || last, ' ' ORDER BY number)"
                                        + " FROM batch WHERE scope = 'plain'"))
                .isEqualTo("1-1 2-2 3-3 4-4");
    }

    @Test
    void while_the_database_is_dead_pushes_are_taken_and_applied_once_it_is_back(
            BrokerProcess broker) throws Exception {
        Path data = RealServices.freshFolder(RegionNodeTest.class);
        try (EmbeddedDatabase database =
                        EmbeddedDatabase.start(RealServices.databaseSettings(data), words -> {});
                RegionNode region = start(broker, database)) {
            TestAuthor author = now(new TestAuthor("dead", "amina"));
            SyncClient device = new SyncClient(client, region.address(), author);
            Batch first = author.increment("p1");
            device.round(first);
            await(() ->
                    SyncClient.acknowledged(device.round(), Durability.APPLIED)
                            .contains(Span.of(first)));

            for (int round = 0; round < 2; round++) {
                kill(database.pid());
                Batch next = author.increment("p1");
                assertThat(SyncClient.acknowledged(device.round(next), Durability.REGION))
                        .contains(Span.of(next));
                await(() ->
                        SyncClient.acknowledged(device.round(), Durability.APPLIED).stream()
                                .anyMatch(span -> span.to() == next.last()));
            }
            assertThat(
                            ask(
                                    database.address(),
                                    "SELECT fields->>'visits' FROM document WHERE scope = 'dead'"))
                    .isEqualTo("3");
            assertThat(
                            ask(
                                    database.address(),
                                    "SELECT count(*) FROM quarantine WHERE scope = 'dead'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void it_says_whether_it_is_ready_and_how_it_does(
            BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        try (RegionNode region = start(broker, database)) {
            assertThat(get(region, "/healthz").statusCode()).isEqualTo(200);
            HttpResponse<String> ready = get(region, "/readyz");
            assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
            assertThat(ready.body()).contains("database", "workers", "disk", "backlog");
            await(() -> get(region, "/metrics").body().contains("holdfast_region_database_up 1.0"));
            assertThat(get(region, "/metrics").body())
                    .contains(
                            "holdfast_region_backlog",
                            "holdfast_region_applied_total",
                            "holdfast_region_quarantined");
        }
    }

    @Test
    void what_is_wrong_with_its_grant_or_settings_is_said_before_anything_starts() {
        assertThatThrownBy(() -> SettingsFile.parse("daat: x", "region.yaml", RegionSettings.class))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("daat")
                .hasMessageContaining("data");
        RegionSettings settings = settings("127.0.0.1:1", "jdbc:postgresql://127.0.0.1:1/x", "x");
        assertThatThrownBy(
                        () -> {
                            Files.writeString(
                                    folder.resolve("node/grant"),
                                    bearer(TestAuthor.grant(TestRegion.KEY, Grant.Role.EDGE))
                                            .substring(7));
                            RegionMain.start(settings, words -> {}).close();
                        })
                .isInstanceOf(KeysException.class)
                .hasMessageContaining("not one for the role region");
    }

    private RegionNode start(BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        DatabaseAddress address = database.address();
        Files.writeString(folder.resolve("password"), address.password() + "\n");
        return RegionMain.start(
                settings(broker.address(), address.url(), address.user()), words -> {});
    }

    private RegionSettings settings(String namesrv, String url, String user) {
        String yaml =
                """
                data: FOLDER/data
                http: {host: localhost, port: 0}
                tls:
                  certificate: FOLDER/node/node.pem
                  key: FOLDER/node/node.key
                  authority: FOLDER/node/ca.pem
                authorities: [FOLDER/node/grants.pub]
                grant: FOLDER/node/grant
                replica-key: FOLDER/node/replica.key
                database: {jdbc-url: "URL", user: "USER", password-file: FOLDER/password}
                log: {namesrv-address: "NAMESRV"}
                free-disk: 1MiB
                """;
        return SettingsFile.parse(
                yaml.replace("FOLDER", folder.toString())
                        .replace("URL", url)
                        .replace("USER", user)
                        .replace("NAMESRV", namesrv),
                "region.yaml",
                RegionSettings.class);
    }

    private HttpResponse<String> get(RegionNode region, String path) throws Exception {
        return client.send(
                request(region, path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> write(
            RegionNode region, String method, String path, String body, String key)
            throws Exception {
        return client.send(
                request(region, path)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .method(
                                method,
                                HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(RegionNode region, String path) {
        SignedGrant grant = TestAuthor.grant(TestAuthor.key("caller"), Grant.Role.DEVICE);
        return HttpRequest.newBuilder(region.address().resolve(path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", bearer(grant));
    }

    private static String bearer(SignedGrant grant) {
        return Bearer.header(grant.encoded());
    }

    private static TestAuthor now(TestAuthor author) {
        author.nowMillis = System.currentTimeMillis();
        return author;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    private static void kill(long pid) throws Exception {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(10, TimeUnit.SECONDS);
    }

    private static String ask(DatabaseAddress address, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
