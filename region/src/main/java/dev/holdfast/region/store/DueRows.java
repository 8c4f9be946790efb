package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.store.Row.OfDocument;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notes, in the transaction that changes documents, which rows of the application's tables do not
 * show theirs any more, and which values met without having seen each other. A row that is due
 * already keeps the note of what it shows; only the time to try is moved. Not thread-safe.
 */
final class DueRows {
    private static final Comparator<Map.Entry<Dot, Entry>> LATEST_LAST =
            Comparator.<Map.Entry<Dot, Entry>, dev.holdfast.core.operation.Hlc>comparing(
                            e -> e.getValue().shown())
                    .thenComparing(Map.Entry::getKey);

    private final Sql sql;
    private final TableScopes scopes;

    DueRows(Sql sql, TableScopes scopes) {
        this.sql = sql;
        this.scopes = scopes;
    }

    /** A lost value, beside the one that is kept; or beside a delete. */
    private record Conflict(
            OfDocument key,
            String field,
            Dot lostBy,
            Entry lost,
            @Nullable Dot keptBy,
            @Nullable Entry kept,
            String what,
            @Nullable String after) {}

    /** To be called before the documents are written: what was shown is read from their table. */
    void flush(DocumentRows documents, Schema schema) {
        if (scopes.isEmpty()) return;
        List<OfDocument> keys = new ArrayList<>();
        List<Conflict> conflicts = new ArrayList<>();
        for (OfDocument key : documents.changed()) {
            List<String> parts = scopes.keyOf(key.scope(), key.id().collection());
            if (parts == null) continue;
            keys.add(key);
            Document document = documents.get(key);
            note(key, document, parts, schema.collection(key.id().collection()), conflicts);
        }
        if (keys.isEmpty()) return;
        keys.sort(null);
        sql.run(
                """
                INSERT INTO table_due (scope, collection, id, seen)
                SELECT u.scope, u.collection, u.id, coalesce(d.state, '\\x80'::bytea)
                FROM unnest(?, ?, ?) AS u (scope, collection, id)
                LEFT JOIN LATERAL (
                    SELECT * FROM document x
                    WHERE x.scope = u.scope AND x.collection = u.collection AND x.id = u.id
                    OFFSET 0) AS d ON true
                ON CONFLICT (scope, collection, id) DO UPDATE SET next_at = now()\
                """,
                sql.texts(keys, OfDocument::scope),
                sql.texts(keys, key -> key.id().collection()),
                sql.texts(keys, key -> key.id().id()));
        if (!conflicts.isEmpty()) keep(conflicts);
    }

    private static void note(
            OfDocument key,
            Document document,
            List<String> parts,
            Schema.Collection schema,
            List<Conflict> conflicts) {
        if (document.isEmpty()) return;
        boolean deleted = !document.at(Key.deleted()).isEmpty();
        // Only a delete takes the parts of the key away.
        boolean revived =
                !deleted
                        && parts.stream()
                                .anyMatch(part -> document.at(Key.register(part)).isEmpty());
        String after = Shown.of(document, schema).fields();
        for (Key at : document.keys()) {
            if (at.kind() != Key.REGISTER) continue;
            List<Map.Entry<Dot, Entry>> entries = new ArrayList<>(document.at(at).entrySet());
            entries.sort(LATEST_LAST);
            var kept = entries.getLast();
            for (var entry : entries) {
                Dot lostBy = entry.getKey();
                if (deleted || revived) {
                    String what = deleted ? "deleted" : "revived";
                    conflicts.add(
                            new Conflict(
                                    key,
                                    at.path(),
                                    lostBy,
                                    entry.getValue(),
                                    null,
                                    null,
                                    what,
                                    after));
                } else if (!entry.getValue().payload().equals(kept.getValue().payload())) {
                    conflicts.add(
                            new Conflict(
                                    key,
                                    at.path(),
                                    lostBy,
                                    entry.getValue(),
                                    kept.getKey(),
                                    kept.getValue(),
                                    "values",
                                    after));
                }
            }
        }
    }

    private void keep(List<Conflict> conflicts) {
        sql.run(
                """
                INSERT INTO table_conflict (scope, collection, id, field, lost_replica, lost_seq,
                    lost_at, lost, kept_replica, kept_seq, kept_at, kept, what, row_before,
                    row_after)
                SELECT u.scope, u.collection, u.id, u.field, u.lost_replica, u.lost_seq,
                    to_timestamp(u.lost_at / 1000.0), u.lost::jsonb, u.kept_replica, u.kept_seq,
                    to_timestamp(u.kept_at / 1000.0), u.kept::jsonb, u.what, d.fields,
                    u.after::jsonb
                FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) AS u (scope, collection, id,
                    field, lost_replica, lost_seq, lost_at, lost, kept_replica, kept_seq, kept_at,
                    kept, what, after)
                LEFT JOIN LATERAL (
                    SELECT * FROM document x
                    WHERE x.scope = u.scope AND x.collection = u.collection AND x.id = u.id
                    OFFSET 0) AS d ON true
                ON CONFLICT DO NOTHING\
                """,
                sql.texts(conflicts, one -> one.key().scope()),
                sql.texts(conflicts, one -> one.key().id().collection()),
                sql.texts(conflicts, one -> one.key().id().id()),
                sql.texts(conflicts, Conflict::field),
                sql.bytes(conflicts, one -> one.lostBy().replica().bytes()),
                sql.longs(conflicts, one -> one.lostBy().seq()),
                sql.longs(conflicts, one -> one.lost().shown().millis()),
                sql.texts(conflicts, one -> json(one.lost().payload())),
                sql.bytes(conflicts, one -> replica(one.keptBy())),
                sql.longs(conflicts, one -> one.keptBy() == null ? null : one.keptBy().seq()),
                sql.longs(
                        conflicts, one -> one.kept() == null ? null : one.kept().shown().millis()),
                sql.texts(conflicts, one -> one.kept() == null ? null : json(one.kept().payload())),
                sql.texts(conflicts, Conflict::what),
                sql.texts(conflicts, Conflict::after));
    }

    private static @Nullable Bytes replica(@Nullable Dot dot) {
        return dot == null ? null : dot.replica().bytes();
    }

    private static String json(Value value) {
        // As with readable documents: PostgreSQL's texts hold no U+0000.
        return Json.print(value).replace("\\u0000", "\\ufffd");
    }
}
