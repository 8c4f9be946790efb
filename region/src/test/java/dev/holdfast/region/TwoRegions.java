package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import dev.holdfast.region.database.DatabaseAddress;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two whole regions, left and right, that follow each other, with a database and a topic each; left
 * is two processes, of which one does nothing but follow.
 */
final class TwoRegions implements AutoCloseable {
    static final List<String> PROCESSES = List.of("left", "left-links", "right");

    private final Path folder;
    private final String name;
    private final String broker;
    private final Map<String, DatabaseAddress> databases = new HashMap<>();
    private final Map<String, RegionNode> regions = new HashMap<>();
    private final Map<String, HttpClient> clients = new HashMap<>();
    private final Map<String, Integer> ports =
            PROCESSES.stream()
                    .collect(Collectors.toMap(name -> name, _ -> RealServices.freePort()));

    /**
     * @param name begins the names of their databases
     */
    TwoRegions(String name, Path folder, String broker, DatabaseAddress server) throws Exception {
        this.name = name;
        this.folder = folder;
        this.broker = broker;
        Authority authority =
                Authority.create(
                        folder.resolve("authority"),
                        "test",
                        Entropy.system(),
                        InstantSource.system());
        for (String side : List.of("left", "right")) create(server, side);
        for (String process : PROCESSES) {
            keys(authority, process);
            clients.put(
                    process,
                    HttpClient.newBuilder()
                            .sslContext(
                                    Tls.load(TlsSettings.in(folder.resolve(process)))
                                            .clientContext())
                            .build());
            start(process);
        }
    }

    @Override
    public void close() {
        regions.values().forEach(RegionNode::close);
        clients.values().forEach(HttpClient::close);
    }

    void start(String name) throws Exception {
        DatabaseAddress database = database(name);
        Files.writeString(folder.resolve(name + "/password"), database.password());
        String yaml =
                """
                data: FOLDER/data
                http: {host: localhost, port: PORT}
                tls: {certificate: FOLDER/node.pem, key: FOLDER/node.key, authority: FOLDER/ca.pem}
                authorities: [FOLDER/grants.pub]
                grant: FOLDER/grant
                replica-key: FOLDER/replica.key
                database: {jdbc-url: "URL", user: "USER", password-file: FOLDER/password, connections: 6}
                log: {namesrv-address: "BROKER", topic: compared-SIDE}
                roles: [ROLES]
                mirror: {peers: ["https://PEER"]}
                workers: 1
                home: HOME
                free-disk: 1MiB
                """;
        String roles =
                switch (name) {
                    case "left" -> "ingest, worker";
                    case "left-links" -> "mirror";
                    default -> "";
                };
        regions.put(
                name,
                RegionMain.start(
                        SettingsFile.parse(
                                yaml.replace("FOLDER", folder.resolve(name).toString())
                                        .replace("PORT", String.valueOf(ports.get(name)))
                                        .replace("URL", database.url())
                                        .replace("USER", database.user())
                                        .replace("BROKER", broker)
                                        .replace("SIDE", side(name))
                                        .replace("ROLES", roles)
                                        .replace("HOME", String.valueOf(name.equals("left")))
                                        .replace("PEER", peerOf(name)),
                                "region.yaml",
                                RegionSettings.class),
                        words -> {}));
    }

    void stop(String name) {
        of(regions, name).close();
    }

    /** What the peer of a process goes by. */
    String peerOf(String name) {
        return "localhost:" + ports.get(side(name).equals("left") ? "right" : "left");
    }

    private static String side(String name) {
        return name.startsWith("left") ? "left" : "right";
    }

    // Devices.

    static TestAuthor author(String scope, String name) {
        TestAuthor author = new TestAuthor(scope, name);
        author.nowMillis = System.currentTimeMillis();
        return author;
    }

    /** Pushes batches until the region has applied them. */
    void push(String region, TestAuthor author, List<Batch> batches) throws Exception {
        try (LiveSession device =
                new LiveSession(of(clients, region), of(regions, region).address(), author)) {
            for (Batch batch : batches) device.push(batch);
            Batch last = batches.getLast();
            device.await(
                    "applied",
                    message ->
                            message instanceof Message.Ack ack
                                    && ack.receipt().receipt().level().reaches(Durability.APPLIED)
                                    && ack.receipt().receipt().spans().stream()
                                            .anyMatch(span -> span.to() >= last.last()));
        }
    }

    List<Batch> increments(TestAuthor author, int count) {
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) batches.add(author.increment("p" + i % 5));
        return batches;
    }

    // Looking, and breaking.

    long operations(String region, String scope) throws SQLException {
        return Long.parseLong(
                String.valueOf(
                        ask(region, "SELECT count(*) FROM operation WHERE scope = ?", scope)));
    }

    void awaitOperations(String region, String scope, long count) throws Exception {
        await(() -> operations(region, scope) == count);
    }

    @Nullable String ask(String region, String sql, String... parameters) throws SQLException {
        try (Connection connection = connect(database(region));
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) statement.setString(i + 1, parameters[i]);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    /** Changes rows behind the region's back; answers how many. */
    int alter(String region, String sql, Object... parameters) throws SQLException {
        try (Connection connection = connect(database(region));
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) statement.setObject(i + 1, parameters[i]);
            return statement.executeUpdate();
        }
    }

    // Asking.

    /** As those ask who have a process's own files. */
    HttpResponse<String> request(String region, String method, String path) throws Exception {
        return request(region, region, method, path);
    }

    /** As those ask who have another process's files. */
    HttpResponse<String> request(String region, String as, String method, String path)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(of(regions, region).address().resolve(path))
                        .timeout(Duration.ofMinutes(2))
                        .header("Authorization", "Bearer " + grant(as))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        return of(clients, as).send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** What is answered to a post, line by line as it comes. */
    Stream<String> lines(String region, String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(of(regions, region).address().resolve(path))
                        .header("Authorization", "Bearer " + grant(region))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        return of(clients, region).send(request, HttpResponse.BodyHandlers.ofLines()).body();
    }

    private String grant(String name) throws IOException {
        return Files.readString(folder.resolve(name + "/grant"));
    }

    /** What is said of a process's only link. */
    Value.Map link(String region) throws Exception {
        HttpResponse<String> answer = request(region, "GET", "/v1/mirror");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Value.Map all = (Value.Map) Json.parse(answer.body());
        Value.Array peers = (Value.Array) Objects.requireNonNull(all.fields().get("peers"));
        return (Value.Map) peers.items().getFirst();
    }

    /** The value at a path such as {@code report.lag.operations}; a text "none" where none is. */
    static Value at(Value value, String... path) {
        Value here = value;
        for (String name : path) {
            if (!(here instanceof Value.Map map)) return Value.of("none");
            here = map.fields().getOrDefault(name, Value.of("none"));
        }
        return here;
    }

    static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private void keys(Authority authority, String name) throws IOException {
        Path node = Files.createDirectory(folder.resolve(name));
        ReplicaKey key = TestAuthor.key("compared-" + name);
        authority
                .issue(
                        TestAuthor.subject(key),
                        List.of("localhost", "127.0.0.1"),
                        Duration.ofDays(9))
                .write(node);
        Files.writeString(node.resolve("ca.pem"), authority.certificatePem());
        Files.writeString(node.resolve("grants.pub"), TestAuthor.AUTHORITY.publicKey().hex());
        new KeyFile(node.resolve("replica.key")).store(key);
        Files.writeString(
                node.resolve("grant"),
                Bearer.token(TestAuthor.grant(key, Grant.Role.REGION).encoded()));
    }

    private void create(DatabaseAddress server, String side) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + "_" + side);
        }
        String url = server.url().replaceFirst("/[^/?]*(\\?|$)", "/" + name + "_" + side + "$1");
        databases.put(side, new DatabaseAddress(url, server.user(), server.password()));
    }

    private DatabaseAddress database(String name) {
        return of(databases, side(name));
    }

    private static Connection connect(DatabaseAddress address) throws SQLException {
        return DriverManager.getConnection(address.url(), address.user(), address.password());
    }

    private static <T> T of(Map<String, T> all, String name) {
        return Objects.requireNonNull(all.get(name), name);
    }
}
