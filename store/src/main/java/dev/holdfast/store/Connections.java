package dev.holdfast.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/** Opens the database: one connection that writes, and others that only read. */
final class Connections {
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;
    private static final int READER_CACHE_KIB = 4 << 10;

    private final Path file;
    private final int cacheKib;

    Connections(Path file, int cacheKib) {
        this.file = file;
        this.cacheKib = cacheKib;
    }

    /** The writer's connection, in WAL mode and flushing each commit, which is checked. */
    Sql writer() {
        SQLiteConfig config = config(cacheKib);
        config.setPageSize(4096);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        // Statement journals are small; in memory they cost no file per savepoint.
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        config.setWalAutocheckpoint(4_000);
        config.setJournalSizeLimit(64 << 20);
        Sql sql = open(config);
        try {
            String journal = sql.one("pragma journal_mode", row -> row.getString(1));
            long synchronous = sql.number("pragma synchronous");
            if (!"wal".equalsIgnoreCase(journal) || synchronous != 2) {
                throw new StoreException(
                        StoreException.Kind.IO,
                        file
                                + " cannot be written durably: journal "
                                + journal
                                + ", synchronous "
                                + synchronous);
            }
            Migrations.apply(sql, file);
            return sql;
        } catch (RuntimeException e) {
            sql.close();
            throw e;
        }
    }

    Sql reader() {
        SQLiteConfig config = config(READER_CACHE_KIB);
        config.setReadOnly(true);
        return open(config);
    }

    private SQLiteConfig config(int kib) {
        SQLiteConfig config = new SQLiteConfig();
        config.setGetGeneratedKeys(false);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setCacheSize(-kib);
        config.enforceForeignKeys(false);
        return config;
    }

    private Sql open(SQLiteConfig config) {
        try {
            Connection connection =
                    config.createConnection(
                            "jdbc:sqlite:" + file + "?jdbc.get_generated_keys=false");
            return new Sql(connection, "the store " + file);
        } catch (SQLException e) {
            throw StoreException.of(e, "Cannot open the store " + file);
        }
    }
}
