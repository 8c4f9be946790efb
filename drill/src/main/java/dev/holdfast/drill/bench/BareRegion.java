package dev.holdfast.drill.bench;

import dev.holdfast.region.database.Database;
import dev.holdfast.region.worker.Pace;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The rows that a worker has made, put once more into tables of the same form and with as many rows
 * in them already: arrays and {@code unnest}, a statement a table, as many operations a transaction
 * as the worker takes. Nothing is read, merged or locked.
 */
final class BareRegion {
    private static final int PER_TRANSACTION = Pace.FAST.operationsPerTransaction();

    /** In the place of a null; no column holds an empty text. */
    private static final String NULL = "";

    private static final List<String> TABLES =
            List.of("scope", "batch", "operation", "document", "context");

    private static final Kind SCOPE =
            new Kind(
                    """
                    INSERT INTO bare_scope SELECT * FROM unnest(?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET number = excluded.number,
                        hash = excluded.hash\
                    """,
                    "text int8 bytea");
    private static final Kind BATCH =
            new Kind(
                    "INSERT INTO bare_batch SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    "text int8 bytea bytea int8 int8 bytea bytea bytea");
    private static final Kind OPERATION =
            new Kind(
                    "INSERT INTO bare_operation SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)",
                    "text bytea int8 int8 int8 text text bytea");
    private static final Kind DOCUMENT =
            new Kind(
                    """
                    INSERT INTO bare_document
                    SELECT scope, collection, id, state, nullif(fields, '')::jsonb,
                        nullif(conflicts, '')::jsonb, updated
                    FROM unnest(?, ?, ?, ?, ?, ?, ?)
                        AS u (scope, collection, id, state, fields, conflicts, updated)
                    ON CONFLICT (scope, collection, id) DO UPDATE SET state = excluded.state,
                        fields = excluded.fields, conflicts = excluded.conflicts,
                        updated = excluded.updated\
                    """,
                    "text text text bytea text text int8");
    private static final Kind CONTEXT =
            new Kind(
                    """
                    INSERT INTO bare_context SELECT * FROM unnest(?, ?, ?)
                    ON CONFLICT (scope, replica) DO UPDATE SET intervals = excluded.intervals\
                    """,
                    "text bytea bytea");

    /** A table's statement, and the types of its columns. */
    private record Kind(String insert, String types) {}

    /** One transaction's rows. */
    private record Page(
            List<Object[]> batches,
            List<Object[]> operations,
            List<Object[]> documents,
            List<Object[]> contexts) {
        /** The feed's head, as the last batch leaves it. */
        List<Object[]> scopes() {
            if (batches.isEmpty()) return List.of();
            Object[] last = batches.getLast();
            return List.<Object[]>of(new Object[] {last[0], last[1], last[2]});
        }
    }

    private final Database database;
    private final int connections;

    BareRegion(Database database, int connections) throws SQLException {
        this.database = database;
        this.connections = connections;
        database.transaction(connection -> {
            try (Statement statement = connection.createStatement()) {
                for (String table : TABLES) {
                    String options = options(statement, table);
                    statement.execute(
                            "CREATE TABLE bare_"
                                    + table
                                    + " (LIKE "
                                    + table
                                    + " INCLUDING ALL)"
                                    + (options.isEmpty() ? "" : " WITH (" + options + ")"));
                }
            }
            return true;
        });
    }

    /** What LIKE does not take along. */
    private static String options(Statement statement, String table) throws SQLException {
        try (ResultSet row =
                statement.executeQuery(
                        "SELECT coalesce(array_to_string(reloptions, ', '), '') FROM pg_class"
                                + " WHERE oid = '"
                                + table
                                + "'::regclass")) {
            row.next();
            return Objects.requireNonNull(row.getString(1));
        }
    }

    /**
     * Inserts again what the worker applied to {@code scope} after sequence number {@code after} of
     * its one author, on top of what was inserted before; answers the seconds it took.
     */
    double insertAgain(Map<String, Long> after) throws Exception {
        List<List<Page>> shares = new ArrayList<>();
        for (int i = 0; i < connections; i++) shares.add(new ArrayList<>());
        int scope = 0;
        for (var entry : after.entrySet()) {
            shares.get(scope++ % connections).addAll(pages(entry.getKey(), entry.getValue()));
        }
        long started = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            List<Callable<Boolean>> inserts = new ArrayList<>();
            for (List<Page> share : shares) inserts.add(() -> insert(share));
            for (Future<Boolean> done : threads.invokeAll(inserts)) done.get();
        }
        return (System.nanoTime() - started) / 1e9;
    }

    private boolean insert(List<Page> pages) throws SQLException {
        for (Page page : pages) {
            database.transaction(connection -> {
                insert(connection, SCOPE, page.scopes());
                insert(connection, BATCH, page.batches());
                insert(connection, OPERATION, page.operations());
                insert(connection, DOCUMENT, page.documents());
                insert(connection, CONTEXT, page.contexts());
                return true;
            });
        }
        return true;
    }

    private List<Page> pages(String scope, long after) throws SQLException {
        List<Object[]> batches =
                rows(
                        "SELECT * FROM batch WHERE scope = ? AND first > ? ORDER BY number",
                        scope,
                        after);
        List<Object[]> operations =
                rows(
                        "SELECT * FROM operation WHERE scope = ? AND seq > ? ORDER BY seq",
                        scope,
                        after);
        List<Object[]> contexts = rows("SELECT * FROM context WHERE scope = ?", scope);
        Map<List<Object>, Object[]> documents = new LinkedHashMap<>();
        for (Object[] row :
                rows(
                        "SELECT scope, collection, id, state, fields::text, conflicts::text, updated"
                                + " FROM document WHERE scope = ? AND updated > ?",
                        scope,
                        0L)) documents.put(List.of(row[1], row[2]), row);
        List<Page> pages = new ArrayList<>();
        int batch = 0;
        for (int from = 0; from < operations.size(); from += PER_TRANSACTION) {
            int to = Math.min(operations.size(), from + PER_TRANSACTION);
            List<Object[]> some = operations.subList(from, to);
            long last = (Long) some.getLast()[2];
            int firstBatch = batch;
            while (batch < batches.size() && (Long) batches.get(batch)[4] <= last) batch++;
            // A document that several operations touch is written once a transaction, as the worker
            // does.
            Map<List<Object>, Object[]> touched = new LinkedHashMap<>();
            for (Object[] row : some) {
                List<Object> id = List.of(row[5], row[6]);
                Object[] document = documents.get(id);
                if (document != null) touched.put(id, document);
            }
            pages.add(
                    new Page(
                            batches.subList(firstBatch, batch),
                            some,
                            List.copyOf(touched.values()),
                            contexts));
        }
        return pages;
    }

    private List<Object[]> rows(String sql, Object... arguments) throws SQLException {
        return database.transaction(connection -> {
            try (PreparedStatement query = connection.prepareStatement(sql)) {
                for (int i = 0; i < arguments.length; i++) query.setObject(i + 1, arguments[i]);
                ResultSet row = query.executeQuery();
                int columns = row.getMetaData().getColumnCount();
                List<Object[]> rows = new ArrayList<>();
                while (row.next()) {
                    Object[] values = new Object[columns];
                    for (int i = 0; i < columns; i++) {
                        Object value = row.getObject(i + 1);
                        values[i] = value == null ? NULL : value;
                    }
                    rows.add(values);
                }
                return rows;
            }
        });
    }

    private static void insert(Connection connection, Kind kind, List<Object[]> rows)
            throws SQLException {
        if (rows.isEmpty()) return;
        String[] types = kind.types().split(" ", -1);
        try (PreparedStatement statement = connection.prepareStatement(kind.insert())) {
            for (int c = 0; c < types.length; c++) {
                int column = c;
                Object[] values =
                        switch (types[c]) {
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
                statement.setArray(c + 1, connection.createArrayOf(types[c], values));
            }
            statement.executeUpdate();
        }
    }
}
