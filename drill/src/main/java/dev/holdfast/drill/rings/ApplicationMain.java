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
import java.util.Properties;

/**
 * An application with tables of its own in a region's database: does the statement on each line of
 * its input in a transaction, and answers with the rows and {@code end}, or with {@code failed}. It
 * knows nothing of Holdfast.
 */
final class ApplicationMain {
    private static final int PATIENCE_SECONDS = 5;

    private ApplicationMain() {}

    /** Arguments: the port, and the file with the password. */
    public static void main(String[] arguments) throws IOException, SQLException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Connection connection = connect(arguments);
        try {
            out.println("ready");
            out.flush();
            String sql;
            while ((sql = in.readLine()) != null) {
                // A region that is started again starts its database again.
                if (!connection.isValid(PATIENCE_SECONDS)) {
                    connection.close();
                    connection = connect(arguments);
                }
                try (Statement statement = connection.createStatement()) {
                    answer(sql, statement, out);
                    out.println("end");
                } catch (SQLException e) {
                    out.println("failed\t" + String.valueOf(e.getMessage()).replace('\n', ' '));
                }
                out.flush();
            }
        } finally {
            connection.close();
        }
    }

    private static Connection connect(String[] arguments) throws SQLException, IOException {
        Properties login = new Properties();
        login.setProperty("user", "holdfast");
        login.setProperty("password", Files.readString(Path.of(arguments[1])).strip());
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/holdfast";
        return DriverManager.getConnection(url, login);
    }

    private static void answer(String sql, Statement statement, PrintStream out)
            throws SQLException {
        if (!statement.execute(sql)) return;
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) out.println("row\t" + rows.getString(1));
        }
    }
}
