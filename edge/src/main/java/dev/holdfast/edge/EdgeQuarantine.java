package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.node.console.Quarantine;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** What an edge keeps aside. Thread-safe. */
final class EdgeQuarantine implements Quarantine {
    private final ReplicaStore store;

    EdgeQuarantine(ReplicaStore store) {
        this.store = store;
    }

    /** The newest that are open, and those that were settled last. */
    Map<String, Object> told(int most) {
        return store.query(connection -> {
            Map<String, Object> told =
                    new TreeMap<>(
                            listed(connection, "q.settled is null order by q.rowid desc", most));
            told.put(
                    "settled",
                    listed(connection, "q.settled is not null order by q.settled desc", most));
            return told;
        });
    }

    private static Map<String, Object> listed(Connection connection, String which, int most)
            throws SQLException {
        List<Object> listed = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "select s.name, q.replica, q.first, q.last, q.code, q.reason, q.at, q.hash,"
                                + " q.settled, q.settled_by, q.settled_why"
                                + " from quarantine q join scopes s on s.id = q.scope where "
                                + which
                                + " limit ?")) {
            statement.setInt(1, most + 1);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) listed.add(told(rows));
            }
        } catch (MalformedException e) {
            throw new SQLException("a row of the quarantine that cannot be read", e);
        }
        boolean more = listed.size() > most;
        return Map.of("listed", more ? listed.subList(0, most) : listed, "more", more);
    }

    private static Map<String, Object> told(ResultSet row) throws SQLException {
        Map<String, Object> told = new TreeMap<>();
        told.put("scope", text(row, 1));
        told.put("replica", ReplicaId.of(bytes(row, 2)).toString());
        told.put("first", row.getLong(3));
        told.put("last", row.getLong(4));
        told.put("code", Rejection.Code.ofCode(row.getLong(5)).text());
        told.put("reason", text(row, 6));
        told.put("at", instant(row, 7));
        told.put("hash", bytes(row, 8).hex());
        if (row.getObject(9) != null) {
            told.put("settled", instant(row, 9));
            told.put("settled-by", text(row, 10));
            told.put("settled-why", text(row, 11));
        }
        return told;
    }

    @Override
    public Optional<Entry> entry(Bytes hash) {
        Optional<Bytes> kept =
                store.query(connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "select batch from quarantine where hash = ?")) {
                        statement.setBytes(1, hash.unsafeArray());
                        try (ResultSet rows = statement.executeQuery()) {
                            return rows.next() ? Optional.of(bytes(rows, 1)) : Optional.empty();
                        }
                    }
                });
        return kept.map(bytes -> new Entry(Optional.of(Batch.decode(bytes)), bytes.size()));
    }

    @Override
    public boolean settle(Bytes hash, Optional<Settled> word) {
        try {
            return store.<Boolean>write(tables -> {
                if (word.isEmpty()) return tables.reopen(hash);
                Settled said = word.get();
                return tables.settle(hash, said.by(), said.why(), said.at().toEpochMilli());
            });
        } catch (StoreException e) {
            throw new ProblemException(Problem.notKept(String.valueOf(e.getMessage())));
        }
    }

    private static Bytes bytes(ResultSet row, int column) throws SQLException {
        return Bytes.wrap(Objects.requireNonNull(row.getBytes(column)));
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return Objects.requireNonNull(row.getString(column));
    }

    private static String instant(ResultSet row, int column) throws SQLException {
        return Instant.ofEpochMilli(row.getLong(column)).toString();
    }
}
