package dev.holdfast.store;

import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.replica.Unsealed;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations under a key that was given up, until it is known what became of them elsewhere. */
final class SetAsideRows {
    private final Sql sql;
    private final ScopeRows scopes;
    private @Nullable Boolean any;

    SetAsideRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    void forget() {
        any = null;
    }

    /** Whether any scope has some; nearly never. */
    boolean any() {
        if (any == null) any = sql.number("select exists (select 1 from set_aside)") == 1;
        return any;
    }

    boolean any(String scope) {
        return any()
                && sql.number(
                                "select exists (select 1 from set_aside where scope = ?)",
                                scopes.find(scope))
                        == 1;
    }

    void add(String scope, Succession.SetAside kept) {
        Operation operation = kept.operation();
        sql.run(
                "insert into set_aside (scope, replica, seq, new_seq, common, body)"
                        + " values (?, ?, ?, ?, ?, ?)",
                scopes.make(scope),
                operation.dot().replica().bytes(),
                operation.dot().seq(),
                kept.newSeq(),
                kept.common() ? 1 : 0,
                new Unsealed(new Transaction(null, List.of(operation))).encoded(scope));
        any = true;
    }

    Succession.@Nullable SetAside of(String scope, Dot dot) {
        return sql.one(
                "select body, new_seq, common from set_aside where scope = ? and replica = ? and seq = ?",
                SetAsideRows::read,
                scopes.find(scope),
                dot.replica().bytes(),
                dot.seq());
    }

    List<Succession.SetAside> all(String scope) {
        return sql.list(
                "select body, new_seq, common from set_aside where scope = ? order by new_seq",
                SetAsideRows::read,
                scopes.find(scope));
    }

    void drop(String scope, ReplicaId replica, long from, long to) {
        sql.run(
                "delete from set_aside where scope = ? and replica = ? and seq >= ? and seq <= ?",
                scopes.find(scope),
                replica.bytes(),
                from,
                to);
        any = null;
    }

    private static Succession.SetAside read(ResultSet row) throws SQLException {
        return new Succession.SetAside(
                Unsealed.decode(Rows.bytes(row, 1)).transaction().operations().get(0),
                row.getLong(2),
                row.getLong(3) == 1);
    }
}
