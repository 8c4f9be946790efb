package dev.holdfast.region.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL as a child process on loopback, with its data kept in a folder, and every commit
 * flushed: the server is asked after the start whether it does so, and refused if not. Started
 * again, after a pause that grows, whenever it dies while this object is open.
 *
 * <p>A killed parent leaves the server running; the next start stops it and starts one of its own.
 * After a kill of the server itself PostgreSQL recovers from its log.
 *
 * <p>Safe for use by several threads.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final String NAME = "holdfast";
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
    private static final Duration BACKOFF_FIRST = Duration.ofMillis(500);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

    /** A killed server's sessions hold its memory until they notice; then a start succeeds. */
    private static final int ATTEMPTS = 5;

    /** What makes a commit last; without any one of them REGION and APPLIED would lie. */
    private static final Map<String, String> DURABILITY =
            Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on");

    private final EmbeddedSettings settings;
    private final PostgresFolder folder;
    private final int port;
    private final DatabaseAddress address;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread supervisor;
    private volatile Process server;

    private EmbeddedDatabase(
            EmbeddedSettings settings,
            PostgresFolder folder,
            int port,
            String password,
            Consumer<String> progress)
            throws InterruptedException {
        this.settings = settings;
        this.folder = folder;
        this.port = port;
        this.address = new DatabaseAddress(url(NAME), PostgresFolder.USER, password);
        this.server = startServer(progress);
        this.supervisor = Thread.ofVirtual().name("postgres-supervisor").unstarted(this::supervise);
    }

    /**
     * Unpacks, initialises, cleans up after a predecessor and starts, each where needed; returns
     * when the database can be used.
     *
     * @param progress told in a few words what is going on
     * @throws DatabaseException when it cannot be started, with the server's last words; when
     *     another process uses the folder; when it would not flush
     */
    public static EmbeddedDatabase start(EmbeddedSettings settings, Consumer<String> progress) {
        return start(settings, RunAs.choose(), progress);
    }

    static EmbeddedDatabase start(
            EmbeddedSettings settings, RunAs runAs, Consumer<String> progress) {
        PostgresFolder folder = null;
        try {
            var programs = PostgresPrograms.unpack(settings.binariesFolder(), progress);
            folder = new PostgresFolder(settings.folder(), programs, runAs);
            progress.accept("initialising PostgreSQL");
            folder.initialise();
            folder.stopLeftover();
            int port = settings.port() == 0 ? freePort() : settings.port();
            EmbeddedDatabase database =
                    new EmbeddedDatabase(settings, folder, port, folder.password(), progress);
            database.supervisor.start();
            return database;
        } catch (IOException e) {
            if (folder != null) folder.close();
            throw new DatabaseException("starting PostgreSQL in " + settings.folder(), e);
        } catch (InterruptedException e) {
            folder.close();
            Thread.currentThread().interrupt();
            throw new DatabaseException("interrupted while PostgreSQL started", e);
        } catch (DatabaseException e) {
            if (folder != null) folder.close();
            throw e;
        }
    }

    /** Where it answers; stays the same when the server is started again. */
    public DatabaseAddress address() {
        return address;
    }

    /** Of the server of this moment. */
    public long pid() {
        return server.pid();
    }

    /** Ends all sessions, writes everything and stops; seconds at most. */
    @Override
    public void close() {
        closing.countDown();
        try {
            stopServer();
            supervisor.join();
        } catch (InterruptedException e) {
            server.destroyForcibly();
            Thread.currentThread().interrupt();
        } finally {
            folder.close();
        }
    }

    private void stopServer() throws InterruptedException {
        for (String mode : List.of("fast", "immediate")) {
            if (!server.isAlive()) return;
            try {
                folder.stop(mode);
                if (server.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) return;
            } catch (IOException | DatabaseException e) {
                LOG.warn("stopping PostgreSQL ({})", mode, e);
            }
        }
        // As a power cut would: the next start recovers.
        server.destroyForcibly().waitFor();
    }

    private void supervise() {
        Duration pause = BACKOFF_FIRST;
        try {
            while (true) {
                int status = server.waitFor();
                if (closing.getCount() == 0) return;
                LOG.warn(
                        "PostgreSQL ended with status {}; starting it again in {} ms",
                        status,
                        pause.toMillis());
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) return;
                try {
                    server = startServer(words -> {});
                    pause = BACKOFF_FIRST;
                    LOG.info("PostgreSQL runs again, pid {}", server.pid());
                } catch (DatabaseException e) {
                    LOG.warn("PostgreSQL did not start", e);
                    pause = pause.multipliedBy(2);
                    if (pause.compareTo(BACKOFF_MAX) > 0) pause = BACKOFF_MAX;
                }
                // Closed meanwhile: close() has looked at the server before this one.
                if (closing.getCount() == 0) {
                    stopServer();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process startServer(Consumer<String> progress) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                Process process = folder.start(options());
                if (awaitReady(process, progress)) return process;
                if (attempt == ATTEMPTS)
                    throw new DatabaseException(
                            "PostgreSQL ended with status "
                                    + process.exitValue()
                                    + " before it was ready:\n"
                                    + folder.lastWords());
            } catch (IOException e) {
                throw new DatabaseException("starting PostgreSQL in " + settings.folder(), e);
            }
            if (closing.await(1, TimeUnit.SECONDS))
                throw new DatabaseException("closed while PostgreSQL started");
        }
    }

    /** False when the server has ended. */
    private boolean awaitReady(Process process, Consumer<String> progress)
            throws InterruptedException {
        long started = System.nanoTime();
        long told = -1;
        try {
            while (process.isAlive()) {
                long seconds = (System.nanoTime() - started) / 1_000_000_000;
                if (seconds != told) progress.accept("starting PostgreSQL, " + seconds + " s");
                told = seconds;
                try {
                    prepare();
                    return true;
                } catch (SQLException e) {
                    // Not listening yet, or recovering (57P03).
                    if (DatabaseFailure.of(e) != DatabaseFailure.AWAY)
                        throw new DatabaseException("PostgreSQL started but cannot be used", e);
                }
                if (closing.getCount() == 0)
                    throw new DatabaseException("closed while PostgreSQL started");
                if (seconds > settings.startTimeout().toSeconds())
                    throw new DatabaseException(
                            "PostgreSQL was not ready after "
                                    + seconds
                                    + " s:\n"
                                    + folder.lastWords());
                Thread.sleep(50);
            }
            return false;
        } catch (DatabaseException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Checks that it is our server and that it flushes; makes the database the first time. */
    private void prepare() throws SQLException {
        Properties login = new Properties();
        login.setProperty("user", address.user());
        login.setProperty("password", address.password());
        login.setProperty("connectTimeout", "5");
        login.setProperty("socketTimeout", "30");
        try (Connection connection = DriverManager.getConnection(url("postgres"), login);
                Statement statement = connection.createStatement()) {
            String data = show(statement, "data_directory");
            if (!data.equals(folder.data().toString()))
                throw new DatabaseException(
                        "port " + port + " belongs to another PostgreSQL, of " + data);
            DURABILITY.forEach((name, wanted) -> {
                try {
                    String actual = show(statement, name);
                    if (!actual.equals(wanted))
                        throw new DatabaseException(
                                name + " is " + actual + ": a commit would not last");
                } catch (SQLException e) {
                    throw new DatabaseException("asking for " + name, e);
                }
            });
            try (ResultSet found =
                    statement.executeQuery(
                            "SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
                if (found.next()) return;
            }
            statement.execute("CREATE DATABASE " + NAME);
        }
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(List.of("-D", folder.data().toString()));
        options.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port), "-k", ""));
        // On the command line, so that nothing in the data folder overrides them.
        DURABILITY.forEach((name, value) -> options.addAll(List.of("-c", name + "=" + value)));
        for (String option :
                List.of(
                        "wal_level=logical",
                        "max_wal_senders=10",
                        "max_replication_slots=10",
                        // A replica that stays away must not fill the disk; it starts over.
                        "max_slot_wal_keep_size=4GB",
                        "max_connections=" + settings.connectionsMax(),
                        "shared_buffers=64MB",
                        "huge_pages=off",
                        "timezone=UTC",
                        "log_timezone=UTC",
                        "log_min_messages=warning")) options.addAll(List.of("-c", option));
        return options;
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private static String show(Statement statement, String setting) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
            row.next();
            return Objects.requireNonNull(row.getString(1), setting);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
