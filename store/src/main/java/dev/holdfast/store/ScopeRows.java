package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.replica.FeedHead;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Scopes by name, with the head of each one's feed; and places, the integer keys made of them. */
final class ScopeRows {
    private static final int NUMBER_BITS = 42;
    private static final long MAX_NUMBER = (1L << NUMBER_BITS) - 1;
    private static final long MAX_SCOPE = (1L << 63 - NUMBER_BITS) - 1;

    private final Sql sql;
    private final Map<String, Row> known = new HashMap<>();

    private static final class Row {
        final long id;
        FeedHead head;

        Row(long id, FeedHead head) {
            this.id = id;
            this.head = head;
        }
    }

    ScopeRows(Sql sql) {
        this.sql = sql;
    }

    /** Forgets what is remembered of the database, since it went back or on. */
    void forget() {
        known.clear();
    }

    /** The number of a scope, or -1, which no row has. */
    long find(String scope) {
        Row row = row(scope);
        return row == null ? -1 : row.id;
    }

    /** The number of a scope, given out now if it has none. */
    long make(String scope) {
        Row row = row(scope);
        if (row != null) return row.id;
        Scope.require(scope);
        sql.run("insert into scopes (name, number, running) values (?, 0, ?)", scope, Bytes.EMPTY);
        long id = sql.number("select id from scopes where name = ?", scope);
        if (id > MAX_SCOPE) throw new IllegalStateException("too many scopes");
        known.put(scope, new Row(id, FeedHead.START));
        return id;
    }

    FeedHead head(String scope) {
        Row row = row(scope);
        return row == null ? FeedHead.START : row.head;
    }

    void putHead(String scope, FeedHead head) {
        long id = make(scope);
        sql.run(
                "update scopes set number = ?, running = ? where id = ?",
                head.number(),
                head.hash(),
                id);
        Row row = known.get(scope);
        if (row != null) row.head = head;
    }

    List<String> names() {
        return sql.list("select name from scopes order by name", row -> Rows.text(row, 1));
    }

    static long place(long scope, long number) {
        if (number < 0 || number > MAX_NUMBER) throw new IllegalStateException("out of numbers");
        return scope << NUMBER_BITS | number;
    }

    /** The place of {@code number}, or of the greatest if it is beyond. */
    static long placeUpTo(long scope, long number) {
        return place(scope, Math.min(number, MAX_NUMBER));
    }

    static long number(long place) {
        return place & MAX_NUMBER;
    }

    private @Nullable Row row(String scope) {
        Row row = known.get(scope);
        if (row != null) return row;
        row =
                sql.one(
                        "select id, number, running from scopes where name = ?",
                        found ->
                                new Row(
                                        found.getLong(1),
                                        new FeedHead(found.getLong(2), Rows.bytes(found, 3))),
                        scope);
        if (row != null) known.put(scope, row);
        return row;
    }
}
