package dev.holdfast.drill.rings;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.sqlite.SQLiteConfig;

/**
 * What a store holds of the drill's scope, read past the program that owns it.
 *
 * @param documents their merged state, as its bytes
 * @param batches all that it applied
 * @param quarantined how many batches it keeps aside
 */
public record StoreImage(
        Context context, Map<DocumentId, Bytes> documents, Set<Span> batches, long quarantined) {
    private static final String OF_SCOPE = " where scope = (select id from scopes where name = ?)";
    private static final int BUSY_MILLIS = 10_000;

    /**
     * Of a replica store's files, whose owner is dead: they are copied to {@code scratch} and
     * opened there, so that the owner finds them as the kill left them.
     */
    static StoreImage ofDead(Path folder, Path scratch) {
        try {
            Path copy = Files.createTempDirectory(scratch, "image-");
            for (String name : new String[] {"store.db", "store.db-wal"}) {
                Path file = folder.resolve(name);
                if (Files.exists(file)) Files.copy(file, copy.resolve(name));
            }
            StoreImage image;
            try (Connection connection = open(copy, false)) {
                image = read(connection);
            } catch (SQLException e) {
                throw new DrillException("reading the store of " + folder + " in " + copy, e);
            }
            TearDown.delete(copy);
            return image;
        } catch (IOException e) {
            throw new DrillException("copying the store in " + folder, e);
        }
    }

    /** Of a replica store whose owner is at work, at one moment. */
    public static StoreImage ofLiving(Path folder) {
        try (Connection connection = open(folder, true)) {
            return read(connection);
        } catch (SQLException e) {
            throw new DrillException("reading the store in " + folder, e);
        }
    }

    /** What a store has seen whose owner is at work. */
    public static Context contextOfLiving(Path folder) {
        try (Connection connection = open(folder, true)) {
            return context(connection);
        } catch (SQLException e) {
            throw new DrillException("reading the store in " + folder, e);
        }
    }

    /** When an edge at work has noted to have received what it got last and still has to send. */
    public static long lastReceivedMillis(Path folder) {
        long[] last = {-1};
        try (Connection connection = open(folder, true)) {
            query(
                    connection,
                    "select since from outbox" + OF_SCOPE + " order by place desc limit 1",
                    row -> last[0] = row.getLong(1));
        } catch (SQLException e) {
            throw new DrillException("reading the store in " + folder, e);
        }
        if (last[0] < 0) throw new DrillException("the edge in " + folder + " has nothing to send");
        return last[0];
    }

    private static Connection open(Path folder, boolean readOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        config.setBusyTimeout(BUSY_MILLIS);
        return config.createConnection("jdbc:sqlite:" + folder.resolve("store.db"));
    }

    private static StoreImage read(Connection connection) throws SQLException {
        // One moment for all tables: they are compared with each other.
        connection.setAutoCommit(false);
        Context context = context(connection);
        Map<DocumentId, Bytes> documents = new TreeMap<>();
        query(
                connection,
                "select collection, id, state from documents" + OF_SCOPE,
                row -> documents.put(new DocumentId(text(row, 1), text(row, 2)), bytes(row, 3)));
        Set<Span> batches = new HashSet<>();
        // Under a name of another length is kept what a copied store has withdrawn: nobody's batch.
        query(
                connection,
                "select replica, first, last, hash from batches"
                        + OF_SCOPE
                        + " and length(replica) = 16",
                row ->
                        batches.add(
                                new Span(
                                        ReplicaId.of(bytes(row, 1)),
                                        row.getLong(2),
                                        row.getLong(3),
                                        bytes(row, 4))));
        long[] quarantined = {0};
        query(
                connection,
                "select count(*) from quarantine" + OF_SCOPE,
                row -> quarantined[0] = row.getLong(1));
        connection.rollback();
        return new StoreImage(context, documents, batches, quarantined[0]);
    }

    private static Context context(Connection connection) throws SQLException {
        Context context = new Context();
        query(
                connection,
                "select replica, intervals from contexts" + OF_SCOPE,
                row -> context.put(ReplicaId.of(bytes(row, 1)), Intervals.decode(bytes(row, 2))));
        return context;
    }

    private interface Row {
        void read(ResultSet row) throws SQLException;
    }

    private static void query(Connection connection, String sql, Row each) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, Rings.SCOPE);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) each.read(rows);
            }
        }
    }

    private static Bytes bytes(ResultSet row, int column) throws SQLException {
        return Bytes.wrap(Objects.requireNonNull(row.getBytes(column)));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNull(row.getString(column));
    }
}
