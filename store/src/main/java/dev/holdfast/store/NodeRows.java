package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Granted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of other nodes: cursors, grants, watermarks; and notes of this one. */
final class NodeRows {
    private static final int GRANTS_REMEMBERED = 1_000;

    private final Sql sql;
    private final ScopeRows scopes;
    private final Map<ReplicaId, Granted> granted = new HashMap<>();

    NodeRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    @Nullable Cursor cursor(String scope) {
        return sql.one(
                "select node, number, running from cursors where scope = ?",
                row ->
                        new Cursor(
                                Rows.replica(row, 1),
                                new FeedHead(row.getLong(2), Rows.bytes(row, 3))),
                scopes.find(scope));
    }

    void putCursor(String scope, Cursor cursor) {
        sql.run(
                "insert or replace into cursors (scope, node, number, running)"
                        + " values (?, ?, ?, ?)",
                scopes.make(scope),
                cursor.node().bytes(),
                cursor.head().number(),
                cursor.head().hash());
    }

    void dropCursor(String scope) {
        sql.run("delete from cursors where scope = ?", scopes.find(scope));
    }

    /** Those of the last few are remembered: an edge is shown the same with every push. */
    @Nullable Granted granted(ReplicaId replica) {
        Granted known = granted.get(replica);
        if (known != null) return known;
        List<SignedGrant> all =
                sql.list(
                        "select signed from grants where replica = ? order by place",
                        row -> SignedGrant.decode(Rows.bytes(row, 1)),
                        replica.bytes());
        if (all.isEmpty()) return null;
        return remembered(replica, new Granted(all));
    }

    void putGranted(Granted some) {
        ReplicaId replica = some.newest().replica();
        sql.run("delete from grants where replica = ?", replica.bytes());
        for (int place = 0; place < some.all().size(); place++) {
            sql.run(
                    "insert into grants (replica, place, signed) values (?, ?, ?)",
                    replica.bytes(),
                    place,
                    some.all().get(place).encoded());
        }
        remembered(replica, some);
    }

    private Granted remembered(ReplicaId replica, Granted some) {
        if (granted.size() >= GRANTS_REMEMBERED) granted.clear();
        granted.put(replica, some);
        return some;
    }

    /** Forgets what is remembered of the database, since it went back or on. */
    void forget() {
        granted.clear();
    }

    void putWatermark(Receipt.Signed receipt) {
        Receipt said = receipt.receipt();
        for (Span span : said.spans()) {
            sql.run(
                    "insert into watermarks (scope, replica, level, reach, receipt)"
                            + " values (?, ?, ?, ?, ?) on conflict (scope, replica, level)"
                            + " do update set reach = excluded.reach, receipt = excluded.receipt"
                            + " where excluded.reach >= reach",
                    scopes.make(said.scope()),
                    span.replica().bytes(),
                    said.level().code(),
                    span.to(),
                    receipt.encoded());
        }
    }

    List<Receipt.Signed> watermarks(String scope, ReplicaId replica) {
        return sql.list(
                "select receipt from watermarks where scope = ? and replica = ? order by level",
                row -> Receipt.Signed.decoded(Rows.bytes(row, 1)),
                scopes.find(scope),
                replica.bytes());
    }

    @Nullable Bytes note(String name) {
        return sql.one("select value from notes where name = ?", row -> Rows.bytes(row, 1), name);
    }

    void putNote(String name, Bytes value) {
        sql.run("insert or replace into notes (name, value) values (?, ?)", name, value);
    }
}
