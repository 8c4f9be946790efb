package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.region.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a region keeps aside, as its operators read it and deal with it. Entries go by the hash of
 * what is kept, are never changed and never leave. Thread-safe.
 */
public final class QuarantineBook {
    private static final String COLUMNS =
            "SELECT scope, replica, first, last, code, reason, at, hash, settled, settled_by,"
                    + " settled_why FROM quarantine ";

    private final Database database;

    public QuarantineBook(Database database) {
        this.database = database;
    }

    /**
     * What is kept.
     *
     * @param isBatch or else a message of the log that is none
     */
    public record Entry(boolean isBatch, Bytes bytes) {}

    /**
     * The entry with this hash.
     *
     * @throws StoreException when the database failed
     */
    public Optional<Entry> entry(Bytes hash) {
        return RegionStore.snapshot(
                database,
                "looking into quarantine",
                sql ->
                        sql
                                .list(
                                        "SELECT replica, bytes FROM quarantine WHERE hash = ?",
                                        row ->
                                                new Entry(
                                                        row.getBytes(1) != null, Sql.bytes(row, 2)),
                                        hash)
                                .stream()
                                .findFirst());
    }

    /**
     * Keeps that a person has dealt with an entry.
     *
     * @return whether there is such an entry
     * @throws StoreException when the database failed
     */
    public boolean settle(Bytes hash, String by, String why, Instant at) {
        return say(hash, Timestamp.from(at), by, why);
    }

    /** Takes that back; as {@link #settle}. */
    public boolean reopen(Bytes hash) {
        return say(hash, null, null, null);
    }

    private boolean say(
            Bytes hash, @Nullable Timestamp at, @Nullable String by, @Nullable String why) {
        int changed =
                RegionStore.change(
                        database,
                        "settling what is in quarantine",
                        sql ->
                                sql.run(
                                        "UPDATE quarantine SET settled = ?, settled_by = ?,"
                                                + " settled_why = ? WHERE hash = ?",
                                        at,
                                        by,
                                        why,
                                        hash));
        return changed > 0;
    }

    /** The newest that are open, and those that were settled last. */
    static Map<String, Object> lists(Sql sql, int most) {
        Map<String, Object> lists =
                new TreeMap<>(
                        listed(sql, "WHERE settled IS NULL ORDER BY number DESC LIMIT ?", most));
        lists.put(
                "settled",
                listed(sql, "WHERE settled IS NOT NULL ORDER BY settled DESC LIMIT ?", most));
        return lists;
    }

    private static Map<String, Object> listed(Sql sql, String which, int most) {
        return Survey.listed(sql.list(COLUMNS + which, QuarantineBook::told, most + 1), most);
    }

    /** What of it an operation is in. */
    static List<Map<String, Object>> of(Sql sql, String scope, Dot dot, int most) {
        return sql.list(
                COLUMNS + "WHERE scope = ? AND replica = ? AND first <= ? AND last >= ? LIMIT ?",
                QuarantineBook::told,
                scope,
                dot.replica().bytes(),
                dot.seq(),
                dot.seq(),
                most);
    }

    private static Map<String, Object> told(ResultSet row) throws SQLException {
        Map<String, Object> told = new TreeMap<>();
        String scope = row.getString(1);
        if (scope != null) told.put("scope", scope);
        if (row.getBytes(2) != null) {
            told.put("replica", ReplicaId.of(Sql.bytes(row, 2)).toString());
            told.put("first", row.getLong(3));
            told.put("last", row.getLong(4));
        }
        told.put("code", Rejection.Code.ofCode(row.getLong(5)).text());
        told.put("reason", Sql.text(row, 6));
        told.put("at", Survey.instant(row, 7).map(Instant::toString).orElse(""));
        told.put("hash", Sql.bytes(row, 8).hex());
        Optional<Instant> settled = Survey.instant(row, 9);
        if (settled.isPresent()) {
            told.put("settled", settled.get().toString());
            told.put("settled-by", Sql.text(row, 10));
            told.put("settled-why", Sql.text(row, 11));
        }
        return told;
    }
}
