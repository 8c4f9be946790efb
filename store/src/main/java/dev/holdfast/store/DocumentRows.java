package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Documents: the state as its bytes and, where the store is so set, what is shown of it as JSON
 * ({@code null} where it does not exist), so that SQLite can index and query fields.
 */
final class DocumentRows {
    private final Sql sql;
    private final ScopeRows scopes;

    /** By which documents are shown; null where they are not. */
    private final @Nullable Schema schema;

    DocumentRows(Sql sql, ScopeRows scopes, @Nullable Schema schema) {
        this.sql = sql;
        this.scopes = scopes;
        this.schema = schema;
    }

    Document get(String scope, DocumentId id) {
        Document document =
                sql.one(
                        "select state from documents"
                                + " where scope = ? and collection = ? and id = ?",
                        row -> Document.decode(Rows.bytes(row, 1)),
                        scopes.find(scope),
                        id.collection(),
                        id.id());
        return document == null ? new Document() : document;
    }

    /** Answers how many bytes it took. */
    int put(String scope, DocumentId id, Document document) {
        if (document.isEmpty()) {
            sql.run(
                    "delete from documents where scope = ? and collection = ? and id = ?",
                    scopes.find(scope),
                    id.collection(),
                    id.id());
            return 0;
        }
        Bytes state = document.encoded();
        String shown = shown(id.collection(), document);
        sql.run(
                "insert into documents (scope, collection, id, state, shown)"
                        + " values (?, ?, ?, ?, ?) on conflict (scope, collection, id)"
                        + " do update set state = excluded.state, shown = excluded.shown",
                scopes.make(scope),
                id.collection(),
                id.id(),
                state,
                shown);
        return state.size() + (shown == null ? 0 : shown.length());
    }

    List<DocumentId> ids(String scope, String collection, String after, int limit) {
        return sql.list(
                "select id from documents where scope = ? and collection = ? and id > ?"
                        + " order by id limit ?",
                row -> new DocumentId(collection, Rows.text(row, 1)),
                scopes.find(scope),
                collection,
                after,
                limit);
    }

    private @Nullable String shown(String collection, Document document) {
        if (schema == null) return null;
        View view = View.of(document, schema.collection(collection));
        return view.exists() ? Json.print(view.fields()) : null;
    }
}
