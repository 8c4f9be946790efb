package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refusals, with the documents that the refused batches touched, and what was quarantined. */
final class RefusalRows {
    private static final String COLUMNS =
            "select r.replica, r.first, r.last, r.hash, r.code, r.reason, r.node, r.signature"
                    + " from rejections r";

    private final Sql sql;
    private final ScopeRows scopes;

    RefusalRows(Sql sql, ScopeRows scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    /** Answers whether it was not there. */
    boolean add(Verdict verdict, long nowMillis, Collection<DocumentId> documents) {
        Rejection rejection = verdict.rejection();
        long scope = scopes.make(rejection.scope());
        Span span = rejection.span();
        boolean isThere =
                sql.number(
                                "select count(*) from rejections where scope = ? and replica = ?"
                                        + " and first = ? and node = ? and signature = ?",
                                scope,
                                span.replica().bytes(),
                                span.from(),
                                verdict.node().bytes(),
                                verdict.signature())
                        > 0;
        if (isThere) return false;
        sql.run(
                "insert or replace into rejections"
                        + " (scope, replica, first, last, hash, code, reason, at, node, signature)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                scope,
                span.replica().bytes(),
                span.from(),
                span.to(),
                span.hash(),
                rejection.code().code(),
                rejection.reason(),
                nowMillis,
                verdict.node().bytes(),
                verdict.signature());
        for (DocumentId id : documents) {
            sql.run(
                    "insert or ignore into rejected_documents"
                            + " (scope, collection, id, replica, first) values (?, ?, ?, ?, ?)",
                    scope,
                    id.collection(),
                    id.id(),
                    span.replica().bytes(),
                    span.from());
        }
        return true;
    }

    List<Verdict> verdicts(String scope, ReplicaId replica) {
        return sql.list(
                COLUMNS + " where r.scope = ? and r.replica = ? order by r.first",
                row ->
                        new Verdict(
                                Rows.replica(row, 7), reader(scope).read(row), Rows.bytes(row, 8)),
                scopes.find(scope),
                replica.bytes());
    }

    List<Rejection> of(String scope) {
        return sql.list(
                COLUMNS + " where r.scope = ? order by r.at, r.replica, r.first",
                reader(scope),
                scopes.find(scope));
    }

    List<Rejection> of(String scope, DocumentId id) {
        return sql.list(
                COLUMNS
                        + " join rejected_documents d using (scope, replica, first)"
                        + " where d.scope = ? and d.collection = ? and d.id = ?"
                        + " order by r.at, r.first",
                reader(scope),
                scopes.find(scope),
                id.collection(),
                id.id());
    }

    /** The documents that a refused batch touched. */
    List<DocumentId> documents(String scope, Span span) {
        // Few refusals stand at any time, so their documents need no index by batch.
        return sql.list(
                "select collection, id from rejected_documents"
                        + " where scope = ? and replica = ? and first = ?",
                row -> new DocumentId(Rows.text(row, 1), Rows.text(row, 2)),
                scopes.find(scope),
                span.replica().bytes(),
                span.from());
    }

    /** Answers the documents that were touched by it. */
    List<DocumentId> drop(String scope, Span span) {
        long id = scopes.find(scope);
        List<DocumentId> documents = documents(scope, span);
        sql.run(
                "delete from rejections where scope = ? and replica = ? and first = ?",
                id,
                span.replica().bytes(),
                span.from());
        sql.run(
                "delete from rejected_documents where scope = ? and replica = ? and first = ?",
                id,
                span.replica().bytes(),
                span.from());
        return documents;
    }

    void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis) {
        sql.run(
                "insert or ignore into quarantine"
                        + " (hash, scope, replica, first, last, code, reason, at, batch)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                batch.hash(),
                scopes.make(batch.scope()),
                batch.author().bytes(),
                batch.first(),
                batch.last(),
                code.code(),
                reason,
                nowMillis,
                batch.encoded());
    }

    List<Rejection> quarantined(String scope, ReplicaId replica) {
        return sql.list(
                "select replica, first, last, hash, code, reason from quarantine"
                        + " where scope = ? and replica = ? order by first, hash",
                reader(scope),
                scopes.find(scope),
                replica.bytes());
    }

    /** Without a time it is open again. Answers whether it is there. */
    boolean settle(Bytes hash, @Nullable Long atMillis, @Nullable String by, @Nullable String why) {
        return sql.run(
                        "update quarantine set settled = ?, settled_by = ?, settled_why = ?"
                                + " where hash = ?",
                        atMillis,
                        by,
                        why,
                        hash)
                > 0;
    }

    private static Sql.Row<Rejection> reader(String scope) {
        return row ->
                new Rejection(
                        scope,
                        new Span(
                                Rows.replica(row, 1),
                                row.getLong(2),
                                row.getLong(3),
                                Rows.bytes(row, 4)),
                        Rejection.Code.ofCode(row.getLong(5)),
                        Rows.text(row, 6));
    }
}
