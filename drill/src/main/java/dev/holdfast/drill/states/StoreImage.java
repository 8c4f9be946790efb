package dev.holdfast.drill.states;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a store holds of the drill's scope, read past the program that owns it.
 *
 * @param documents their merged state, as its bytes
 */
record StoreImage(Context context, Map<DocumentId, Bytes> documents) {
    /**
     * Of a replica store's files, which its owner may just have been killed over: they are copied
     * to {@code scratch} and opened there, so that the owner finds them as the kill left them.
     */
    static StoreImage ofSqlite(Path folder, Path scratch) {
        try {
            Path copy = Files.createTempDirectory(scratch, "image-");
            for (String name : new String[] {"store.db", "store.db-wal"}) {
                Path file = folder.resolve(name);
                if (Files.exists(file)) Files.copy(file, copy.resolve(name));
            }
            return read(copy.resolve("store.db"));
        } catch (IOException e) {
            throw new DrillException("copying the store in " + folder, e);
        }
    }

    private static StoreImage read(Path database) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            Context context = new Context();
            query(
                    connection,
                    "select replica, intervals from contexts where scope = (select id from scopes where name = ?)",
                    row ->
                            context.put(
                                    ReplicaId.of(bytes(row, 1)), Intervals.decode(bytes(row, 2))));
            Map<DocumentId, Bytes> documents = new TreeMap<>();
            query(
                    connection,
                    "select collection, id, state from documents where scope = (select id from scopes where name = ?)",
                    row ->
                            documents.put(
                                    new DocumentId(text(row, 1), text(row, 2)), bytes(row, 3)));
            return new StoreImage(context, documents);
        } catch (SQLException e) {
            throw new DrillException("reading " + database, e);
        }
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
