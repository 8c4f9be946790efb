package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.PinnedTrust;
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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two whole regions, left and right, that follow each other, with a database and a topic each; left
 * is two processes, of which one does nothing but follow.
 */
final class TwoRegions implements AutoCloseable {
    static final List<String> PROCESSES = List.of("left", "left-links", "right");

    private final RegionFolders folders;
    private final Map<String, DatabaseAddress> databases = new HashMap<>();
    private final Map<String, RegionNode> regions = new HashMap<>();
    private final Map<String, HttpClient> clients = new HashMap<>();

    /**
     * @param name begins the names of their databases
     */
    TwoRegions(String name, Path folder, String broker, DatabaseAddress server) throws Exception {
        folders = new RegionFolders(folder, broker, "compared", PROCESSES);
        for (String side : List.of("left", "right"))
            databases.put(side, RegionFolders.create(server, name + "_" + side));
        for (String process : PROCESSES) {
            clients.put(
                    process,
                    HttpClient.newBuilder()
                            .sslContext(
                                    Tls.load(TlsSettings.in(folders.of(process))).clientContext())
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
        String roles =
                switch (name) {
                    case "left" -> "ingest, worker";
                    case "left-links" -> "mirror";
                    default -> "";
                };
        String rest =
                """
                roles: [ROLES]
                mirror: {peers: ["https://PEER"]}
                home: HOME
                """
                        .replace("ROLES", roles)
                        .replace("HOME", String.valueOf(name.equals("left")))
                        .replace("PEER", peerOf(name));
        regions.put(name, folders.start(name, database(name), "compared-" + side(name), rest));
    }

    void stop(String name) {
        RegionFolders.get(regions, name).close();
    }

    /** What the peer of a process goes by. */
    String peerOf(String name) {
        return folders.authority(side(name).equals("left") ? "right" : "left");
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
                new LiveSession(
                        RegionFolders.get(clients, region),
                        RegionFolders.get(regions, region).address(),
                        author)) {
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
        RegionFolders.await(() -> operations(region, scope) == count);
    }

    @Nullable String ask(String region, String sql, String... parameters) throws SQLException {
        return RegionFolders.ask(database(region), sql, parameters);
    }

    /** Changes rows behind the region's back; answers how many. */
    int alter(String region, String sql, Object... parameters) throws SQLException {
        try (Connection connection = RegionFolders.connect(database(region));
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
                HttpRequest.newBuilder(RegionFolders.get(regions, region).address().resolve(path))
                        .timeout(Duration.ofMinutes(2))
                        .header("Authorization", "Bearer " + grant(as))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        return RegionFolders.get(clients, as).send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** As those ask who have a grant, and no certificate. */
    HttpResponse<String> bearing(String grant, String region, String method, String path)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(RegionFolders.get(regions, region).address().resolve(path))
                        .timeout(Duration.ofMinutes(2))
                        .header("Authorization", "Bearer " + grant)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(
                                PinnedTrust.load(folders.of(region).resolve("ca.pem")).context())
                        .build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Hands over a list of what is revoked. */
    HttpResponse<String> handOver(String region, String list) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                RegionFolders.get(regions, region)
                                        .address()
                                        .resolve("/v1/revocations"))
                        .timeout(Duration.ofMinutes(2))
                        .PUT(HttpRequest.BodyPublishers.ofString(list))
                        .build();
        return RegionFolders.get(clients, region)
                .send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** What is answered to a post, line by line as it comes. */
    Stream<String> lines(String region, String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(RegionFolders.get(regions, region).address().resolve(path))
                        .header("Authorization", "Bearer " + grant(region))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        return RegionFolders.get(clients, region)
                .send(request, HttpResponse.BodyHandlers.ofLines())
                .body();
    }

    private String grant(String name) throws IOException {
        return Files.readString(folders.of(name).resolve("grant"));
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

    private DatabaseAddress database(String name) {
        return RegionFolders.get(databases, side(name));
    }
}
