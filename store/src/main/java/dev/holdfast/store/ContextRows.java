package dev.holdfast.store;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which dots were seen, and the early marks that wait for others. Intervals of the replicas that
 * wrote lately are remembered, and whether a scope has marks at all, which is nearly always not.
 */
final class ContextRows {
    private static final int REMEMBERED = 10_000;

    private final Sql sql;
    private final ScopeRows scopes;
    private final Map<Author, Intervals> intervals = new Recent();
    private final Map<String, Boolean> marked = new HashMap<>();

    private record Author(String scope, ReplicaId replica) {}

    private static final class Recent extends LinkedHashMap<Author, Intervals> {
        private static final long serialVersionUID = 1L;

        Recent() {
            super(64, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Author, Intervals> eldest) {
            return size() > REMEMBERED;
        }
    }

    ContextRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    void forget() {
        intervals.clear();
        marked.clear();
    }

    Intervals of(String scope, ReplicaId replica) {
        Author author = new Author(scope, replica);
        Intervals seen = intervals.get(author);
        if (seen != null) return seen;
        seen =
                sql.one(
                        "select intervals from contexts where scope = ? and replica = ?",
                        row -> Intervals.decode(Rows.bytes(row, 1)),
                        scopes.find(scope),
                        replica.bytes());
        if (seen == null) seen = Intervals.NONE;
        intervals.put(author, seen);
        return seen;
    }

    void put(String scope, ReplicaId replica, Intervals seen) {
        if (seen.isEmpty()) {
            sql.run(
                    "delete from contexts where scope = ? and replica = ?",
                    scopes.find(scope),
                    replica.bytes());
        } else {
            sql.run(
                    "insert into contexts (scope, replica, intervals) values (?, ?, ?)"
                            + " on conflict (scope, replica)"
                            + " do update set intervals = excluded.intervals",
                    scopes.make(scope),
                    replica.bytes(),
                    seen.encoded());
        }
        intervals.put(new Author(scope, replica), seen);
    }

    Context all(String scope) {
        Context context = new Context();
        sql.each(
                "select replica, intervals from contexts where scope = ?",
                row -> {
                    context.put(Rows.replica(row, 1), Intervals.decode(Rows.bytes(row, 2)));
                    return true;
                },
                scopes.find(scope));
        return context;
    }

    List<EarlyMark> marks(String scope, Dot dot) {
        if (!hasMarks(scope)) return List.of();
        return sql.list(
                "select collection, id, path, kind, element, hlc from marks"
                        + " where scope = ? and replica = ? and seq = ?",
                row ->
                        new EarlyMark(
                                dot,
                                new DocumentId(Rows.text(row, 1), Rows.text(row, 2)),
                                new Key(Rows.text(row, 3), row.getInt(4), Rows.bytes(row, 5)),
                                new Hlc(row.getLong(6))),
                scopes.find(scope),
                dot.replica().bytes(),
                dot.seq());
    }

    void addMark(String scope, EarlyMark mark) {
        Key key = mark.key();
        for (EarlyMark other : marks(scope, mark.dot())) {
            boolean same = other.document().equals(mark.document()) && other.key().equals(key);
            if (same && !mark.strongerThan(other)) return;
        }
        sql.run(
                "insert or replace into marks"
                        + " (scope, replica, seq, collection, id, path, kind, element, hlc)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                scopes.make(scope),
                mark.dot().replica().bytes(),
                mark.dot().seq(),
                mark.document().collection(),
                mark.document().id(),
                key.path(),
                key.kind(),
                key.element(),
                mark.hlc().packed());
        marked.put(scope, true);
    }

    void removeMarks(String scope, Dot dot) {
        if (!hasMarks(scope)) return;
        int removed =
                sql.run(
                        "delete from marks where scope = ? and replica = ? and seq = ?",
                        scopes.find(scope),
                        dot.replica().bytes(),
                        dot.seq());
        // Looked up anew when next asked: this may have been the last one.
        if (removed > 0) marked.remove(scope);
    }

    private boolean hasMarks(String scope) {
        return marked.computeIfAbsent(
                scope,
                name ->
                        sql.number(
                                        "select exists (select 1 from marks where scope = ?)",
                                        scopes.find(name))
                                == 1);
    }
}
