package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What queries stand on: table {@code documents} with columns {@code scope} (a number, see table
 * {@code scopes}), {@code collection}, {@code id} and {@code shown} (JSON, null where the document
 * does not exist), and an index per collection and path that the schema names.
 *
 * <p>An index serves a query that spells the field as {@link #field} does, and its collection as a
 * {@link #literal}: it covers that collection only, so that others' writes do not pay for it.
 */
public final class ShownFields {
    private static final String SCHEMA = "store/schema";
    private static final String INDEX = "shown_";
    private static final int PAGE = 500;

    private ShownFields() {}

    /** The SQL expression of the field at {@code path}. */
    public static String field(String path) {
        Key.requirePath(path);
        StringBuilder json = new StringBuilder("$");
        for (String name : path.split("\\.", -1)) {
            json.append('.').append(Json.print(Value.of(name)));
        }
        return "json_extract(shown, " + literal(path.isEmpty() ? "$" : json.toString()) + ")";
    }

    /** A text as SQL. */
    public static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /**
     * Makes columns and indexes follow {@code schema}, or, with null, leaves them off: in the first
     * transaction after it has changed, all documents are shown anew.
     */
    static void follow(SqliteTables tables, @Nullable Schema schema) {
        Bytes text = Bytes.wrap(canonical(schema).getBytes(StandardCharsets.UTF_8));
        if (text.equals(tables.nodes().note(SCHEMA))) return;
        Map<String, String> wanted = indexes(schema);
        Set<String> standing = new TreeSet<>();
        Sql sql = tables.sql();
        sql.each(
                "select name from sqlite_schema where type = 'index' and name like 'shown\\_%'"
                        + " escape '\\'",
                row -> {
                    standing.add(Rows.text(row, 1));
                    return true;
                });
        for (String name : standing) {
            if (!wanted.containsKey(name)) sql.run("drop index " + name);
        }
        showAll(tables);
        wanted.forEach((name, on) -> {
            if (!standing.contains(name)) sql.run("create index " + name + " on " + on);
        });
        tables.nodes().putNote(SCHEMA, text);
    }

    private static void showAll(SqliteTables tables) {
        long after = 0;
        while (true) {
            long[] last = {after};
            List<Runnable> page =
                    tables.sql()
                            .list(
                                    "select d.rowid, s.name, d.collection, d.id from documents d"
                                            + " join scopes s on s.id = d.scope"
                                            + " where d.rowid > ? order by d.rowid limit "
                                            + PAGE,
                                    row -> {
                                        last[0] = row.getLong(1);
                                        String scope = Rows.text(row, 2);
                                        DocumentId id =
                                                new DocumentId(
                                                        Rows.text(row, 3), Rows.text(row, 4));
                                        return () ->
                                                tables.putDocument(
                                                        scope, id, tables.document(scope, id));
                                    },
                                    after);
            if (page.isEmpty()) return;
            page.forEach(Runnable::run);
            after = last[0];
        }
    }

    /** Index names, of what they index, and what that is. */
    private static Map<String, String> indexes(@Nullable Schema schema) {
        Map<String, String> indexes = new TreeMap<>();
        if (schema == null) return indexes;
        schema.collections()
                .forEach((collection, fields) -> {
                    for (String path : fields.indexes()) {
                        String on =
                                "documents (scope, collection, "
                                        + field(path)
                                        + ", id) where collection = "
                                        + literal(collection);
                        Bytes name = Bytes.wrap(on.getBytes(StandardCharsets.UTF_8));
                        indexes.put(INDEX + Sha256.of(name).slice(0, 8).hex(), on);
                    }
                });
        return indexes;
    }

    /** The same text for the same schema, whatever the order of its maps. */
    private static String canonical(@Nullable Schema schema) {
        if (schema == null) return "off";
        Map<String, String> collections = new TreeMap<>();
        schema.collections()
                .forEach((name, fields) ->
                        collections.put(
                                name, new TreeMap<>(fields.fields()) + " " + fields.indexes()));
        return collections.toString();
    }
}
