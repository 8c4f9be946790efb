package dev.holdfast.region.store;

import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.store.Row.OfDot;
import dev.holdfast.region.store.Row.OfReplica;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Early marks, as far as a transaction asks; nearly always there are none, and a prefetched range
 * says so. A dot's marks are written as a whole. Not thread-safe.
 */
final class MarkRows {
    private static final String COLUMNS = "seq, collection, id, path, kind, element, hlc";

    private final Sql sql;
    private final Map<OfDot, List<EarlyMark>> marks = new HashMap<>();
    private final Map<OfReplica, Intervals> known = new HashMap<>();
    private final Set<OfDot> changed = new HashSet<>();

    MarkRows(Sql sql) {
        this.sql = sql;
    }

    void prefetch(List<Batch> batches) {
        sql.each(
                "SELECT m.scope, m.replica, m."
                        + COLUMNS.replace(" ", " m.")
                        + """

                        FROM unnest(?, ?, ?, ?) AS u (scope, replica, first, last)
                        CROSS JOIN LATERAL (
                            SELECT * FROM early_mark x
                            WHERE x.scope = u.scope AND x.replica = u.replica
                              AND x.seq BETWEEN u.first AND u.last
                            OFFSET 0) AS m\
                        """,
                row -> {
                    String scope = Sql.text(row, 1);
                    ReplicaId replica = ReplicaId.of(Sql.bytes(row, 2));
                    // Known already: from a prefetch before, or from a batch that comes twice.
                    if (knows(scope, new Dot(replica, row.getLong(3)))) return;
                    EarlyMark mark = mark(row, replica, 3);
                    List<EarlyMark> all =
                            marks.computeIfAbsent(
                                    new OfDot(scope, mark.dot()), none -> new ArrayList<>());
                    if (!all.contains(mark)) all.add(mark);
                },
                sql.texts(batches, Batch::scope),
                sql.bytes(batches, batch -> batch.author().bytes()),
                sql.longs(batches, Batch::first),
                sql.longs(batches, Batch::last));
        for (Batch batch : batches) {
            known.merge(
                    new OfReplica(batch.scope(), batch.author()),
                    Intervals.of(batch.first(), batch.last()),
                    Intervals::union);
        }
    }

    List<EarlyMark> of(String scope, Dot dot) {
        OfDot key = new OfDot(scope, dot);
        if (!knows(scope, dot)) {
            List<EarlyMark> found =
                    sql.list(
                            "SELECT "
                                    + COLUMNS
                                    + " FROM early_mark"
                                    + " WHERE scope = ? AND replica = ? AND seq = ?",
                            row -> mark(row, dot.replica(), 1),
                            scope,
                            dot.replica().bytes(),
                            dot.seq());
            if (!found.isEmpty()) marks.put(key, found);
            known.merge(
                    new OfReplica(scope, dot.replica()),
                    Intervals.of(dot.seq(), dot.seq()),
                    Intervals::union);
        }
        return marks.getOrDefault(key, List.of());
    }

    void add(String scope, EarlyMark mark) {
        List<EarlyMark> kept = new ArrayList<>();
        for (EarlyMark other : of(scope, mark.dot())) {
            boolean same =
                    other.document().equals(mark.document()) && other.key().equals(mark.key());
            if (same && !mark.strongerThan(other)) return;
            if (!same) kept.add(other);
        }
        kept.add(mark);
        put(new OfDot(scope, mark.dot()), kept);
    }

    void remove(String scope, Dot dot) {
        if (!of(scope, dot).isEmpty()) put(new OfDot(scope, dot), List.of());
    }

    void flush() {
        if (changed.isEmpty()) return;
        List<OfDot> dots = changed.stream().sorted().toList();
        sql.run(
                """
                DELETE FROM early_mark m USING unnest(?, ?, ?) AS u (scope, replica, seq)
                WHERE m.scope = u.scope AND m.replica = u.replica AND m.seq = u.seq\
                """,
                sql.texts(dots, OfDot::scope),
                sql.bytes(dots, dot -> dot.dot().replica().bytes()),
                sql.longs(dots, dot -> dot.dot().seq()));
        record Mark(String scope, EarlyMark mark) {}
        List<Mark> rows = new ArrayList<>();
        for (OfDot dot : dots) {
            for (EarlyMark mark : marks.getOrDefault(dot, List.of()))
                rows.add(new Mark(dot.scope(), mark));
        }
        if (!rows.isEmpty()) {
            sql.run(
                    "INSERT INTO early_mark (scope, replica, "
                            + COLUMNS
                            + ") SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    sql.texts(rows, Mark::scope),
                    sql.bytes(rows, row -> row.mark().dot().replica().bytes()),
                    sql.longs(rows, row -> row.mark().dot().seq()),
                    sql.texts(rows, row -> row.mark().document().collection()),
                    sql.texts(rows, row -> row.mark().document().id()),
                    sql.texts(rows, row -> row.mark().key().path()),
                    sql.longs(rows, row -> (long) row.mark().key().kind()),
                    sql.bytes(rows, row -> row.mark().key().element()),
                    sql.longs(rows, row -> row.mark().hlc().packed()));
        }
        changed.clear();
    }

    private boolean knows(String scope, Dot dot) {
        return known.getOrDefault(new OfReplica(scope, dot.replica()), Intervals.NONE)
                .contains(dot.seq());
    }

    private void put(OfDot dot, List<EarlyMark> kept) {
        marks.put(dot, kept);
        changed.add(dot);
    }

    private static EarlyMark mark(ResultSet row, ReplicaId replica, int from) throws SQLException {
        return new EarlyMark(
                new Dot(replica, row.getLong(from)),
                new DocumentId(Sql.text(row, from + 1), Sql.text(row, from + 2)),
                new Key(
                        Sql.text(row, from + 3),
                        (int) row.getLong(from + 4),
                        Sql.bytes(row, from + 5)),
                new Hlc(row.getLong(from + 6)));
    }
}
