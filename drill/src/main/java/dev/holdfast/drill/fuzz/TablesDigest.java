package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.sqlite.SQLiteConfig;

/** All that stands in all tables of a store, read past the program that owns it. */
final class TablesDigest {
    private static final int BUSY_MILLIS = 10_000;

    private TablesDigest() {}

    /** Of the one store below {@code folder}, at one moment, whatever the order of its rows. */
    static Bytes of(Path folder) throws IOException {
        Path file;
        try (var files = Files.find(folder, 3, (path, any) -> path.endsWith("store.db"))) {
            file =
                    files.findFirst()
                            .orElseThrow(() -> new DrillException("no store below " + folder));
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_MILLIS);
        try (Connection connection = config.createConnection("jdbc:sqlite:" + file)) {
            connection.setAutoCommit(false);
            Sha256 all = new Sha256();
            for (String table : tables(connection)) {
                List<Bytes> rows = rows(connection, table);
                if (table.equals("grants") && rows.isEmpty())
                    throw new DrillException("a store in use that holds no grant is not the one");
                all.update(hash(table + " " + rows.size()));
                rows.forEach(all::update);
            }
            connection.rollback();
            return all.digest();
        } catch (SQLException e) {
            throw new DrillException("reading the store in " + folder, e);
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "select name from sqlite_master where type = 'table' order by name")) {
            while (rows.next()) names.add(String.valueOf(rows.getString(1)));
        }
        return names;
    }

    private static List<Bytes> rows(Connection connection, String table) throws SQLException {
        List<Bytes> hashes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select * from \"" + table + "\"")) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                Sha256 row = new Sha256();
                for (int i = 1; i <= columns; i++) row.update(hash(rows.getObject(i)));
                hashes.add(row.digest());
            }
        }
        Collections.sort(hashes);
        return hashes;
    }

    private static Bytes hash(@org.jspecify.annotations.Nullable Object value) {
        Bytes bytes =
                value instanceof byte[] blob
                        ? Bytes.copyOf(blob)
                        : Bytes.wrap(String.valueOf(value).getBytes(StandardCharsets.UTF_8));
        return Sha256.of(bytes);
    }
}
