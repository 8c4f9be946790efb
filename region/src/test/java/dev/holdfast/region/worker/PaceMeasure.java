package dev.holdfast.region.worker;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.Change;
import dev.holdfast.region.RealServices;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.TestRegion;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.LogRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Operations a second from decoded-to-be records into PostgreSQL, beside a bare insert of the very
 * rows that came of it. Run by hand; not a test.
 */
final class PaceMeasure {
    private static final int BATCHES = 200;
    private static final int OPERATIONS = 100;
    private static final int PER_TRANSACTION = 500;

    private PaceMeasure() {}

    public static void main(String[] arguments) throws Exception {
        try (EmbeddedDatabase server =
                        EmbeddedDatabase.start(
                                RealServices.databaseSettings(
                                        RealServices.freshFolder(PaceMeasure.class)),
                                words -> {});
                TestRegion region = new TestRegion(server)) {
            for (int round = 0; round < 4; round++) measure(region, "pace-" + round);
        }
    }

    private static void measure(TestRegion region, String scope) throws Exception {
        List<LogRecord> records = records(scope);
        long started = System.nanoTime();
        int operations = region.step(records).operations();
        double worked = operations / ((System.nanoTime() - started) / 1e9);
        double bare = bare(region, scope);
        System.out.printf(
                "%s: worker %.0f op/s, bare %.0f op/s, ratio %.2f%n",
                scope, worked, bare, worked / bare);
    }

    private static List<LogRecord> records(String scope) {
        TestAuthor author = new TestAuthor(scope, "amina");
        List<LogRecord> records = new ArrayList<>();
        for (int b = 0; b < BATCHES; b++) {
            Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
            for (int i = 0; i < OPERATIONS; i++) {
                int patient = (b * 37 + i * 11) % 5_000;
                changes.put(
                        new DocumentId("patients", "patient-" + patient),
                        List.of(
                                new Change.Put("name", Value.of("Amina Yusuf " + b)),
                                new Change.Put("address.city", Value.of("Mombasa " + patient)),
                                new Change.Put("pulse", Value.of(60 + (b + i) % 40)),
                                new Change.Put("note", Value.of("seen in ward 3, " + b)),
                                new Change.Increment("visits", 1)));
            }
            Batch batch = author.write(changes);
            records.add(author.record(batch));
        }
        return records;
    }

    /** The same rows of batches, operations and documents, as unnest arrays, 500 a transaction. */
    private static double bare(TestRegion region, String scope) throws SQLException {
        List<Object[]> rows = new ArrayList<>();
        region.database.transaction(connection -> {
            try (PreparedStatement query =
                    connection.prepareStatement(
                            "SELECT o.scope, o.replica, o.seq, o.number, o.hlc, o.collection,"
                                    + " o.id, o.trace, d.state, d.fields::text FROM operation o"
                                    + " JOIN document d USING (scope, collection, id)"
                                    + " WHERE scope = ? ORDER BY o.seq")) {
                query.setString(1, scope);
                ResultSet row = query.executeQuery();
                while (row.next()) {
                    Object[] values = new Object[10];
                    for (int i = 0; i < 10; i++) values[i] = row.getObject(i + 1);
                    rows.add(values);
                }
            }
            connection
                    .createStatement()
                    .execute(
                            "DROP TABLE IF EXISTS bare_o; DROP TABLE IF EXISTS bare_d; CREATE TABLE"
                                    + " bare_o (LIKE operation INCLUDING ALL); CREATE TABLE bare_d"
                                    + " (LIKE document INCLUDING ALL)");
            return true;
        });
        long started = System.nanoTime();
        for (int from = 0; from < rows.size(); from += PER_TRANSACTION) {
            List<Object[]> page = rows.subList(from, from + PER_TRANSACTION);
            region.database.transaction(connection -> {
                insert(
                        connection,
                        "INSERT INTO bare_o SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)",
                        page,
                        new int[] {0, 1, 2, 3, 4, 5, 6, 7});
                // The newest row of each document, as the worker writes it.
                Map<Object, Object[]> documents = new LinkedHashMap<>();
                for (Object[] row : page) documents.put(row[6], row);
                insert(
                        connection,
                        "INSERT INTO bare_d SELECT scope, collection, id, state, fields::jsonb,"
                                + " null, updated FROM unnest(?, ?, ?, ?, ?, ?) AS u (scope,"
                                + " collection, id, state, fields, updated) ON CONFLICT (scope,"
                                + " collection, id) DO UPDATE SET state = excluded.state, fields ="
                                + " excluded.fields, updated = excluded.updated",
                        List.copyOf(documents.values()),
                        new int[] {0, 5, 6, 8, 9, 3});
                return true;
            });
        }
        return rows.size() / ((System.nanoTime() - started) / 1e9);
    }

    private static void insert(
            Connection connection, String sql, List<Object[]> rows, int[] columns)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int c = 0; c < columns.length; c++) {
                int column = columns[c];
                Object first = rows.getFirst()[column];
                String type =
                        first instanceof byte[] ? "bytea" : first instanceof Long ? "int8" : "text";
                Object[] values =
                        switch (type) {
                            case "bytea" ->
                                    rows.stream()
                                            .map(r -> (byte[]) r[column])
                                            .toArray(byte[][]::new);
                            case "int8" ->
                                    rows.stream().map(r -> (Long) r[column]).toArray(Long[]::new);
                            default ->
                                    rows.stream()
                                            .map(r -> (String) r[column])
                                            .toArray(String[]::new);
                        };
                statement.setArray(c + 1, connection.createArrayOf(type, values));
            }
            statement.executeUpdate();
        }
    }
}
