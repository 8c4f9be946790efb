package dev.holdfast.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One SQLite connection and its prepared statements, each kept by its text (a constant, so there
 * are a bounded number). Arguments are Long, Integer, String, byte[], {@link
 * dev.holdfast.core.Bytes} or null. Not thread-safe.
 *
 * <p>After a failure of the storage SQLite may have rolled back by itself; the next statement would
 * then commit on its own, half of what was meant. So everything is refused after one, until {@link
 * #rollback}.
 */
final class Sql implements AutoCloseable {
    private final Connection connection;
    private final String file;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private @Nullable StoreException failure;

    /** Reads the row that the result stands at. */
    interface Row<T extends @Nullable Object> {
        T read(ResultSet row) throws SQLException;
    }

    /** Takes the row that the result stands at; answers whether to go on. */
    interface Each {
        boolean take(ResultSet row) throws SQLException;
    }

    Sql(Connection connection, String file) {
        this.connection = connection;
        this.file = file;
    }

    Connection connection() {
        return connection;
    }

    /** The first failure of the storage since the last {@link #rollback}, if any. */
    @Nullable StoreException failure() {
        return failure;
    }

    void begin(String how) {
        run(how);
    }

    /** Rolls back, be it that SQLite has done so already, and can begin again. */
    void rollback() {
        failure = null;
        try {
            run("rollback");
        } catch (IllegalStateException e) {
            // There was no transaction any more.
        }
    }

    /** Runs a statement that answers no rows; answers how many it changed. */
    int run(String sql, @Nullable Object... arguments) {
        try {
            return bound(sql, arguments).executeUpdate();
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    <T extends @Nullable Object> @Nullable T one(
            String sql, Row<T> reader, @Nullable Object... arguments) {
        try (ResultSet rows = bound(sql, arguments).executeQuery()) {
            return rows.next() ? reader.read(rows) : null;
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    <T> List<T> list(String sql, Row<T> reader, @Nullable Object... arguments) {
        List<T> list = new ArrayList<>();
        each(sql, row -> list.add(reader.read(row)), arguments);
        return list;
    }

    void each(String sql, Each taker, @Nullable Object... arguments) {
        try (ResultSet rows = bound(sql, arguments).executeQuery()) {
            while (rows.next() && taker.take(rows)) {}
        } catch (SQLException e) {
            throw failed(sql, e);
        }
    }

    long number(String sql, @Nullable Object... arguments) {
        Long number = one(sql, row -> row.getLong(1), arguments);
        return number == null ? 0 : number;
    }

    /** What a query that somebody else ran on the connection has met. */
    RuntimeException failed(SQLException e) {
        RuntimeException told = StoreException.of(e, file);
        if (told instanceof StoreException store && failure == null) failure = store;
        return told;
    }

    private RuntimeException failed(String sql, SQLException e) {
        // The driver has closed the statement, so that it must be prepared anew.
        statements.remove(sql);
        return failed(e);
    }

    @Override
    public void close() {
        try {
            for (PreparedStatement statement : statements.values()) statement.close();
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private PreparedStatement bound(String sql, @Nullable Object[] arguments) throws SQLException {
        StoreException before = failure;
        if (before != null) throw before;
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < arguments.length; i++) {
            Object argument = arguments[i];
            switch (argument) {
                case null -> statement.setNull(i + 1, Types.NULL);
                case Long number -> statement.setLong(i + 1, number);
                case Integer number -> statement.setInt(i + 1, number);
                case String text -> statement.setString(i + 1, text);
                case dev.holdfast.core.Bytes bytes ->
                        statement.setBytes(i + 1, bytes.unsafeArray());
                case byte[] bytes -> statement.setBytes(i + 1, bytes);
                default -> throw new IllegalArgumentException("cannot be bound");
            }
        }
        return statement;
    }
}
