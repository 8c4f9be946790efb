package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the operators of a region look at in its database: lists with a bound, each read along an
 * index, and what became of one operation. Names of documents and fields, and never what is in
 * them. Reads only. Thread-safe.
 */
public final class Survey {
    /** In each list. */
    private static final int MOST_LISTED = 50;

    /** Conflicts are counted up to this. */
    private static final int MOST_COUNTED = 1_000;

    private static final int MOST_PATHS = 5;

    private final Database database;

    public Survey(Database database) {
        this.database = database;
    }

    /**
     * The scopes by name, what is in quarantine, and documents in conflict, as of one moment.
     *
     * @throws StoreException when the database failed
     */
    public Map<String, Object> lists() {
        return read(sql -> {
            Map<String, Object> told = new TreeMap<>();
            told.put("scopes", scopes(sql));
            told.put("quarantine", QuarantineBook.lists(sql, MOST_LISTED));
            told.put("conflicts", conflicts(sql));
            return told;
        });
    }

    private static Map<String, Object> scopes(Sql sql) {
        return listed(
                sql.list(
                        "SELECT name, number FROM scope ORDER BY name LIMIT ?",
                        row -> Map.of("scope", Sql.text(row, 1), "feed", row.getLong(2)),
                        MOST_LISTED + 1));
    }

    private static Map<String, Object> conflicts(Sql sql) {
        Map<String, Object> told =
                new TreeMap<>(
                        listed(
                                sql.list(
                                        """
                                        SELECT scope, collection, id,
                                            ARRAY(SELECT jsonb_object_keys(conflicts) LIMIT ?)
                                        FROM document WHERE conflicts IS NOT NULL
                                        ORDER BY scope, collection, id LIMIT ?\
                                        """,
                                        Survey::conflict,
                                        MOST_PATHS,
                                        MOST_LISTED + 1)));
        Long count =
                sql.one(
                        """
                        SELECT count(*) FROM
                            (SELECT 1 FROM document WHERE conflicts IS NOT NULL LIMIT ?) AS few\
                        """,
                        row -> row.getLong(1),
                        MOST_COUNTED + 1);
        long known = count == null ? 0 : count;
        told.put("count", Math.min(known, MOST_COUNTED));
        told.put("count-is-all", known <= MOST_COUNTED);
        return told;
    }

    private static Map<String, Object> conflict(ResultSet row) throws SQLException {
        return Map.of(
                "scope",
                Sql.text(row, 1),
                "collection",
                Sql.text(row, 2),
                "id",
                Sql.text(row, 3),
                "paths",
                Arrays.asList(
                        (Object[])
                                Objects.requireNonNull(
                                        Objects.requireNonNull(row.getArray(4)).getArray())));
    }

    private static Map<String, Object> listed(List<Map<String, Object>> rows) {
        return listed(rows, MOST_LISTED);
    }

    /** So many of {@code rows}, and whether there are more. */
    static Map<String, Object> listed(List<Map<String, Object>> rows, int most) {
        boolean more = rows.size() > most;
        return Map.of("listed", more ? rows.subList(0, most) : rows, "more", more);
    }

    /**
     * The first operation of a trace, where it is in one of the newest batches of the scope: there
     * is no index by traces, since every write would pay for it.
     *
     * @param batches how many of the newest are looked through
     * @throws StoreException when the database failed
     */
    public Optional<Dot> find(String scope, Bytes trace, int batches) {
        List<Dot> found =
                read(sql ->
                        sql.list(
                                """
                                SELECT newest.replica, found.seq
                                FROM (SELECT number, replica, first, last FROM batch
                                      WHERE scope = ? ORDER BY number DESC LIMIT ?) AS newest
                                CROSS JOIN LATERAL
                                     (SELECT seq FROM operation o
                                      WHERE o.scope = ? AND o.replica = newest.replica
                                        AND o.seq BETWEEN newest.first AND newest.last
                                        AND o.trace = ?
                                      ORDER BY seq LIMIT 1) AS found
                                ORDER BY newest.number DESC LIMIT 1\
                                """,
                                row -> new Dot(ReplicaId.of(Sql.bytes(row, 1)), row.getLong(2)),
                                scope,
                                batches,
                                scope,
                                trace));
        return found.stream().findFirst();
    }

    /**
     * What is known here of an operation: when it was written by its author's clock, its trace, its
     * document, when it was applied, and by whose word which other regions have it; or why it is in
     * quarantine.
     *
     * @throws StoreException when the database failed
     */
    public Map<String, Object> journey(String scope, Dot dot) {
        Bytes replica = dot.replica().bytes();
        return read(sql -> {
            Map<String, Object> told = new TreeMap<>();
            sql.each(
                    """
                    SELECT o.hlc, o.trace, o.collection, o.id, b.applied, b.number
                    FROM operation o JOIN batch b ON b.scope = o.scope AND b.number = o.number
                    WHERE o.scope = ? AND o.replica = ? AND o.seq = ?\
                    """,
                    row -> {
                        told.put("written", millis(new Hlc(row.getLong(1)).millis()));
                        told.put("trace", Sql.bytes(row, 2).hex());
                        told.put("collection", Sql.text(row, 3));
                        told.put("id", Sql.text(row, 4));
                        instant(row, 5).ifPresent(at -> told.put("applied", at.toString()));
                        told.put("feed", row.getLong(6));
                    },
                    scope,
                    replica,
                    dot.seq());
            told.put("has", !told.isEmpty());
            told.put(
                    "elsewhere",
                    sql.list(
                            "SELECT DISTINCT region FROM mirror_has WHERE scope = ? AND replica = ?"
                                    + " AND first <= ? AND last >= ?",
                            row -> ReplicaId.of(Sql.bytes(row, 1)).toString(),
                            scope,
                            replica,
                            dot.seq(),
                            dot.seq()));
            told.put("quarantined", QuarantineBook.of(sql, scope, dot, MOST_PATHS));
            return told;
        });
    }

    private static String millis(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
        @Nullable Timestamp at = row.getTimestamp(column);
        return at == null ? Optional.empty() : Optional.of(at.toInstant());
    }

    private <T> T read(Function<Sql, T> work) {
        return RegionStore.snapshot(database, "looking", work);
    }
}
