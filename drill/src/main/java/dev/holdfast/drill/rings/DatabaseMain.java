package dev.holdfast.drill.rings;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Reads the region's PostgreSQL, which listens on loopback and therefore only within its own
 * namespace, where this program runs. Every line of its input, {@code context}, {@code all}, {@code
 * others} (what it holds of all other scopes) or {@code load}, is a question; the answer is rows
 * with tabs between columns, and a last line {@code end}, or {@code away} with the reason. It ends
 * with its input.
 */
final class DatabaseMain {
    private static final String CONTEXT =
            "SELECT 'context', encode(replica, 'hex'), encode(intervals, 'hex') FROM context WHERE scope = '"
                    + Rings.SCOPE
                    + "'";
    private static final List<String> ALL =
            List.of(
                    CONTEXT,
                    "SELECT 'operation', encode(replica, 'hex'), seq, collection, id, hlc >> 16 FROM operation WHERE scope = '"
                            + Rings.SCOPE
                            + "'",
                    "SELECT 'document', collection, id, encode(state, 'hex'), fields, conflicts FROM document WHERE scope = '"
                            + Rings.SCOPE
                            + "'",
                    "SELECT 'batch', encode(replica, 'hex'), first, last, encode(hash, 'hex') FROM batch WHERE scope = '"
                            + Rings.SCOPE
                            + "'",
                    "SELECT 'quarantined', count(*) FROM quarantine",
                    "SELECT 'batches', coalesce(sum(last - first + 1), 0) FROM batch WHERE scope = '"
                            + Rings.SCOPE
                            + "'");
    private static final List<String> OTHERS =
            List.of(
                    "SELECT 'context', encode(replica, 'hex'), encode(intervals, 'hex') FROM context WHERE scope <> '"
                            + Rings.SCOPE
                            + "'",
                    "SELECT 'operations', count(*) FROM operation WHERE scope <> '"
                            + Rings.SCOPE
                            + "'");

    /** Of connections, all but the one that asks. */
    private static final List<String> LOAD =
            List.of(
                    "SELECT 'load', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                            + " AND pid <> pg_backend_pid()), (SELECT coalesce(sum(last - first + 1), 0) FROM batch)");

    private static final Map<String, List<String>> QUESTIONS =
            Map.of("context", List.of(CONTEXT), "all", ALL, "others", OTHERS, "load", LOAD);

    private final String url;
    private final String silence;
    private final Path password;
    private final PrintStream out;

    /** Kept between questions: a login costs both sides more than most answers do. */
    private @Nullable Connection connection;

    private DatabaseMain(String[] arguments, PrintStream out) {
        url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/holdfast";
        password = Path.of(arguments[1]);
        silence = arguments[2];
        this.out = out;
    }

    /**
     * Arguments: the port, the file with the password, and for how many seconds a silent database
     * is waited for until it is away.
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        DatabaseMain reader = new DatabaseMain(arguments, out);
        out.println("ready");
        out.flush();
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String question;
        while ((question = in.readLine()) != null) {
            try {
                reader.answer(Objects.requireNonNull(QUESTIONS.get(question), question));
                out.println("end");
            } catch (SQLException | IOException e) {
                reader.leave();
                out.println("away\t" + String.valueOf(e.getMessage()).replace('\n', ' '));
            }
            out.flush();
        }
    }

    private void answer(List<String> queries) throws SQLException, IOException {
        Connection open = connected();
        try (Statement statement = open.createStatement()) {
            // One snapshot for all tables: they are compared with each other.
            for (String sql : queries) print(statement, sql);
        }
        open.rollback();
    }

    /** The one before, where the database still answers it. */
    private Connection connected() throws SQLException, IOException {
        if (connection != null && connection.isValid(1)) return connection;
        leave();
        Properties login = new Properties();
        login.setProperty("user", "holdfast");
        login.setProperty("password", Files.readString(password).strip());
        login.setProperty("connectTimeout", "2");
        login.setProperty("socketTimeout", silence);
        Connection fresh = DriverManager.getConnection(url, login);
        connection = fresh;
        fresh.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        fresh.setAutoCommit(false);
        return fresh;
    }

    private void leave() {
        try {
            if (connection != null) connection.close();
        } catch (SQLException e) {
            // It was broken before.
        }
        connection = null;
    }

    private void print(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringBuilder line = new StringBuilder();
                for (int column = 1; column <= columns; column++) {
                    String value = rows.getString(column);
                    line.append(column == 1 ? "" : "\t").append(value == null ? "" : value);
                }
                out.println(line);
            }
        }
    }
}
