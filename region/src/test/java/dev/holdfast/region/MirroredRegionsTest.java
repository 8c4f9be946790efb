package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.region.database.DatabaseAddress;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.BrokerProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three whole regions in a line: a and b follow each other, b and c do. Each has its own database,
 * log and keys. Region c is two processes, one of which does nothing but follow the others; and its
 * database is on a server of its own. A test leaves all of it running.
 */
@ExtendWith(RealServices.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MirroredRegionsTest {
    private static final List<String> LINE = List.of("a", "b", "c");
    private static final List<String> PROCESSES = List.of("a", "b", "c", "c-links");
    private static final Map<String, List<String>> PEERS =
            Map.of(
                    "a",
                    List.of("b"),
                    "b",
                    List.of("a", "c"),
                    "c",
                    List.of("b"),
                    "c-links",
                    List.of("b"));
    private static final Map<String, String> ROLES =
            Map.of("a", "", "b", "", "c", "ingest, worker", "c-links", "mirror");

    /** All that says what a region has in a scope, in an order that is the same everywhere. */
    private static final String STATE =
            """
            SELECT (SELECT string_agg(concat(collection, '/', id, '=', state, fields), E'\\n'
                        ORDER BY collection, id) FROM document WHERE scope = ?)
                || (SELECT string_agg(concat(replica, ':', intervals), E'\\n' ORDER BY replica)
                        FROM context WHERE scope = ?)\
            """;

    @TempDir static Path folder;

    private final Map<String, DatabaseAddress> databases = new HashMap<>();
    private final Map<String, RegionNode> regions = new HashMap<>();
    private HttpClient client = HttpClient.newHttpClient();
    private @Nullable RegionFolders started;
    private @Nullable EmbeddedDatabase databaseOfC;

    @BeforeAll
    void a_line_of_regions(BrokerProcess process, EmbeddedDatabase server) throws Exception {
        started = new RegionFolders(folder, process.address(), "region", PROCESSES);
        for (String name : List.of("a", "b"))
            databases.put(name, RegionFolders.create(server.address(), "mirror_" + name));
        Path own = RealServices.freshFolder(MirroredRegionsTest.class);
        databaseOfC = EmbeddedDatabase.start(RealServices.databaseSettings(own), words -> {});
        for (String name : List.of("c", "c-links")) databases.put(name, databaseOfC.address());
        client =
                HttpClient.newBuilder()
                        .sslContext(PinnedTrust.load(folder.resolve("a/ca.pem")).context())
                        .build();
        for (String name : LINE) {
            tell(name, "CREATE TABLE stock (sku text PRIMARY KEY, name text, quantity int)");
            tell(name, "INSERT INTO stock VALUES ('everywhere', '" + name + "', 1)");
        }
        for (String name : PROCESSES) start(name);
    }

    @AfterAll
    void stop() {
        regions.values().forEach(RegionNode::close);
        if (databaseOfC != null) databaseOfC.close();
        client.close();
    }

    @Test
    void what_a_device_writes_at_one_region_is_applied_in_the_others_and_told_as_global()
            throws Exception {
        TestAuthor author = author("told", "amina");
        Batch first = author.increment("p1");
        Batch second = author.increment("p1");
        try (LiveSession device = session("a", author)) {
            device.push(first);
            awaitLevel(device, Durability.GLOBAL, first);
            device.push(second);
            awaitLevel(device, Durability.GLOBAL, second);
        }
        assertThat(ask("b", "SELECT fields->>'visits' FROM document WHERE scope = ?", "told"))
                .isEqualTo("2");
        // Through b, which relays what it did not take in itself.
        awaitOperations("c", "told", 2);
        // Who comes later is told too, wherever that is.
        try (LiveSession device = session("c", author)) {
            device.push(second);
            awaitLevel(device, Durability.GLOBAL, second);
        }
    }

    @Test
    void writes_in_all_regions_at_once_end_in_equal_documents_and_contexts() throws Exception {
        List<TestAuthor> authors = new ArrayList<>();
        for (String name : LINE) authors.add(author("at-once", name));
        List<LiveSession> sessions = new ArrayList<>();
        for (int i = 0; i < LINE.size(); i++) sessions.add(session(LINE.get(i), authors.get(i)));
        int rounds = 20;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < LINE.size(); i++) {
                TestAuthor author = authors.get(i);
                sessions.get(i).push(author.put("p" + round % 3, "name", LINE.get(i) + round));
                sessions.get(i).push(author.increment("p" + round % 3));
            }
        }
        for (String name : LINE) awaitOperations(name, "at-once", 2L * rounds * LINE.size());
        for (LiveSession session : sessions) session.close();
        for (String name : List.of("b", "c"))
            assertThat(state(name, "at-once")).as(name).isEqualTo(state("a", "at-once"));
        assertThat(ask("c", "SELECT count(*) FROM quarantine")).isEqualTo("0");
    }

    @Test
    void a_region_that_was_stopped_catches_up_and_nothing_is_applied_twice() throws Exception {
        TestAuthor before = author("stopped", "before");
        TestAuthor meanwhile = author("stopped", "meanwhile");
        TestAuthor elsewhere = author("stopped", "elsewhere");
        push("a", before, 3);
        awaitOperations("c", "stopped", 3);
        stop("b");
        push("a", meanwhile, 50);
        push("c", elsewhere, 7);
        awaitOperations("a", "stopped", 53);
        awaitOperations("c", "stopped", 10);
        start("b");
        for (String name : LINE) awaitOperations(name, "stopped", 60);
        for (String name : List.of("b", "c"))
            assertThat(state(name, "stopped")).as(name).isEqualTo(state("a", "stopped"));
        // A batch that came by two ways would be in the feed once, and nowhere else.
        for (String name : LINE) {
            assertThat(ask(name, "SELECT count(*) FROM batch WHERE scope = ?", "stopped"))
                    .as(name)
                    .isEqualTo("60");
            assertThat(ask(name, "SELECT count(*) FROM quarantine")).as(name).isEqualTo("0");
        }
    }

    @Test
    void a_batch_is_not_sent_back_to_where_it_came_from() throws Exception {
        TestAuthor here = author("back", "here");
        TestAuthor there = author("back", "there");
        push("b", there, 1);
        awaitOperations("a", "back", 1);
        // Counts from here on.
        stop("a");
        start("a");
        RegionFolders.await(
                () -> figure("a", "holdfast_mirror_up{peer=\"" + folders().authority("b")) == 1);
        try (LiveSession device = session("a", here)) {
            // One after the other, and many at once.
            for (int batches : List.of(1, 1, 1, 100)) {
                Batch last = here.increment("p1");
                for (int i = 1; i < batches; i++) {
                    device.push(last);
                    last = here.increment("p1");
                }
                device.push(last);
                awaitLevel(device, Durability.GLOBAL, last);
            }
        }
        // It is in b's feed after all of them.
        push("b", there, 1);
        awaitOperations("a", "back", 105);
        assertThat(figure("a", "holdfast_mirror_batches_total")).isEqualTo(1);
        assertThat(figure("a", "holdfast_mirror_same_total")).isEqualTo(0);
    }

    @Test
    void what_one_process_of_a_region_hears_is_told_at_another() throws Exception {
        TestAuthor author = author("apart-told", "amina");
        try (LiveSession device = session("c", author)) {
            for (int i = 0; i < 3; i++) {
                Batch batch = author.increment("p1");
                device.push(batch);
                awaitLevel(device, Durability.GLOBAL, batch);
            }
        }
        awaitOperations("a", "apart-told", 3);
    }

    @Test
    void a_region_whose_database_was_away_goes_on_where_it_was() throws Exception {
        TestAuthor author = author("away", "amina");
        push("a", author, 5);
        awaitOperations("c", "away", 5);
        ProcessHandle server =
                ProcessHandle.of(Objects.requireNonNull(databaseOfC).pid()).orElseThrow();
        server.destroyForcibly();
        push("a", author, 20);
        for (String name : LINE) awaitOperations(name, "away", 25);
        assertThat(state("c", "away")).isEqualTo(state("a", "away"));
        assertThat(ask("c", "SELECT count(*) FROM batch WHERE scope = ?", "away")).isEqualTo("25");
    }

    @Test
    void rows_of_the_application_are_the_same_in_all_regions() throws Exception {
        tell("a", "INSERT INTO stock VALUES ('s1', 'salt', 10), ('s2', 'soap', 20)");
        for (String name : LINE)
            RegionFolders.await(
                    () -> "2".equals(ask(name, "SELECT count(*) FROM stock WHERE sku LIKE 's_'")));
        tell("b", "UPDATE stock SET quantity = 11 WHERE sku = 's1'");
        tell("c", "UPDATE stock SET name = 'sea salt' WHERE sku = 's1'");
        tell("c", "DELETE FROM stock WHERE sku = 's2'");
        String all =
                "SELECT string_agg(s::text, ';' ORDER BY sku) FROM stock s WHERE sku LIKE 's_'";
        for (String name : LINE)
            RegionFolders.await(() -> "(s1,\"sea salt\",11)".equals(ask(name, all)));
        // Each had this one before, and none knew of the others'.
        String before = "SELECT name FROM stock WHERE sku = 'everywhere'";
        RegionFolders.await(() -> {
            String shown = ask("a", before);
            return Objects.equals(shown, ask("b", before))
                    && Objects.equals(shown, ask("c", before));
        });
        assertThat(ask("b", "SELECT count(*) FROM table_conflict WHERE id = 'everywhere'"))
                .isNotEqualTo("0");
        RegionFolders.await(
                () -> get("a", "/readyz").contains("done, 0 changes to be told, 0 rows"));
        RegionFolders.await(() -> get("a", "/readyz").contains("\"lag-seconds\":0.0"));
        assertThat(get("a", "/readyz")).contains("table public.stock");
    }

    @Test
    void a_region_says_how_it_stands_with_its_peers() throws Exception {
        RegionFolders.await(() -> get("c-links", "/readyz").contains("up since"));
        assertThat(get("b", "/readyz"))
                .contains("mirror " + folders().authority("a"))
                .contains("mirror " + folders().authority("c"));
        assertThat(get("b", "/metrics"))
                .contains(
                        "holdfast_mirror_batches_total",
                        "holdfast_mirror_same_total",
                        "holdfast_mirror_sessions_total",
                        "holdfast_mirror_last_page_seconds");
        stop("c");
        RegionFolders.await(() -> get("b", "/readyz").contains("down since"));
        assertThat(get("b", "/readyz")).contains("\"ready\":true");
        start("c");
        RegionFolders.await(() -> !get("b", "/readyz").contains("down since"));
    }

    // The regions.

    private RegionFolders folders() {
        return Objects.requireNonNull(started);
    }

    private void start(String name) throws Exception {
        String peers =
                RegionFolders.get(PEERS, name).stream()
                        .map(peer -> "\"https://" + folders().authority(peer) + '"')
                        .collect(Collectors.joining(", "));
        String rest =
                """
                roles: [ROLES]
                mirror: {peers: [PEERS]}
                tables: [{name: public.stock, scope: shop}]
                home: HOME
                """
                        .replace("ROLES", RegionFolders.get(ROLES, name))
                        .replace("HOME", String.valueOf(name.equals("a")))
                        .replace("[PEERS]", "[" + peers + "]");
        String topic = "mirror-" + name.charAt(0);
        DatabaseAddress database = RegionFolders.get(databases, name);
        regions.put(name, folders().start(name, database, topic, rest));
    }

    private void stop(String name) {
        RegionFolders.get(regions, name).close();
    }

    private URI address(String name) {
        return RegionFolders.get(regions, name).address();
    }

    // The devices.

    private static TestAuthor author(String scope, String name) {
        TestAuthor author = new TestAuthor(scope, name);
        author.nowMillis = System.currentTimeMillis();
        return author;
    }

    private LiveSession session(String region, TestAuthor author) throws Exception {
        return new LiveSession(client, address(region), author);
    }

    private void push(String region, TestAuthor author, int count) throws Exception {
        try (LiveSession device = session(region, author)) {
            Batch last = null;
            for (int i = 0; i < count; i++) {
                last = author.increment("p" + i % 5);
                device.push(last);
            }
            if (last != null) awaitLevel(device, Durability.REGION, last);
        }
    }

    private static void awaitLevel(LiveSession device, Durability level, Batch batch)
            throws InterruptedException {
        Predicate<Message> told =
                message ->
                        message instanceof Message.Ack ack
                                && ack.receipt().receipt().level().reaches(level)
                                && covers(ack.receipt().receipt().spans(), batch);
        device.await(level + " of " + Span.of(batch), told);
    }

    private static boolean covers(List<Span> spans, Batch batch) {
        return spans.stream()
                .anyMatch(span ->
                        span.replica().equals(batch.author())
                                && span.from() <= batch.first()
                                && span.to() >= batch.last());
    }

    // Looking.

    private void awaitOperations(String region, String scope, long count) throws Exception {
        RegionFolders.await(() -> {
            try {
                String sql = "SELECT count(*) FROM operation WHERE scope = ?";
                return String.valueOf(count).equals(ask(region, sql, scope));
            } catch (SQLException e) {
                return false; // the server is away
            }
        });
    }

    private String state(String region, String scope) throws SQLException {
        return String.valueOf(ask(region, STATE, scope, scope));
    }

    /** As the application does, by its own connection. */
    private void tell(String region, String sql) throws SQLException {
        try (Connection connection = RegionFolders.connect(RegionFolders.get(databases, region));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private @Nullable String ask(String region, String sql, String... parameters)
            throws SQLException {
        return RegionFolders.ask(RegionFolders.get(databases, region), sql, parameters);
    }

    /** The first meter that begins like that; NaN if there is none. */
    private double figure(String region, String meter) throws Exception {
        return get(region, "/metrics")
                .lines()
                .filter(line -> line.startsWith(meter))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    private String get(String region, String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(address(region).resolve(path))
                        .timeout(Duration.ofSeconds(30))
                        .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
