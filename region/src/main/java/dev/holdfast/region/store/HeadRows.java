package dev.holdfast.region.store;

import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.region.store.Row.OfDot;
import dev.holdfast.region.store.Row.OfReplica;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places of batches in their authors' chains, as far as a transaction asks. What was prefetched
 * is known whole within its range, so that most questions, whose answer is that there is none, cost
 * nothing. Not thread-safe.
 */
final class HeadRows {
    private final Sql sql;
    private final Map<OfDot, BatchHead> byFirst = new HashMap<>();
    private final Map<OfDot, BatchHead> byLast = new HashMap<>();
    private final Map<OfReplica, Intervals> firstsKnown = new HashMap<>();
    private final Map<OfReplica, Intervals> lastsKnown = new HashMap<>();

    HeadRows(Sql sql) {
        this.sql = sql;
    }

    /** Reads every batch that overlaps one of these or is next to it. */
    void prefetch(List<Batch> batches) {
        sql.each(
                """
                SELECT b.scope, b.replica, b.first, b.last, b.hash, b.previous
                FROM unnest(?, ?, ?, ?) AS u (scope, replica, first, last)
                CROSS JOIN LATERAL (
                    SELECT * FROM batch x
                    WHERE x.scope = u.scope AND x.replica = u.replica
                      AND x.last BETWEEN u.first - 1 AND u.last + 10000
                      AND x.first <= u.last + 1
                    OFFSET 0) AS b\
                """,
                row -> learn(Sql.text(row, 1), ReplicaId.of(Sql.bytes(row, 2)), head(row, 3)),
                sql.texts(batches, Batch::scope),
                sql.bytes(batches, batch -> batch.author().bytes()),
                sql.longs(batches, Batch::first),
                sql.longs(batches, Batch::last));
        for (Batch batch : batches) {
            OfReplica author = new OfReplica(batch.scope(), batch.author());
            know(firstsKnown, author, batch.first(), batch.last() + 1);
            know(lastsKnown, author, Math.max(1, batch.first() - 1), batch.last());
        }
    }

    void learn(String scope, ReplicaId replica, BatchHead head) {
        byFirst.put(new OfDot(scope, new Dot(replica, head.first())), head);
        byLast.put(new OfDot(scope, new Dot(replica, head.last())), head);
    }

    @Nullable BatchHead from(String scope, ReplicaId replica, long first) {
        return find("first", byFirst, firstsKnown, scope, replica, first);
    }

    @Nullable BatchHead to(String scope, ReplicaId replica, long last) {
        return find("last", byLast, lastsKnown, scope, replica, last);
    }

    private @Nullable BatchHead find(
            String column,
            Map<OfDot, BatchHead> heads,
            Map<OfReplica, Intervals> known,
            String scope,
            ReplicaId replica,
            long seq) {
        BatchHead head = heads.get(new OfDot(scope, new Dot(replica, seq)));
        OfReplica author = new OfReplica(scope, replica);
        if (head != null || known.getOrDefault(author, Intervals.NONE).contains(seq)) return head;
        BatchHead found =
                sql.one(
                        "SELECT first, last, hash, previous FROM batch"
                                + " WHERE scope = ? AND replica = ? AND "
                                + column
                                + " = ?",
                        row -> head(row, 1),
                        scope,
                        replica.bytes(),
                        seq);
        if (found != null) learn(scope, replica, found);
        know(known, author, seq, seq);
        return found;
    }

    private static void know(
            Map<OfReplica, Intervals> known, OfReplica author, long from, long to) {
        known.merge(author, Intervals.of(from, to), Intervals::union);
    }

    private static BatchHead head(ResultSet row, int from) throws SQLException {
        return new BatchHead(
                row.getLong(from),
                row.getLong(from + 1),
                Sql.bytes(row, from + 2),
                Sql.bytes(row, from + 3));
    }
}
