package dev.holdfast.region.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A region's PostgreSQL, embedded or not: a pool of connections to a schema that is up to date.
 *
 * <p>Safe for use by several threads.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PROBE_PAUSE = Duration.ofMillis(200);

    private final DatabaseAddress address;
    private final HikariDataSource pool;

    private Database(DatabaseAddress address, HikariDataSource pool) {
        this.address = address;
        this.pool = pool;
    }

    /**
     * Connects, migrates and checks that commits last.
     *
     * @param connectionsMax size of the pool; further callers wait a few seconds, then get an
     *     exception that {@link DatabaseFailure} counts as AWAY
     * @throws DatabaseException when the database cannot be reached or migrated
     */
    public static Database open(DatabaseAddress address, int connectionsMax) {
        HikariDataSource pool = pool(address, "region", connectionsMax);
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:db/migration")
                    // The application's tables may have been there first.
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load()
                    .migrate();
            warnUnlessDurable(pool, address);
            return new Database(address, pool);
        } catch (FlywayException | SQLException e) {
            pool.close();
            throw new DatabaseException("preparing " + address, e);
        }
    }

    /**
     * The same database by connections of its own, so that those who use them wait for each other
     * and keep nobody else waiting. To be closed by itself.
     *
     * @param name of the pool, in logs
     * @throws DatabaseException when the database cannot be reached
     */
    public Database apart(String name, int connectionsMax) {
        return new Database(address, pool(address, name, connectionsMax));
    }

    private static HikariDataSource pool(DatabaseAddress address, String name, int connectionsMax) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(address.url());
        config.setUsername(address.user());
        config.setPassword(address.password());
        config.setMaximumPoolSize(connectionsMax);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
        config.setValidationTimeout(CONNECT_TIMEOUT.toMillis() / 2);
        // A cut shows as silence: without a limit a statement would wait for ever.
        config.addDataSourceProperty("socketTimeout", "60");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("ApplicationName", "holdfast-region");
        // A plan made while a table was empty reads all of it once it has grown. Statements are few
        // and large, so that a plan for each costs little.
        config.setConnectionInitSql("SET plan_cache_mode = force_custom_plan");
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            throw new DatabaseException("connecting to " + address, e);
        }
    }

    /** What is done in one transaction. */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object> {
        /** The connection commits and rolls back elsewhere, and is not to be kept. */
        T run(Connection connection) throws SQLException;
    }

    /**
     * Runs the work in a transaction of its own: committed when it returns, rolled back when it
     * throws.
     *
     * @throws SQLException {@link DatabaseFailure#of} says whether to wait, repeat or give up;
     *     after a failed commit nobody knows whether it happened
     */
    public <T extends @Nullable Object> T transaction(Work<T> work) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.run(connection);
                connection.commit();
                return result;
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            }
        }
    }

    /** For readers that need a connection of their own way; to be closed soon. */
    public DataSource connections() {
        return pool;
    }

    /**
     * Waits while the database is away.
     *
     * @return whether it answers; false when the time is over
     * @throws InterruptedException when interrupted, also within a pool's wait
     */
    public boolean awaitBack(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            try (Connection connection = pool.getConnection()) {
                if (connection.isValid((int) CONNECT_TIMEOUT.toSeconds())) return true;
            } catch (SQLException e) {
                if (Thread.interrupted()) throw new InterruptedException("waiting for a database");
                LOG.debug("the database is still away", e);
            }
            if (System.nanoTime() - deadline > 0) return false;
            Thread.sleep(PROBE_PAUSE);
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    private static void rollBack(Connection connection, Throwable reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The pool throws the connection away; the server has rolled back by itself.
            reason.addSuppressed(e);
        }
    }

    /** An operator may know better (a battery, a replica), so it is said and not refused. */
    private static void warnUnlessDurable(DataSource pool, DatabaseAddress address)
            throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
                try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
                    row.next();
                    if ("off".equals(row.getString(1)))
                        LOG.warn(
                                "{} is off at {}: what is APPLIED there can be lost in a power cut",
                                setting,
                                address);
                }
            }
        }
    }
}
