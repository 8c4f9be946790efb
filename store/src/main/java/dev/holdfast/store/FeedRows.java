package dev.holdfast.store;

import static dev.holdfast.store.ScopeRows.place;
import static dev.holdfast.store.ScopeRows.placeUpTo;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The feed: a head per batch, for ever, and in its row the bytes of those batches that retention
 * keeps. Heads are also the chains of the authors.
 */
final class FeedRows {
    private final Sql sql;
    private final ScopeRows scopes;

    FeedRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    @Nullable Bytes running(String scope, long number) {
        if (number == 0) return FeedHead.START.hash();
        if (number > scopes.head(scope).number()) return null;
        return sql.one(
                "select running from batches where place = ?",
                row -> Rows.bytes(row, 1),
                place(scopes.find(scope), number));
    }

    List<FeedItem> after(String scope, long after, int maxBytes) {
        long id = scopes.find(scope);
        List<FeedItem> items = new ArrayList<>();
        if (id < 0 || after >= scopes.head(scope).number()) return items;
        long[] next = {after + 1, 0};
        sql.each(
                """
                select place, running, batch from batches
                where place > ? and place <= ? order by place\
                """,
                row -> {
                    long number = ScopeRows.number(row.getLong(1));
                    byte[] body = row.getBytes(3);
                    if (body == null || number != next[0]++) return false; // dropped
                    Bytes encoded = Bytes.wrap(body);
                    next[1] += encoded.size();
                    if (next[1] > maxBytes && !items.isEmpty()) return false;
                    FeedHead head = new FeedHead(number, Rows.bytes(row, 2));
                    items.add(new FeedItem(head, Batch.decode(encoded)));
                    return true;
                },
                place(id, after),
                placeUpTo(id, Long.MAX_VALUE));
        return items;
    }

    /** Adds a head, and the batch's bytes where they are to be kept from the start. */
    void append(FeedItem item, boolean withBody) {
        Batch batch = item.batch();
        String scope = batch.scope();
        if (item.head().number() != scopes.head(scope).number() + 1) {
            throw new IllegalStateException("feed numbers follow each other");
        }
        long id = scopes.make(scope);
        sql.run(
                "insert into batches"
                        + " (place, scope, replica, first, last, hash, previous, running, batch)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                place(id, item.head().number()),
                id,
                batch.author().bytes(),
                batch.first(),
                batch.last(),
                batch.hash(),
                batch.body().previous(),
                item.head().hash(),
                withBody ? batch.encoded() : null);
        scopes.putHead(scope, item.head());
    }

    void putBody(String scope, long number, Batch batch) {
        sql.run(
                "update batches set batch = ? where place = ?",
                batch.encoded(),
                place(scopes.make(scope), number));
    }

    void dropBody(long place) {
        sql.run("update batches set batch = null where place = ?", place);
    }

    /**
     * Takes a batch out of its author's chain, not out of the feed: others may follow that by its
     * numbers. What stands in place of the author is the batch's hash, so that it is nobody's.
     */
    void disown(long place) {
        sql.run("update batches set replica = hash where place = ?", place);
    }

    @Nullable Batch body(long place) {
        return sql.one(
                "select batch from batches where place = ? and batch is not null",
                row -> Batch.decode(Rows.bytes(row, 1)),
                place);
    }

    @Nullable FeedHead placeOf(String scope, ReplicaId replica, long first) {
        return sql.one(
                "select place, running from batches"
                        + " where scope = ? and replica = ? and first = ?",
                row -> new FeedHead(ScopeRows.number(row.getLong(1)), Rows.bytes(row, 2)),
                scopes.find(scope),
                replica.bytes(),
                first);
    }

    @Nullable BatchHead from(String scope, ReplicaId replica, long first) {
        return sql.one(
                "select first, last, hash, previous from batches"
                        + " where scope = ? and replica = ? and first = ?",
                FeedRows::head,
                scopes.find(scope),
                replica.bytes(),
                first);
    }

    /** Batches of one author do not overlap, so the one that ends there starts last before. */
    @Nullable BatchHead to(String scope, ReplicaId replica, long last) {
        BatchHead head = upTo(scope, replica, last);
        return head != null && head.last() == last ? head : null;
    }

    /** The last that begins at {@code seq} or before. */
    @Nullable BatchHead upTo(String scope, ReplicaId replica, long seq) {
        return sql.one(
                "select first, last, hash, previous from batches"
                        + " where scope = ? and replica = ? and first <= ?"
                        + " order by first desc limit 1",
                FeedRows::head,
                scopes.find(scope),
                replica.bytes(),
                seq);
    }

    private static BatchHead head(ResultSet row) throws SQLException {
        return new BatchHead(
                row.getLong(1), row.getLong(2), Rows.bytes(row, 3), Rows.bytes(row, 4));
    }
}
