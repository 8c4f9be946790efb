package dev.holdfast.store;

import static dev.holdfast.store.ScopeRows.place;
import static dev.holdfast.store.ScopeRows.placeUpTo;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.Unsealed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What this store's author wrote: where it stands, its unsealed transactions, and which documents
 * have operations that it still answers for.
 */
final class AuthorRows {
    private final Sql sql;
    private final ScopeRows scopes;
    private final Map<String, Optional<AuthorState>> known = new HashMap<>();

    AuthorRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    void forget() {
        known.clear();
    }

    @Nullable AuthorState state(String scope) {
        return known.computeIfAbsent(scope, this::load).orElse(null);
    }

    void putState(String scope, AuthorState state) {
        sql.run(
                "insert or replace into authors"
                        + " (scope, replica, next_seq, sealed_seq, sealed_hash, clock)"
                        + " values (?, ?, ?, ?, ?, ?)",
                scopes.make(scope),
                state.replica().bytes(),
                state.nextSeq(),
                state.sealedSeq(),
                state.sealedHash(),
                state.clock().packed());
        known.put(scope, Optional.of(state));
    }

    /** Whether {@code replica} is this store's author in the scope. */
    boolean isOwn(String scope, ReplicaId replica) {
        AuthorState state = state(scope);
        return state != null && state.replica().equals(replica);
    }

    /** Answers how many bytes it took. */
    int add(String scope, Unsealed unsealed) {
        int bytes = put(scope, unsealed);
        long id = scopes.make(scope);
        for (Operation operation : unsealed.transaction().operations()) {
            sql.run(
                    "insert or ignore into own_documents (scope, collection, id, replica, seq)"
                            + " values (?, ?, ?, ?, ?)",
                    id,
                    operation.collection(),
                    operation.id(),
                    operation.dot().replica().bytes(),
                    operation.dot().seq());
        }
        return bytes;
    }

    int put(String scope, Unsealed unsealed) {
        Bytes body = unsealed.encoded(scope);
        sql.run(
                "insert or replace into unsealed (place, last, body) values (?, ?, ?)",
                place(scopes.make(scope), unsealed.first()),
                unsealed.last(),
                body);
        return body.size();
    }

    /** The unsealed transaction that has {@code seq}. */
    @Nullable Unsealed unsealedWith(String scope, long seq) {
        long id = scopes.find(scope);
        return sql.one(
                "select body from unsealed where place >= ? and place <= ? and last >= ?"
                        + " order by place desc limit 1",
                row -> Unsealed.decode(Rows.bytes(row, 1)),
                place(id, 0),
                place(id, seq),
                seq);
    }

    boolean has(String scope, Unsealed unsealed) {
        return sql.number(
                        "select last from unsealed where place = ?",
                        place(scopes.find(scope), unsealed.first()))
                == unsealed.last();
    }

    List<Unsealed> unsealed(String scope, long afterSeq, int maxBytes) {
        List<Unsealed> oldest = new ArrayList<>();
        long id = scopes.find(scope);
        if (id < 0) return oldest;
        long[] bytes = {0};
        sql.each(
                "select body from unsealed where place > ? and place <= ? order by place",
                row -> {
                    Bytes body = Rows.bytes(row, 1);
                    bytes[0] += body.size();
                    if (bytes[0] > maxBytes && !oldest.isEmpty()) return false;
                    oldest.add(Unsealed.decode(body));
                    return true;
                },
                place(id, afterSeq),
                placeUpTo(id, Long.MAX_VALUE));
        return oldest;
    }

    /** What is unsealed, of all scopes. */
    Backlog backlog() {
        Backlog backlog = new Backlog(0, 0, 0);
        for (String scope : scopes.names()) {
            long id = scopes.find(scope);
            Backlog here =
                    sql.one(
                            "select sum(last - (place - ?) + 1), sum(length(body)) from unsealed"
                                    + " where place > ? and place <= ?",
                            row -> new Backlog(row.getLong(1), row.getLong(2), 0),
                            place(id, 0),
                            place(id, 0),
                            placeUpTo(id, Long.MAX_VALUE));
            if (here == null || here.operations() == 0) continue;
            Operation oldest = unsealed(scope, 0, 1).get(0).transaction().operations().get(0);
            backlog =
                    backlog.and(
                            new Backlog(here.operations(), here.bytes(), oldest.hlc().millis()));
        }
        return backlog;
    }

    void dropUnsealed(String scope, long seq) {
        long id = scopes.find(scope);
        if (id < 0) return;
        sql.run(
                "delete from unsealed where place >= ? and place <= ?",
                place(id, 0),
                placeUpTo(id, seq));
    }

    void dropOwn(String scope, Batch batch) {
        for (Operation operation : batch.body().operations()) {
            dropOwn(scope, operation);
        }
    }

    void dropOwn(String scope, Operation operation) {
        sql.run(
                "delete from own_documents where scope = ? and collection = ? and id = ?"
                        + " and replica = ? and seq = ?",
                scopes.find(scope),
                operation.collection(),
                operation.id(),
                operation.dot().replica().bytes(),
                operation.dot().seq());
    }

    List<DocumentId> pending(String scope, DocumentId after, int limit) {
        return sql.list(
                "select distinct collection, id from own_documents"
                        + " where scope = ? and (collection, id) > (?, ?)"
                        + " order by collection, id limit ?",
                row -> new DocumentId(Rows.text(row, 1), Rows.text(row, 2)),
                scopes.find(scope),
                after.collection(),
                after.id(),
                limit);
    }

    private Optional<AuthorState> load(String scope) {
        return Optional.ofNullable(
                sql.one(
                        "select replica, next_seq, sealed_seq, sealed_hash, clock from authors"
                                + " where scope = ?",
                        row ->
                                new AuthorState(
                                        Rows.replica(row, 1),
                                        row.getLong(2),
                                        row.getLong(3),
                                        Rows.bytes(row, 4),
                                        new Hlc(row.getLong(5))),
                        scopes.find(scope)));
    }
}
