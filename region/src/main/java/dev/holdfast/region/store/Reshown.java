package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.store.Row.OfDocument;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the readable columns follow a schema that has changed since they were written. */
final class Reshown {
    static final String NOTE = "schema";
    private static final int PAGE = 500;

    private Reshown() {}

    private record Stored(OfDocument key, Bytes state) {}

    /**
     * A page is a transaction; what is written meanwhile is shown by whoever writes it, and left
     * alone here.
     */
    static void follow(Database database, Schema schema) throws SQLException {
        String wanted = canonical(schema);
        String shown = database.transaction(connection -> note(new Sql(connection)));
        if (wanted.equals(shown)) return;
        OfDocument last = new OfDocument("", new DocumentId("", ""));
        while (last != null) {
            OfDocument after = last;
            last = database.transaction(connection -> page(new Sql(connection), schema, after));
        }
        database.transaction(connection ->
                new Sql(connection)
                        .run(
                                "INSERT INTO node (name, value) VALUES (?, ?)"
                                        + " ON CONFLICT (name) DO UPDATE SET value ="
                                        + " excluded.value",
                                NOTE,
                                wanted));
    }

    private static @Nullable String note(Sql sql) {
        return sql.one("SELECT value FROM node WHERE name = ?", row -> Sql.text(row, 1), NOTE);
    }

    /** Shows the documents after one; answers the last of them, null where there is none. */
    private static @Nullable OfDocument page(Sql sql, Schema schema, OfDocument after) {
        List<Stored> page =
                sql.list(
                        "SELECT scope, collection, id, state FROM document"
                                + " WHERE (scope, collection, id) > (?, ?, ?)"
                                + " ORDER BY scope, collection, id LIMIT ?",
                        row ->
                                new Stored(
                                        new OfDocument(
                                                Sql.text(row, 1),
                                                new DocumentId(Sql.text(row, 2), Sql.text(row, 3))),
                                        Sql.bytes(row, 4)),
                        after.scope(),
                        after.id().collection(),
                        after.id().id(),
                        PAGE);
        if (page.isEmpty()) return null;
        List<Shown> shown =
                page.stream()
                        .map(document ->
                                Shown.of(
                                        Document.decode(document.state()),
                                        schema.collection(document.key().id().collection())))
                        .toList();
        sql.run(
                """
                UPDATE document d SET fields = u.fields::jsonb, conflicts = u.conflicts::jsonb
                FROM unnest(?, ?, ?, ?, ?, ?)
                    AS u (scope, collection, id, state, fields, conflicts)
                WHERE d.scope = u.scope AND d.collection = u.collection AND d.id = u.id
                  AND d.state = u.state\
                """,
                sql.texts(page, document -> document.key().scope()),
                sql.texts(page, document -> document.key().id().collection()),
                sql.texts(page, document -> document.key().id().id()),
                sql.bytes(page, Stored::state),
                sql.texts(shown, Shown::fields),
                sql.texts(shown, Shown::conflicts));
        return page.getLast().key();
    }

    /** The same text for the same schema, whatever the order of its maps. */
    private static String canonical(Schema schema) {
        Map<String, String> collections = new TreeMap<>();
        schema.collections()
                .forEach((name, collection) ->
                        collections.put(name, new TreeMap<>(collection.fields()).toString()));
        return collections.toString();
    }
}
