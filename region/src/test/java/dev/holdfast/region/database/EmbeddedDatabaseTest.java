package dev.holdfast.region.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.region.KilledParent;
import dev.holdfast.region.RealServices;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Against the real PostgreSQL, killed for real. */
@ExtendWith(RealServices.class)
final class EmbeddedDatabaseTest {
    @Test
    void a_commit_is_flushed_and_the_log_can_be_replicated(EmbeddedDatabase server)
            throws SQLException {
        assertThat(ask(server.address(), "SHOW fsync")).isEqualTo("on");
        assertThat(ask(server.address(), "SHOW synchronous_commit")).isEqualTo("on");
        assertThat(ask(server.address(), "SHOW full_page_writes")).isEqualTo("on");
        assertThat(ask(server.address(), "SHOW wal_level")).isEqualTo("logical");
    }

    @Test
    void nobody_gets_in_without_the_password(EmbeddedDatabase server) {
        DatabaseAddress address = server.address();
        assertThatThrownBy(() ->
                        ask(
                                new DatabaseAddress(address.url(), address.user(), "guess"),
                                "SELECT 1"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password");
        assertThat(address.toString()).doesNotContain(address.password());
    }

    @Test
    void migrations_run_once_and_a_failed_transaction_leaves_nothing(EmbeddedDatabase server)
            throws SQLException {
        for (int round = 0; round < 2; round++) {
            try (Database database = Database.open(server.address(), 2)) {
                assertThatThrownBy(() ->
                                database.transaction(connection -> {
                                    put(connection, "half", "done");
                                    throw new SQLException("no", "23505");
                                }))
                        .isInstanceOf(SQLException.class);
                assertThat(stored(database, "half")).isEmpty();
            }
        }
    }

    @Test
    void a_killed_server_comes_back_with_what_was_committed_and_is_waited_for() throws Exception {
        Path folder = RealServices.freshFolder(EmbeddedDatabaseTest.class);
        try (EmbeddedDatabase server = start(folder);
                Database database = Database.open(server.address(), 2)) {
            database.transaction(connection -> put(connection, "name", "singapore"));

            long killed = server.pid();
            kill(killed);
            SQLException away = failureOf(database);
            assertThat(DatabaseFailure.of(away)).isEqualTo(DatabaseFailure.AWAY);
            assertThat(database.awaitBack(Duration.ofSeconds(30))).isTrue();

            assertThat(ProcessHandle.of(killed).filter(ProcessHandle::isAlive)).isEmpty();
            assertThat(stored(database, "name")).hasValue("singapore");
        }
    }

    @Test
    void a_killed_parents_server_is_stopped_and_its_data_found() throws Exception {
        Path folder = RealServices.freshFolder(EmbeddedDatabaseTest.class);
        ProcessHandle orphan = KilledParent.orphanOf(AbandonedDatabase.class, folder.toString());
        assertThat(orphan.isAlive()).isTrue();

        try (EmbeddedDatabase server = start(folder);
                Database database = Database.open(server.address(), 2)) {
            assertThat(orphan.isAlive()).isFalse();
            assertThat(stored(database, "parent")).hasValue("killed");
        }
    }

    @Test
    void two_run_side_by_side_but_a_folder_belongs_to_one(EmbeddedDatabase server)
            throws SQLException {
        Path folder = RealServices.freshFolder(EmbeddedDatabaseTest.class);
        List<String> words = new ArrayList<>();
        try (EmbeddedDatabase second =
                EmbeddedDatabase.start(RealServices.databaseSettings(folder), words::add)) {
            assertThat(words).contains("initialising PostgreSQL", "starting PostgreSQL, 0 s");
            assertThat(ask(second.address(), "SHOW data_directory"))
                    .isNotEqualTo(ask(server.address(), "SHOW data_directory"));
            assertThatThrownBy(() -> start(folder))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("another process");
        }
    }

    @Test
    void it_runs_as_another_user_where_namespaces_are_forbidden() throws Exception {
        if (RunAs.choose().equals(RunAs.SELF)) return;
        Path folder = RealServices.freshFolder(EmbeddedDatabaseTest.class);
        try (EmbeddedDatabase server =
                EmbeddedDatabase.start(
                        RealServices.databaseSettings(folder), RunAs.OTHER_USER, words -> {})) {
            assertThat(ask(server.address(), "SELECT 1")).isEqualTo("1");
        }
    }

    static EmbeddedDatabase start(Path folder) {
        return EmbeddedDatabase.start(RealServices.databaseSettings(folder), words -> {});
    }

    static int put(Connection connection, String name, String value) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO node VALUES (?, ?)")) {
            insert.setString(1, name);
            insert.setString(2, value);
            return insert.executeUpdate();
        }
    }

    private static Optional<String> stored(Database database, String name) throws SQLException {
        return database.transaction(connection -> value(connection, name));
    }

    private static Optional<String> value(Connection connection, String name) throws SQLException {
        try (var query = connection.prepareStatement("SELECT value FROM node WHERE name = ?")) {
            query.setString(1, name);
            ResultSet row = query.executeQuery();
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    private static @Nullable String ask(DatabaseAddress address, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static SQLException failureOf(Database database) {
        try {
            database.transaction(connection -> value(connection, "name"));
            throw new AssertionError("a killed server answered");
        } catch (SQLException e) {
            return e;
        }
    }

    private static void kill(long pid) throws Exception {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(10, TimeUnit.SECONDS);
    }
}
