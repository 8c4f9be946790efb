package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.store.Row.OfDocument;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Documents: their states, and what is readable of them. A document is decoded and encoded once in
 * a transaction, however many operations it gets. Not thread-safe.
 */
final class DocumentRows {
    /** States that come along with a list of documents, together. */
    private static final int PREFETCHED_BYTES = 4 << 20;

    private final Sql sql;
    private final Schema schema;
    private final Cached<OfDocument, Document> documents = new Cached<>();

    DocumentRows(Sql sql, Schema schema) {
        this.sql = sql;
        this.schema = schema;
    }

    void prefetch(List<OfDocument> keys) {
        sql.each(
                """
                SELECT d.scope, d.collection, d.id, d.state
                FROM unnest(?, ?, ?) AS u (scope, collection, id)
                CROSS JOIN LATERAL (
                    SELECT * FROM document x
                    WHERE x.scope = u.scope AND x.collection = u.collection AND x.id = u.id
                    OFFSET 0) AS d\
                """,
                row ->
                        documents.loaded(
                                new OfDocument(
                                        Sql.text(row, 1),
                                        new DocumentId(Sql.text(row, 2), Sql.text(row, 3))),
                                document(row, 4)),
                sql.texts(keys, OfDocument::scope),
                sql.texts(keys, key -> key.id().collection()),
                sql.texts(keys, key -> key.id().id()));
        documents.missing(keys);
    }

    Document get(OfDocument key) {
        Document document = documents.get(key, this::read);
        return document == null ? new Document() : document.copy();
    }

    void put(OfDocument key, Document document) {
        documents.put(key, document.isEmpty() ? null : document);
    }

    /** Those that {@link #flush} will write or remove. */
    Set<OfDocument> changed() {
        return documents.changed();
    }

    /** Those that exist for a reader; their states are likely to be asked for next. */
    List<DocumentId> ids(String scope, String collection, String after, int limit) {
        return sql.list(
                """
                SELECT id, CASE WHEN sum(octet_length(state)) OVER (ORDER BY id) <= ?
                    THEN state END
                FROM (SELECT id, state FROM document
                      WHERE scope = ? AND collection = ? AND id > ? AND fields IS NOT NULL
                      ORDER BY id LIMIT ?) AS page
                ORDER BY id\
                """,
                row -> {
                    DocumentId id = new DocumentId(collection, Sql.text(row, 1));
                    if (row.getBytes(2) != null)
                        documents.loaded(new OfDocument(scope, id), document(row, 2));
                    return id;
                },
                PREFETCHED_BYTES,
                scope,
                collection,
                after,
                limit);
    }

    /**
     * @param head of a scope's feed, which is what changed the documents put here
     */
    void flush(Function<String, FeedHead> head) {
        List<OfDocument> gone = documents.takeKeys(true);
        if (!gone.isEmpty()) {
            sql.run(
                    """
                    DELETE FROM document d USING unnest(?, ?, ?) AS u (scope, collection, id)
                    WHERE d.scope = u.scope AND d.collection = u.collection AND d.id = u.id\
                    """,
                    sql.texts(gone, OfDocument::scope),
                    sql.texts(gone, key -> key.id().collection()),
                    sql.texts(gone, key -> key.id().id()));
        }
        record Row(OfDocument key, Bytes state, Shown shown) {}
        List<Row> rows = new ArrayList<>();
        for (OfDocument key : documents.takeKeys(false)) {
            Document document = documents.row(key, "document");
            Schema.Collection rules = schema.collection(key.id().collection());
            rows.add(new Row(key, document.encoded(), Shown.of(document, rules)));
        }
        if (rows.isEmpty()) return;
        sql.run(
                """
                INSERT INTO document (scope, collection, id, state, fields, conflicts, updated)
                SELECT scope, collection, id, state, fields::jsonb, conflicts::jsonb, updated
                FROM unnest(?, ?, ?, ?, ?, ?, ?)
                    AS u (scope, collection, id, state, fields, conflicts, updated)
                ON CONFLICT (scope, collection, id) DO UPDATE SET state = excluded.state,
                    fields = excluded.fields, conflicts = excluded.conflicts,
                    updated = excluded.updated\
                """,
                sql.texts(rows, row -> row.key().scope()),
                sql.texts(rows, row -> row.key().id().collection()),
                sql.texts(rows, row -> row.key().id().id()),
                sql.bytes(rows, Row::state),
                sql.texts(rows, row -> row.shown().fields()),
                sql.texts(rows, row -> row.shown().conflicts()),
                sql.longs(rows, row -> head.apply(row.key().scope()).number()));
    }

    private @Nullable Document read(OfDocument key) {
        return sql.one(
                "SELECT state FROM document WHERE scope = ? AND collection = ? AND id = ?",
                row -> document(row, 1),
                key.scope(),
                key.id().collection(),
                key.id().id());
    }

    private static Document document(ResultSet row, int column) throws SQLException {
        return Document.decode(Sql.bytes(row, column));
    }
}
