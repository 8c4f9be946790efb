package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Statements on one connection. Many rows travel as one array per column, for {@code unnest}: one
 * statement and one plan whatever their number. A failure leaves as the transaction's own, which
 * the store judges. Not thread-safe.
 */
public final class Sql {
    private final Connection connection;

    public Sql(Connection connection) {
        this.connection = connection;
    }

    /** Reads one row of an answer. */
    @FunctionalInterface
    public interface RowReader<T extends @Nullable Object> {
        T read(ResultSet row) throws SQLException;
    }

    /** Reads one row for its effect. */
    @FunctionalInterface
    public interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    /** Has each row of an answer taken, in its order. */
    public void each(String sql, RowTaker taker, @Nullable Object... parameters) {
        try (PreparedStatement statement = prepared(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) taker.take(rows);
        } catch (SQLException e) {
            throw new Failed(sql, e);
        }
    }

    /** All rows of an answer, in its order. */
    public <T> List<T> list(String sql, RowReader<T> reader, @Nullable Object... parameters) {
        List<T> all = new ArrayList<>();
        each(sql, row -> all.add(reader.read(row)), parameters);
        return all;
    }

    /** The first row of an answer; null if there is none. */
    public <T> @Nullable T one(String sql, RowReader<T> reader, @Nullable Object... parameters) {
        List<T> rows = list(sql, reader, parameters);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    /** Answers how many rows it changed. */
    public int run(String sql, @Nullable Object... parameters) {
        try (PreparedStatement statement = prepared(sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new Failed(sql, e);
        }
    }

    /** A column of texts. */
    public <R> Array texts(List<R> rows, Function<R, @Nullable String> value) {
        @Nullable String[] column = new String[rows.size()];
        for (int i = 0; i < column.length; i++) column[i] = value.apply(rows.get(i));
        return array("text", column);
    }

    /** A column of byte strings. */
    public <R> Array bytes(List<R> rows, Function<R, @Nullable Bytes> value) {
        byte[][] column = new byte[rows.size()][];
        for (int i = 0; i < column.length; i++) {
            Bytes bytes = value.apply(rows.get(i));
            // Sent and not kept.
            if (bytes != null) column[i] = bytes.unsafeArray();
        }
        return array("bytea", column);
    }

    /** A column of whole numbers. */
    public <R> Array longs(List<R> rows, Function<R, @Nullable Long> value) {
        @Nullable Long[] column = new Long[rows.size()];
        for (int i = 0; i < column.length; i++) column[i] = value.apply(rows.get(i));
        return array("int8", column);
    }

    /** A byte string that is there. */
    public static Bytes bytes(ResultSet row, int column) throws SQLException {
        return Bytes.wrap(Objects.requireNonNull(row.getBytes(column)));
    }

    /** A text that is there. */
    public static String text(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNull(row.getString(column));
    }

    private Array array(String type, @Nullable Object[] column) {
        try {
            return connection.createArrayOf(type, column);
        } catch (SQLException e) {
            throw new Failed("an array of " + type, e);
        }
    }

    private PreparedStatement prepared(String sql, @Nullable Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < parameters.length; i++) bind(statement, i + 1, parameters[i]);
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    private static void bind(PreparedStatement statement, int index, @Nullable Object value)
            throws SQLException {
        switch (value) {
            case Bytes bytes -> statement.setBytes(index, bytes.unsafeArray());
            case Array array -> statement.setArray(index, array);
            case null, default -> statement.setObject(index, value);
        }
    }

    /** Carries a failure out of the tables, whose methods name none; the store judges it. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final SQLException failure;

        Failed(String attempt, SQLException failure) {
            super(attempt, failure);
            this.failure = failure;
        }

        public SQLException failure() {
            return failure;
        }
    }
}
