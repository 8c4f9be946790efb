package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.Verifier;
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
import java.sql.Statement;
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
    void what_a_worker_in_another_process_does_reaches_live_sessions_at_the_ingest_process(
            BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        TestAuthor author = now(new TestAuthor("apart", "amina"));
        TestAuthor clone = author.cloned();
        Batch batch = author.increment("p1");
        Batch forked = clone.increment("p2");
        try (RegionNode ingest = start(broker, database, "ingest");
                RegionNode worker = start(broker, database, "worker");
                LiveSession session = new LiveSession(client, ingest.address(), author)) {
            session.push(batch);
            session.await(
                    "the word of the other process",
                    message ->
                            message instanceof Message.Ack word
                                    && word.receipt().receipt().level() == Durability.APPLIED
                                    && word.receipt().receipt().spans().contains(Span.of(batch)));
            session.push(forked);
            session.await(
                    "its refusal",
                    message ->
                            message instanceof Message.Reject refused
                                    && refused.rejection().span().equals(Span.of(forked))
                                    && refused.rejection().code() == Rejection.Code.FORK);
            assertThat(get(worker, "/v1/sync").statusCode()).isEqualTo(404);
            assertThat(get(worker, "/readyz").statusCode()).isEqualTo(200);

            // What is said at one process holds at the other.
            String entry = "/v1/console/quarantine/" + forked.hash().hex();
            assertThat(look(ingest, entry)).contains("\"id\":\"p2\"", "\"fields\":[\"visits\"]");
            String open = "\"hash\":\"" + forked.hash().hex() + "\"";
            String settled = "\"settled-why\":\"written again\"";
            await(() -> look(worker, "/v1/console").contains(open));
            assertThat(look(worker, "/v1/console")).doesNotContain(settled);
            assertThat(act(ingest, entry + "/settle?why=written+again")).isEqualTo(200);
            await(() -> look(ingest, "/v1/console").contains(settled));
            await(() -> look(worker, "/v1/console").contains(settled));
            assertThat(act(worker, entry + "/settle?undo=true")).isEqualTo(200);
            await(() -> !look(ingest, "/v1/console").contains(settled));
            assertThat(act(worker, entry.replace('a', 'b') + "/settle")).isEqualTo(404);
        }
    }

    @Test
    void a_region_whose_database_came_back_from_a_backup_takes_a_new_key_and_forks_nothing(
            BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        String path = "/v1/scopes/restored/collections/patients/documents/p1";
        DatabaseAddress newest = database.address();
        String first;
        try (RegionNode region = start(broker, newest)) {
            first = region.replica().toString();
            assertThat(dot(write(region, "PUT", path, "{\"name\":\"Ada\"}", "key-1")))
                    .isEqualTo(first + ":1");
        }
        DatabaseAddress backup = copy(newest, "backup_of_a_region");
        try (RegionNode region = start(broker, newest)) {
            assertThat(dot(write(region, "PATCH", path, "{\"age\":36}", "key-2")))
                    .as("the database is the newest, so the key stays")
                    .isEqualTo(first + ":2");
        }
        String second;
        try (RegionNode region = start(broker, backup)) {
            second = region.replica().toString();
            assertThat(second).isNotEqualTo(first);
            assertThat(get(region, path).body()).isEqualTo("{\"name\":\"Ada\"}");
            assertThat(dot(write(region, "PATCH", path, "{\"age\":37}", "key-3")))
                    .isEqualTo(second + ":1");
            assertThat(get(region, path).body()).isEqualTo("{\"age\":37,\"name\":\"Ada\"}");
        }
        try (RegionNode region = start(broker, backup)) {
            assertThat(region.replica()).hasToString(second);
            TestAuthor author = now(new TestAuthor("restored", "amina"));
            assertThat(new SyncClient(client, region.address(), author).round())
                    .as("its new key is shown to hold the old one's grant")
                    .anySatisfy(message ->
                            assertThat(message)
                                    .isInstanceOfSatisfying(
                                            Message.Welcome.class,
                                            welcome -> assertGranted(welcome.grant())));
        }
    }

    private static void assertGranted(SignedGrant grant) {
        assertThat(grant.successions()).isNotEmpty();
        assertThat(grant.checks(TestAuthor.AUTHORITY.publicKey()))
                .allMatch(check ->
                        new Verifier().verify(check.publicKey(), check.text(), check.signature()));
    }

    private static String dot(HttpResponse<String> answer) {
        return answer.headers().firstValue("Holdfast-Dot").orElse(answer.body());
    }

    private static DatabaseAddress copy(DatabaseAddress from, String name) throws SQLException {
        String whole = from.url();
        String base = whole.substring(0, whole.lastIndexOf('/') + 1);
        String database = whole.substring(base.length()).replaceFirst("\\?.*", "");
        String options = whole.substring(base.length() + database.length());
        // From another one: a database is copied while nobody is in it.
        try (Connection connection =
                        DriverManager.getConnection(
                                base + "template1" + options, from.user(), from.password());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " TEMPLATE \"" + database + '"');
        }
        return new DatabaseAddress(base + name + options, from.user(), from.password());
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
                // A database that was started again takes work a moment before its pid is known.
                await(() -> ProcessHandle.of(database.pid()).isPresent());
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
    void an_operator_sees_what_comes_in_what_is_applied_and_where_two_disagree(
            BrokerProcess broker, EmbeddedDatabase database) throws Exception {
        TestAuthor amina = now(new TestAuthor("seen", "amina"));
        TestAuthor bashir = now(new TestAuthor("seen", "bashir"));
        Batch one = amina.put("p1", "name", "Amina");
        Batch other = bashir.put("p1", "name", "Emine");
        try (RegionNode region = start(broker, database)) {
            assertThat(get(region, "/v1/console").statusCode()).isEqualTo(403); // a device's
            SyncClient device = new SyncClient(client, region.address(), amina);
            device.round(one);
            new SyncClient(client, region.address(), bashir).round(other);
            await(() -> look(region, "/v1/console").contains("\"scope\":\"seen\",\"collection\""));
            String told = look(region, "/v1/console");
            assertThat(told)
                    .contains(
                            "\"kind\":\"region\"",
                            "\"queue\":",
                            "\"appended\":2",
                            "\"applied\":",
                            "\"quarantined\":",
                            "\"replica\":\"" + one.author() + "\"",
                            "\"id\":\"p1\"",
                            "\"paths\":[\"name\"]")
                    .doesNotContain("Emine");
            String journey =
                    look(region, "/v1/console/journey?scope=seen&dot=" + one.author() + ":1");
            assertThat(journey)
                    .contains("\"has\":true", "\"applied\":", "\"trace\":", "\"written\":");
            Bytes trace = one.body().transactions().getFirst().traceId("seen");
            String traced = "/v1/console/journey?scope=seen&trace=";
            assertThat(look(region, traced + trace.hex()))
                    .contains("\"has\":true", "\"dot\":\"" + one.author() + ":1\"");
            assertThat(look(region, traced + "0".repeat(32))).contains("\"has\":false");
        }
    }

    private String look(RegionNode region, String path) throws Exception {
        SignedGrant grant = TestAuthor.grant(TestAuthor.key("dalia"), Grant.Role.OPERATOR);
        HttpResponse<String> answer =
                client.send(
                        HttpRequest.newBuilder(region.address().resolve(path))
                                .timeout(Duration.ofSeconds(30))
                                .header("Authorization", bearer(grant))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private int act(RegionNode region, String path) throws Exception {
        SignedGrant grant = TestAuthor.grant(TestAuthor.key("dalia"), Grant.Role.OPERATOR);
        return client.send(
                        HttpRequest.newBuilder(region.address().resolve(path))
                                .timeout(Duration.ofSeconds(30))
                                .header("Authorization", bearer(grant))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void what_is_wrong_with_its_grant_or_settings_is_said_before_anything_starts() {
        assertThatThrownBy(() -> SettingsFile.parse("daat: x", "region.yaml", RegionSettings.class))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("daat")
                .hasMessageContaining("data");
        RegionSettings settings =
                settings("127.0.0.1:1", "jdbc:postgresql://127.0.0.1:1/x", "x", "worker");
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
        return start(broker, database, "ingest, worker");
    }

    private RegionNode start(BrokerProcess broker, DatabaseAddress address) throws Exception {
        return start(broker, address, "ingest, worker");
    }

    private RegionNode start(BrokerProcess broker, EmbeddedDatabase database, String roles)
            throws Exception {
        return start(broker, database.address(), roles);
    }

    private RegionNode start(BrokerProcess broker, DatabaseAddress address, String roles)
            throws Exception {
        Files.writeString(folder.resolve("password"), address.password() + "\n");
        return RegionMain.start(
                settings(broker.address(), address.url(), address.user(), roles), words -> {});
    }

    private RegionSettings settings(String namesrv, String url, String user, String roles) {
        String yaml =
                """
                data: FOLDER/data-ROLES
                roles: [ROLES]
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
                yaml.replace("data-ROLES", "data-" + roles.replace(", ", "-"))
                        .replace("ROLES", roles)
                        .replace("FOLDER", folder.toString())
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
