package dev.holdfast.drill.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;

/**
 * A bare SQLite database with the very pragmas of a replica store: write-ahead log, a flush at
 * every commit, the same pages and checkpoints. Not thread-safe.
 */
final class BareSqlite implements AutoCloseable {
    private final Connection connection;

    /**
     * A new database in {@code file}.
     *
     * @param cacheKib as in the store that it is compared with
     */
    BareSqlite(Path file, int cacheKib, String... schema) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setGetGeneratedKeys(false);
        config.setPageSize(4096);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setWalAutocheckpoint(4_000);
        config.setJournalSizeLimit(64 << 20);
        config.setCacheSize(-cacheKib);
        connection =
                config.createConnection("jdbc:sqlite:" + file + "?jdbc.get_generated_keys=false");
        try (Statement statement = connection.createStatement()) {
            for (String each : schema) statement.execute(each);
        }
        connection.setAutoCommit(false);
    }

    PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    /** Returns once everything since the last commit is flushed. */
    void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
