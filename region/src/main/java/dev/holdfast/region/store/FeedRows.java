package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The scopes' feeds: heads, batches, and a row for each of their operations. Not thread-safe. */
final class FeedRows {
    private final Sql sql;
    private final Map<String, FeedHead> heads = new HashMap<>();
    private final Set<String> locked = new HashSet<>();
    private final List<FeedItem> appended = new ArrayList<>();

    FeedRows(Sql sql) {
        this.sql = sql;
    }

    /** Locks in the order of names, makes rows that are missing, and reads the heads. */
    void lock(Collection<String> scopes) {
        if (locked.containsAll(scopes)) return;
        TreeSet<String> wanted = new TreeSet<>(scopes);
        wanted.removeAll(locked);
        lockRows(wanted);
        if (locked.containsAll(wanted)) return;
        wanted.removeAll(locked);
        List<String> missing = List.copyOf(wanted);
        sql.run(
                "INSERT INTO scope (name, number, hash) SELECT name, 0, '' FROM unnest(?) AS u"
                        + " (name) ORDER BY name ON CONFLICT DO NOTHING",
                sql.texts(missing, name -> name));
        lockRows(wanted);
    }

    private void lockRows(Set<String> names) {
        sql.each(
                "SELECT name, number, hash FROM scope WHERE name = ANY (?) ORDER BY name FOR"
                        + " UPDATE",
                row -> {
                    locked.add(Sql.text(row, 1));
                    heads.put(Sql.text(row, 1), new FeedHead(row.getLong(2), Sql.bytes(row, 3)));
                },
                sql.texts(List.copyOf(names), name -> name));
    }

    FeedHead head(String scope) {
        return heads.computeIfAbsent(
                scope,
                name -> {
                    FeedHead head =
                            sql.one(
                                    "SELECT number, hash FROM scope WHERE name = ?",
                                    row -> new FeedHead(row.getLong(1), Sql.bytes(row, 2)),
                                    name);
                    return head == null ? FeedHead.START : head;
                });
    }

    Map<String, FeedHead> heads(Collection<String> scopes) {
        Map<String, FeedHead> found = new HashMap<>();
        sql.each(
                "SELECT name, number, hash FROM scope WHERE name = ANY (?) AND number > 0",
                row -> found.put(Sql.text(row, 1), new FeedHead(row.getLong(2), Sql.bytes(row, 3))),
                sql.texts(List.copyOf(scopes), name -> name));
        return found;
    }

    Set<ReplicaId> authorsAfter(String scope, long after, long upTo) {
        return new TreeSet<>(
                sql.list(
                        "SELECT DISTINCT replica FROM batch"
                                + " WHERE scope = ? AND number > ? AND number <= ?",
                        row -> ReplicaId.of(Sql.bytes(row, 1)),
                        scope,
                        after,
                        upTo));
    }

    @Nullable Bytes hash(String scope, long number) {
        if (number == 0) return FeedHead.START.hash();
        return sql.one(
                "SELECT running FROM batch WHERE scope = ? AND number = ?",
                row -> Sql.bytes(row, 1),
                scope,
                number);
    }

    List<FeedItem> after(String scope, long after, int maxBytes) {
        List<FeedItem> items = new ArrayList<>();
        boolean[] dropped = {false};
        // Sizes come first and bytes only of what is taken: they lie outside their rows.
        sql.each(
                """
                SELECT number, running, bytes FROM (
                    SELECT number, running, bytes,
                        sum(octet_length(bytes)) OVER (ORDER BY number) AS total
                    FROM (SELECT * FROM batch WHERE scope = ? AND number > ?
                          ORDER BY number LIMIT ?) AS next) AS page
                WHERE total <= ? OR number = ? ORDER BY number\
                """,
                row -> {
                    byte[] bytes = row.getBytes(3);
                    dropped[0] |= bytes == null;
                    if (bytes == null || dropped[0]) return;
                    items.add(
                            new FeedItem(
                                    new FeedHead(row.getLong(1), Sql.bytes(row, 2)),
                                    Batch.decode(Bytes.wrap(bytes))));
                },
                scope,
                after,
                Limits.BATCHES_PER_MESSAGE,
                (long) maxBytes,
                after + 1);
        return items;
    }

    void append(FeedItem item) {
        String scope = item.batch().scope();
        if (!locked.contains(scope) || item.head().number() != head(scope).number() + 1) {
            throw new IllegalStateException("feed numbers follow each other, under the lock");
        }
        heads.put(scope, item.head());
        appended.add(item);
    }

    void flush() {
        if (appended.isEmpty()) return;
        TreeSet<String> grown = new TreeSet<>();
        for (FeedItem item : appended) grown.add(item.batch().scope());
        List<String> names = List.copyOf(grown);
        sql.run(
                """
                INSERT INTO scope (name, number, hash) SELECT * FROM unnest(?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET number = excluded.number, hash = excluded.hash\
                """,
                sql.texts(names, name -> name),
                sql.longs(names, name -> head(name).number()),
                sql.bytes(names, name -> head(name).hash()));
        flushBatches();
        flushOperations();
        appended.clear();
    }

    private void flushBatches() {
        sql.run(
                """
                INSERT INTO batch (scope, number, running, replica, first, last, hash, previous,
                    bytes)
                SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)\
                """,
                sql.texts(appended, item -> item.batch().scope()),
                sql.longs(appended, item -> item.head().number()),
                sql.bytes(appended, item -> item.head().hash()),
                sql.bytes(appended, item -> item.batch().author().bytes()),
                sql.longs(appended, item -> item.batch().first()),
                sql.longs(appended, item -> item.batch().last()),
                sql.bytes(appended, item -> item.batch().hash()),
                sql.bytes(appended, item -> item.batch().body().previous()),
                sql.bytes(appended, item -> item.batch().encoded()));
    }

    private void flushOperations() {
        record Row(String scope, long number, Bytes replica, Bytes trace, Operation operation) {}
        List<Row> rows = new ArrayList<>();
        for (FeedItem item : appended) {
            Batch batch = item.batch();
            Bytes replica = batch.author().bytes();
            for (Transaction transaction : batch.body().transactions()) {
                Bytes trace = transaction.traceId(batch.scope());
                for (Operation operation : transaction.operations()) {
                    rows.add(
                            new Row(
                                    batch.scope(),
                                    item.head().number(),
                                    replica,
                                    trace,
                                    operation));
                }
            }
        }
        sql.run(
                """
                INSERT INTO operation (scope, replica, seq, number, hlc, collection, id, trace)
                SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)\
                """,
                sql.texts(rows, Row::scope),
                sql.bytes(rows, Row::replica),
                sql.longs(rows, row -> row.operation().dot().seq()),
                sql.longs(rows, Row::number),
                sql.longs(rows, row -> row.operation().hlc().packed()),
                sql.texts(rows, row -> row.operation().collection()),
                sql.texts(rows, row -> row.operation().id()),
                sql.bytes(rows, Row::trace));
    }
}
