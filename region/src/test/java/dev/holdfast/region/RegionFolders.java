package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.region.database.DatabaseAddress;
import java.io.IOException;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What whole regions on this machine stand on: for each process a port, and a folder as the keys
 * command writes it; and the databases, which a test looks into as anybody could.
 */
final class RegionFolders {
    private final Path folder;
    private final String broker;
    private final Map<String, Integer> ports;

    /**
     * @param owner begins the names of the keys
     */
    RegionFolders(Path folder, String broker, String owner, Collection<String> processes)
            throws IOException {
        this.folder = folder;
        this.broker = broker;
        this.ports =
                processes.stream()
                        .collect(Collectors.toMap(name -> name, _ -> RealServices.freePort()));
        Authority authority =
                Authority.create(
                        folder.resolve("authority"),
                        "test",
                        Entropy.system(),
                        InstantSource.system());
        for (String name : processes) keys(authority, name, TestAuthor.key(owner + "-" + name));
    }

    private void keys(Authority authority, String name, ReplicaKey key) throws IOException {
        Path node = Files.createDirectory(of(name));
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

    /** A process's own. */
    Path of(String name) {
        return folder.resolve(name);
    }

    /** Where a process listens. */
    String authority(String name) {
        return "localhost:" + get(ports, name);
    }

    /**
     * Starts a process.
     *
     * @param rest of its settings
     */
    RegionNode start(String name, DatabaseAddress database, String topic, String rest)
            throws Exception {
        Files.writeString(of(name).resolve("password"), database.password());
        String yaml =
                """
                data: FOLDER/data
                http: {host: localhost, port: PORT}
                tls: {certificate: FOLDER/node.pem, key: FOLDER/node.key, authority: FOLDER/ca.pem}
                authorities: [FOLDER/grants.pub]
                grant: FOLDER/grant
                replica-key: FOLDER/replica.key
                database: {jdbc-url: "URL", user: "USER", password-file: FOLDER/password, connections: 6}
                log: {namesrv-address: "BROKER", topic: TOPIC}
                workers: 1
                free-disk: 1MiB
                """
                        .replace("FOLDER", of(name).toString())
                        .replace("PORT", String.valueOf(get(ports, name)))
                        .replace("URL", database.url())
                        .replace("USER", database.user())
                        .replace("BROKER", broker)
                        .replace("TOPIC", topic);
        return RegionMain.start(
                SettingsFile.parse(yaml + rest, "region.yaml", RegionSettings.class), words -> {});
    }

    // Databases.

    /** A new one on the same server. */
    static DatabaseAddress create(DatabaseAddress server, String name) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        String url = server.url().replaceFirst("/[^/?]*(\\?|$)", "/" + name + "$1");
        return new DatabaseAddress(url, server.user(), server.password());
    }

    static Connection connect(DatabaseAddress address) throws SQLException {
        return DriverManager.getConnection(address.url(), address.user(), address.password());
    }

    /** The first value of an answer. */
    static @Nullable String ask(DatabaseAddress address, String sql, String... parameters)
            throws SQLException {
        try (Connection connection = connect(address);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) statement.setString(i + 1, parameters[i]);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    // Small things.

    static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    static <T> T get(Map<String, T> all, String name) {
        return Objects.requireNonNull(all.get(name), name);
    }
}
