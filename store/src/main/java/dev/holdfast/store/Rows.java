package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.ReplicaId;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Reads columns as our types. */
final class Rows {
    private Rows() {}

    static Bytes bytes(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? Bytes.EMPTY : Bytes.wrap(bytes);
    }

    /** A text column that is never null. */
    static String text(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        if (text == null) throw new SQLException("column " + column + " is null");
        return text;
    }

    static ReplicaId replica(ResultSet row, int column) throws SQLException {
        return ReplicaId.of(bytes(row, column));
    }
}
