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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /**
     * Reads every batch that overlaps one of these or is next to it. Batches of an author that
     * follow each other are one range, and what a chain holds does not overlap: so the first batch
     * that ends after a range is the last that matters to it.
     */
    void prefetch(List<Batch> batches) {
        Map<OfReplica, Intervals> ranges = new TreeMap<>();
        for (Batch batch : batches) {
            OfReplica author = new OfReplica(batch.scope(), batch.author());
            know(ranges, author, batch.first(), batch.last());
        }
        record Range(OfReplica author, long from, long to) {}
        List<Range> asked = new ArrayList<>();
        ranges.forEach((author, wanted) -> {
            for (int i = 0; i < wanted.count(); i++)
                asked.add(new Range(author, wanted.from(i), wanted.to(i)));
        });
        sql.each(
                """
                SELECT b.scope, b.replica, b.first, b.last, b.hash, b.previous
                FROM unnest(?, ?, ?, ?) AS u (scope, replica, start, stop)
                CROSS JOIN LATERAL (
                    (SELECT * FROM batch x
                     WHERE x.scope = u.scope AND x.replica = u.replica
                        AND x.last BETWEEN u.start - 1 AND u.stop)
                    UNION ALL
                    (SELECT * FROM batch x
                     WHERE x.scope = u.scope AND x.replica = u.replica AND x.last > u.stop
                     ORDER BY x.last LIMIT 1)) AS b\
                """,
                row -> learn(Sql.text(row, 1), ReplicaId.of(Sql.bytes(row, 2)), head(row, 3)),
                sql.texts(asked, range -> range.author().scope()),
                sql.bytes(asked, range -> range.author().replica().bytes()),
                sql.longs(asked, Range::from),
                sql.longs(asked, Range::to));
        for (Range range : asked) {
            know(firstsKnown, range.author(), range.from(), range.to() + 1);
            know(lastsKnown, range.author(), Math.max(1, range.from() - 1), range.to());
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

    /**
     * The last that begins at {@code seq} or before. Asked only where a batch is a repetition or a
     * fork, so nothing is prefetched for it; but what this transaction adds is not in the table
     * yet.
     */
    @Nullable BatchHead upTo(String scope, ReplicaId replica, long seq) {
        BatchHead last =
                sql.one(
                        "SELECT first, last, hash, previous FROM batch"
                                + " WHERE scope = ? AND replica = ? AND first <= ?"
                                + " ORDER BY first DESC LIMIT 1",
                        row -> head(row, 1),
                        scope,
                        replica.bytes(),
                        seq);
        for (var known : byFirst.entrySet()) {
            OfDot first = known.getKey();
            boolean before =
                    first.scope().equals(scope)
                            && first.dot().replica().equals(replica)
                            && first.dot().seq() <= seq;
            if (before && (last == null || last.first() < first.dot().seq()))
                last = known.getValue();
        }
        return last;
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
