package dev.holdfast.store;

import static dev.holdfast.store.ScopeRows.place;
import static dev.holdfast.store.ScopeRows.placeUpTo;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.OutboxItem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The outbox, in feed order; what is in it is also remembered as a context per scope. */
final class OutboxRows {
    private static final String WITHIN =
            " where scope = ? and replica = ? and first >= ? and first <= ? and last <= ?";

    private final Sql sql;
    private final ScopeRows scopes;
    private final Map<String, NavigableMap<ReplicaId, Intervals>> unconfirmed = new HashMap<>();
    private long bytes = -1;

    /** A batch in the outbox. */
    record Kept(long place, long first, long last, int bytes, Durability level) {}

    OutboxRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    void forget() {
        unconfirmed.clear();
        bytes = -1;
    }

    void add(FeedItem item, Durability level, long nowMillis) {
        Batch batch = item.batch();
        long before = bytes();
        NavigableMap<ReplicaId, Intervals> waiting = waiting(batch.scope());
        long id = scopes.make(batch.scope());
        sql.run(
                "insert into outbox (place, scope, replica, first, last, bytes, level, since)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?)",
                place(id, item.head().number()),
                id,
                batch.author().bytes(),
                batch.first(),
                batch.last(),
                batch.sizeBytes(),
                level.code(),
                nowMillis);
        waiting.merge(batch.author(), Intervals.of(batch.first(), batch.last()), Intervals::union);
        bytes = before + batch.sizeBytes();
    }

    List<OutboxItem> items(String scope, long after, long upTo, int maxBytes) {
        List<OutboxItem> items = new ArrayList<>();
        long id = scopes.find(scope);
        if (id < 0 || upTo <= after) return items;
        long[] taken = {0};
        sql.each(
                """
                select o.place, o.level, o.since, b.batch from outbox o join batches b using (place)
                where o.place > ? and o.place <= ? order by o.place\
                """,
                row -> {
                    Bytes encoded = Rows.bytes(row, 4);
                    taken[0] += encoded.size();
                    if (taken[0] > maxBytes && !items.isEmpty()) return false;
                    items.add(
                            new OutboxItem(
                                    ScopeRows.number(row.getLong(1)),
                                    Batch.decode(encoded),
                                    Durability.ofCode(row.getLong(2)),
                                    row.getLong(3)));
                    return true;
                },
                place(id, after),
                placeUpTo(id, upTo));
        return items;
    }

    Context unconfirmed(String scope) {
        Context context = new Context();
        waiting(scope).forEach(context::put);
        return context;
    }

    Intervals unconfirmed(String scope, ReplicaId replica) {
        return waiting(scope).getOrDefault(replica, Intervals.NONE);
    }

    long bytes() {
        if (bytes < 0) bytes = sql.number("select sum(bytes) from outbox");
        return bytes;
    }

    List<Kept> within(String scope, Span span) {
        return sql.list(
                "select place, first, last, bytes, level from outbox" + WITHIN,
                row ->
                        new Kept(
                                row.getLong(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getInt(4),
                                Durability.ofCode(row.getLong(5))),
                scopes.find(scope),
                span.replica().bytes(),
                span.from(),
                span.to(),
                span.to());
    }

    void raise(String scope, Span span, Durability level) {
        sql.run(
                "update outbox set level = ?" + WITHIN + " and level < ?",
                level.code(),
                scopes.find(scope),
                span.replica().bytes(),
                span.from(),
                span.to(),
                span.to(),
                level.code());
    }

    void drop(String scope, ReplicaId replica, Kept kept) {
        long before = bytes();
        NavigableMap<ReplicaId, Intervals> waiting = waiting(scope);
        sql.run("delete from outbox where place = ?", kept.place());
        Intervals left =
                waiting.getOrDefault(replica, Intervals.NONE)
                        .minus(Intervals.of(kept.first(), kept.last()));
        if (left.isEmpty()) waiting.remove(replica);
        else waiting.put(replica, left);
        bytes = before - kept.bytes();
    }

    /** The least level of the own operations on a document; unsealed ones are at the first. */
    Optional<Durability> pending(String scope, DocumentId id) {
        Long least =
                sql.one(
                        """
                        select min(coalesce((
                            select case when o.last >= d.seq then o.level else 0 end from outbox o
                            where o.scope = d.scope and o.replica = d.replica and o.first <= d.seq
                            order by o.first desc limit 1), 0))
                        from own_documents d where d.scope = ? and d.collection = ? and d.id = ?\
                        """,
                        row -> {
                            long level = row.getLong(1);
                            return row.wasNull() ? -1 : level;
                        },
                        scopes.find(scope),
                        id.collection(),
                        id.id());
        return least == null || least < 0
                ? Optional.empty()
                : Optional.of(Durability.ofCode(least));
    }

    /** The least level of the batches that hold any of these operations. */
    Optional<Durability> pending(String scope, ReplicaId author, long first, long last) {
        long id = scopes.find(scope);
        Long least =
                sql.one(
                        """
                        select min(level) from outbox
                        where scope = ? and replica = ? and first <= ? and last >= ?
                        and first >= coalesce((select max(first) from outbox
                            where scope = ? and replica = ? and first <= ?), 0)\
                        """,
                        row -> {
                            long level = row.getLong(1);
                            return row.wasNull() ? -1 : level;
                        },
                        id,
                        author.bytes(),
                        last,
                        first,
                        id,
                        author.bytes(),
                        first);
        return least == null || least < 0
                ? Optional.empty()
                : Optional.of(Durability.ofCode(least));
    }

    Backlog backlog() {
        Backlog backlog =
                sql.one(
                        "select sum(last - first + 1), sum(bytes), min(since) from outbox"
                                + " where level = ?",
                        row -> new Backlog(row.getLong(1), row.getLong(2), row.getLong(3)),
                        Durability.DEVICE.code());
        return backlog == null ? new Backlog(0, 0, 0) : backlog;
    }

    private NavigableMap<ReplicaId, Intervals> waiting(String scope) {
        NavigableMap<ReplicaId, Intervals> known = unconfirmed.get(scope);
        if (known != null) return known;
        TreeMap<ReplicaId, Intervals> waiting = new TreeMap<>();
        sql.each(
                "select replica, first, last from outbox where scope = ?",
                row -> {
                    waiting.merge(
                            Rows.replica(row, 1),
                            Intervals.of(row.getLong(2), row.getLong(3)),
                            Intervals::union);
                    return true;
                },
                scopes.find(scope));
        unconfirmed.put(scope, waiting);
        return waiting;
    }
}
