package dev.holdfast.region.tables;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.Utf8;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.region.store.Beside;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.Sql;
import dev.holdfast.region.worker.News;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the rows of one table and their documents the same, both ways. Each method is what one
 * transaction does; the scope's lock keeps all others of this kind away meanwhile.
 *
 * <p>What holds after every transaction, whoever's it is:
 *
 * <blockquote>
 * a row is what its <em>seen</em> document shows, and what the application has changed since;
 * </blockquote>
 *
 * where the seen document is the document itself, unless the row is <em>due</em>: then it is the
 * state that was noted with it by whoever changed the document first. From this all else follows:
 *
 * <ul>
 *   <li>What the application changed is the difference between the row and its seen document. So
 *       the trigger need not say what changed, nor in which order, only where; a repetition finds
 *       nothing; and what did not change is not written, which is what merges rows column by
 *       column.
 *   <li>The application has seen what the row showed it and no more. Its change replaces that, and
 *       stands beside whatever else has come into the document: concurrent, as it is.
 *   <li>A due row is written under its own lock, and only where no difference is left that was not
 *       authored: nothing of the application is written over unseen. Else it stays due.
 * </ul>
 *
 * <p>Authoring and writing rows are transactions apart. A row may be refused by the application's
 * constraints, and a transaction that has sealed a batch must not fail for that: the witness knows
 * the batch already.
 */
final class Settling {
    /** Encoded changes in one transaction of documents; well below what a batch takes. */
    private static final int WRITE_BYTES = 256 << 10;

    /** What a value takes beside its own bytes. */
    private static final int EDIT_BYTES = 100;

    private static final int VALUE_BYTES = Limits.VALUE_BYTES - 16;

    /**
     * How long a row that the application holds is waited for, and with it the scope: alone, or
     * among others. PostgreSQL looks for deadlocks after a second.
     */
    private static final String ALONE_TIMEOUT = "100ms";

    private static final String TIMEOUT = "20ms";

    /** Changes that were made within so long go under one reading of the clock. */
    private static final long MOMENT_MILLIS = 1_000;

    private final TableShape shape;
    private final RowSql rows;
    private final RegionAuthor author;
    private final Schema.Collection collection;

    Settling(TableShape shape, RegionAuthor author) {
        this.shape = shape;
        this.rows = new RowSql(shape);
        this.author = author;
        this.collection = shape.settings().collection();
    }

    TableShape shape() {
        return shape;
    }

    /** What takes in the rows and documents that were there before. */
    TakingIn takingIn() {
        return new TakingIn(shape, rows, this);
    }

    /** What a transaction came to. */
    record Done(int count, @Nullable News news) {
        static final Done NOTHING = new Done(0, null);
    }

    /**
     * What became of due rows.
     *
     * @param again those whose rows say something that is to be authored first
     * @param held those whose rows the application holds
     */
    record Written(int count, List<String> again, List<String> held) {}

    /** What there is to do. */
    enum Work {
        NOTHING,
        /** To take in documents, and nothing else before that is done. */
        DOCUMENTS,
        SOMETHING
    }

    /** Costs little, and locks nothing. */
    Work work(Sql sql) {
        Work work =
                sql.one(
                        """
                        SELECT CASE WHEN phase = 'documents' THEN 'DOCUMENTS'
                            WHEN phase <> 'done'
                                OR EXISTS (SELECT FROM table_change WHERE relation = ?::oid)
                                OR EXISTS (SELECT FROM table_due WHERE scope = ? AND collection = ?
                                    AND next_at <= now()) THEN 'SOMETHING'
                            ELSE 'NOTHING' END
                        FROM table_mirrored WHERE name = ?\
                        """,
                        row -> Work.valueOf(Sql.text(row, 1)),
                        shape.relation(),
                        scope(),
                        shape.name(),
                        shape.name());
        if (work == null) throw new TableChangedException(shape.name());
        return work;
    }

    // From rows into documents.

    private record Told(long number, RowKey key, long millis) {}

    /**
     * Authors what the application changed, of the oldest {@code most} rows that it told of. What
     * was written down once is taken away with it: exactly once, whenever the process ends.
     */
    Done takeChanges(Beside beside, int most, long nowMillis) {
        beside.tables().lockFeed(scope());
        Set<String> columns = columns(beside.sql());
        List<Told> told = told(beside.sql(), most);
        if (told.isEmpty()) return Done.NOTHING;
        Map<String, RowKey> keys = new LinkedHashMap<>();
        for (Told one : told) keys.putIfAbsent(one.key().id(), one.key());
        // The clock of this region says when the application wrote, as long as it does not go back.
        long millis = Math.min(nowMillis, told.getLast().millis());
        boolean wrote = take(beside, keys.values(), columns, millis);
        beside.sql()
                .run(
                        "DELETE FROM table_change WHERE relation = ?::oid AND number = ANY (?)",
                        shape.relation(),
                        beside.sql().longs(told, Told::number));
        return new Done(told.size(), wrote ? news(beside.tables()) : null);
    }

    /** Authors what these rows say, which may be nothing. */
    Done take(Beside beside, List<String> ids, long nowMillis) {
        beside.tables().lockFeed(scope());
        Set<String> columns = columns(beside.sql());
        List<RowKey> keys = ids.stream().map(this::key).toList();
        boolean wrote = take(beside, keys, columns, nowMillis);
        return new Done(ids.size(), wrote ? news(beside.tables()) : null);
    }

    /** Gives up one change that cannot be authored, and says so. */
    Done refuseChange(Beside beside, String reason) {
        beside.tables().lockFeed(scope());
        columns(beside.sql());
        for (Told one : told(beside.sql(), 1)) {
            refuse(beside.sql(), one.key(), "", reason);
            beside.sql()
                    .run(
                            "DELETE FROM table_change WHERE relation = ?::oid AND number = ?",
                            shape.relation(),
                            one.number());
        }
        return new Done(1, null);
    }

    /** Whether the application told of a change that was not looked at yet. */
    boolean isTold(Sql sql) {
        return !told(sql, 1).isEmpty();
    }

    private List<Told> told(Sql sql, int most) {
        List<Told> told =
                sql.list(
                        "SELECT number, key, (extract(epoch FROM at) * 1000)::bigint FROM"
                                + " table_change WHERE relation = ?::oid ORDER BY number LIMIT ?",
                        row ->
                                new Told(
                                        row.getLong(1),
                                        RowSql.key(row.getArray(2)),
                                        row.getLong(3)),
                        shape.relation(),
                        most);
        if (told.isEmpty()) return told;
        long end = told.getFirst().millis() + MOMENT_MILLIS;
        return told.stream().takeWhile(one -> one.millis() <= end).toList();
    }

    private boolean take(
            Beside beside, Collection<RowKey> all, Set<String> columns, long nowMillis) {
        Sql sql = beside.sql();
        RegionTables tables = beside.tables();
        forgetRefused(sql, all);
        RowSql.settle(sql);
        List<RowKey> keys = new ArrayList<>();
        List<RowKey> nameless = new ArrayList<>();
        for (RowKey key : all)
            (Utf8.length(key.id()) <= Limits.ID_BYTES ? keys : nameless).add(key);
        refuseNameless(sql, nameless);
        List<DocumentId> ids = keys.stream().map(this::document).toList();
        Map<String, Document> due = due(sql, ids.stream().map(DocumentId::id).toList());
        tables.prefetch(scope(), ids);
        List<RowSql.Found> found = rows.read(sql, keys, RowSql.Lock.NONE);

        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
        Map<DocumentId, Document> seen = new HashMap<>();
        Set<DocumentId> written = new LinkedHashSet<>();
        int bytes = 0;
        for (int i = 0; i < keys.size(); i++) {
            DocumentId id = ids.get(i);
            Document document = tables.document(scope(), id);
            Document noted = due.get(id.id());
            RowImage row = found.get(i).row();
            Seen saw = noted == null ? seen(document) : living(noted, row, document);
            if (noted != null) due.put(id.id(), saw.document());
            for (Change change : changes(saw, row, columns)) {
                int size = size(change);
                if (size > VALUE_BYTES) {
                    refuse(
                            sql,
                            keys.get(i),
                            change.path(),
                            "its value is over " + VALUE_BYTES + " bytes");
                    continue;
                }
                if (bytes + size > WRITE_BYTES) {
                    write(tables, changes, seen, nowMillis);
                    bytes = 0;
                }
                bytes += size;
                changes.computeIfAbsent(id, none -> new ArrayList<>()).add(change);
                if (noted != null) seen.put(id, saw.document());
                written.add(id);
            }
        }
        write(tables, changes, seen, nowMillis);
        if (!written.isEmpty()) note(beside.sql(), written, due);
        return !written.isEmpty();
    }

    private void write(
            RegionTables tables,
            Map<DocumentId, List<Change>> changes,
            Map<DocumentId, Document> seen,
            long nowMillis) {
        if (!changes.isEmpty()) {
            var _ = author.write(tables, scope(), changes, seen, null, nowMillis);
        }
        changes.clear();
        seen.clear();
    }

    /** What was written is shown by its row already, which made no row due that was not. */
    private void note(Sql sql, Set<DocumentId> written, Map<String, Document> due) {
        List<String> shown = new ArrayList<>();
        List<String> behind = new ArrayList<>();
        for (DocumentId id : written) (due.containsKey(id.id()) ? behind : shown).add(id.id());
        settled(sql, shown);
        sql.run(
                """
                UPDATE table_due d SET seen = u.seen FROM unnest(?, ?) AS u (id, seen)
                WHERE d.scope = ? AND d.collection = ? AND d.id = u.id\
                """,
                sql.texts(behind, id -> id),
                sql.bytes(behind, id -> Objects.requireNonNull(due.get(id)).encoded()),
                scope(),
                shape.name());
    }

    /**
     * What a row showed.
     *
     * @param document as far as it stands
     * @param row null for none
     * @param taken the columns that are not in the document any more, though the row is: to be
     *     written again
     */
    private record Seen(Document document, @Nullable RowImage row, Set<String> taken) {}

    private Seen seen(Document document) {
        return new Seen(document, RowImage.of(document, collection, shape.key()), Set.of());
    }

    /**
     * What the application did to a row that showed {@code saw}: the columns that are not as they
     * were, all of them where there was no row.
     */
    private List<Change> changes(Seen saw, @Nullable RowImage row, Set<String> columns) {
        RowImage before = saw.row();
        if (row == null) return before == null ? List.of() : List.of(new Change.Delete());
        List<Change> changes = new ArrayList<>();
        for (String column : shape.columnNames()) {
            if (!columns.contains(column)) continue;
            boolean same =
                    before != null
                            && !saw.taken().contains(column)
                            && (before.agrees(row, column)
                                    // Never set there, and nothing here.
                                    || !before.has(column) && row.get(column) == null);
            if (!same) changes.add(new Change.Put(column, RowImage.value(row.get(column))));
        }
        return changes;
    }

    /**
     * What a row showed, as far as a delete that it has not seen leaves it standing. Where a change
     * brings the row back, all that the delete took is to be written again by whoever has it: a row
     * is whole. A column in which something stands is not, since that was written without having
     * seen the delete, or after it. A row that the application deleted too has seen what it
     * deletes.
     */
    private Seen living(Document saw, @Nullable RowImage row, Document document) {
        Seen all = seen(saw);
        if (row == null || !isRevived(saw, document)) return all;
        Document living = saw.copy();
        Set<String> taken = new HashSet<>();
        for (Key key : saw.keys()) {
            if (key.kind() != Key.REGISTER || !document.at(key).isEmpty()) continue;
            living.clear(key);
            taken.add(key.path());
        }
        return new Seen(living, all.row(), taken);
    }

    /**
     * Whether the row is the one that was there, though a delete may have passed over it: its key
     * is gone from the document, or stands as it was written then. Else it is a new one.
     */
    private boolean isRevived(Document saw, Document document) {
        if (!View.of(document, collection).exists()) return false;
        return !RowImage.isWhole(document, shape.key())
                || shape.key().stream()
                        .map(Key::register)
                        .anyMatch(key ->
                                !Collections.disjoint(
                                        saw.at(key).keySet(), document.at(key).keySet()));
    }

    private static int size(Change change) {
        return change instanceof Change.Put put
                        && put.value() instanceof dev.holdfast.core.Value.Text text
                ? EDIT_BYTES + Utf8.length(put.path()) + Utf8.length(text.value())
                : EDIT_BYTES + Utf8.length(change.path());
    }

    // From documents into rows.

    /** The next due rows, those that were never tried or those that were. */
    List<String> dueNow(Sql sql, boolean tried, int most) {
        return sql.list(
                "SELECT id FROM table_due WHERE scope = ? AND collection = ? AND next_at <= now()"
                        + " AND tries "
                        + (tried ? ">" : "=")
                        + " 0 ORDER BY next_at LIMIT ?",
                row -> Sql.text(row, 1),
                scope(),
                shape.name(),
                most);
    }

    /**
     * Has due rows show their documents.
     *
     * @param alone whether there is but one, which is waited for where the application holds it
     */
    Written show(Beside beside, Collection<String> wanted, boolean alone) {
        RegionTables tables = beside.tables();
        tables.lockFeed(scope());
        Sql sql = beside.sql();
        Set<String> columns = columns(sql);
        // In one order, so that two who lock rows do not wait for each other.
        Map<String, Document> due = due(sql, new TreeSet<>(wanted));
        List<String> ids = List.copyOf(due.keySet());
        List<RowKey> keys = ids.stream().map(this::key).toList();
        tables.prefetch(scope(), keys.stream().map(this::document).toList());
        RowSql.settle(sql);
        sql.each(
                "SELECT set_config('lock_timeout', ?, true)",
                row -> {},
                alone ? ALONE_TIMEOUT : TIMEOUT);
        sql.run("SET CONSTRAINTS ALL DEFERRED");
        List<RowSql.Found> found =
                rows.read(sql, keys, alone ? RowSql.Lock.WAIT : RowSql.Lock.SKIP);
        List<String> held = alone ? List.of() : held(sql, ids, keys, found);

        List<String> done = new ArrayList<>();
        List<String> again = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            if (held.contains(ids.get(i))) continue;
            RowKey key = keys.get(i);
            if (!found.get(i).written().equals(key))
                throw new MalformedException(
                        "the id is another way to write a key: " + found.get(i).written().id());
            Document saw = Objects.requireNonNull(due.get(ids.get(i)));
            Document document = tables.document(scope(), document(key));
            boolean shown = show(sql, key, found.get(i).row(), saw, document, columns);
            (shown ? done : again).add(ids.get(i));
        }
        settled(sql, done);
        return new Written(done.size(), again, held);
    }

    /** Of rows that could not be locked, those that are there all the same. */
    private List<String> held(
            Sql sql, List<String> ids, List<RowKey> keys, List<RowSql.Found> found) {
        List<Integer> missing =
                IntStream.range(0, ids.size())
                        .filter(i -> found.get(i).row() == null)
                        .boxed()
                        .toList();
        if (missing.isEmpty()) return List.of();
        List<RowSql.Found> there =
                rows.read(sql, missing.stream().map(keys::get).toList(), RowSql.Lock.NONE);
        List<String> held = new ArrayList<>();
        for (int i = 0; i < missing.size(); i++)
            if (there.get(i).row() != null) held.add(ids.get(missing.get(i)));
        return held;
    }

    /** Answers false, having done nothing, where the row says what is not authored. */
    private boolean show(
            Sql sql,
            RowKey key,
            @Nullable RowImage row,
            Document saw,
            Document document,
            Set<String> columns) {
        boolean told =
                changes(living(saw, row, document), row, columns).stream()
                        .anyMatch(change -> size(change) <= VALUE_BYTES);
        if (told) return false;
        RowImage wanted = seen(document).row();
        if (wanted == null) {
            if (row != null) rows.delete(sql, key);
            return true;
        }
        if (row == null) return rows.insert(sql, key, wanted);
        RowImage before = seen(saw).row();
        List<String> differing = new ArrayList<>();
        for (TableShape.Column column : shape.columns()) {
            String name = column.name();
            if (shape.key().contains(name) || column.always()) continue;
            if (wanted.has(name)
                    ? Objects.equals(wanted.get(name), row.get(name))
                    // What was never set is the table's affair; what is not set any more is not.
                    : before == null || !before.has(name)) continue;
            // What no document can carry is here alone: it stays until somebody writes there.
            boolean kept =
                    size(new Change.Put(name, RowImage.value(row.get(name)))) > VALUE_BYTES
                            && before != null
                            && before.agrees(wanted, name);
            if (!kept) differing.add(name);
        }
        if (!differing.isEmpty()) rows.update(sql, key, wanted, differing);
        return true;
    }

    /** Notes why a due row cannot be written now; answers whether it is the first time. */
    boolean putAside(Sql sql, String id, String reason) {
        Integer tries =
                sql.one(
                        """
                        UPDATE table_due SET reason = ?, tries = tries + 1,
                            next_at = now() + least(interval '30 s',
                                interval '100 ms' * power(2, least(tries, 20)))
                        WHERE scope = ? AND collection = ? AND id = ? RETURNING tries\
                        """,
                        row -> row.getInt(1),
                        reason,
                        scope(),
                        shape.name(),
                        id);
        return tries != null && tries == 1;
    }

    /** Has due rows wait for the application, which holds them. */
    boolean postpone(Sql sql, List<String> ids) {
        sql.run(
                "UPDATE table_due SET next_at = now() + interval '100 ms'"
                        + " WHERE scope = ? AND collection = ? AND id = ANY (?)",
                scope(),
                shape.name(),
                sql.texts(ids, id -> id));
        return true;
    }

    private void settled(Sql sql, List<String> ids) {
        if (ids.isEmpty()) return;
        sql.run(
                "DELETE FROM table_due WHERE scope = ? AND collection = ? AND id = ANY (?)",
                scope(),
                shape.name(),
                sql.texts(ids, id -> id));
    }

    private Map<String, Document> due(Sql sql, Collection<String> ids) {
        Map<String, Document> due = new TreeMap<>();
        sql.each(
                "SELECT id, seen FROM table_due"
                        + " WHERE scope = ? AND collection = ? AND id = ANY (?)",
                row -> due.put(Sql.text(row, 1), noted(Sql.bytes(row, 2))),
                scope(),
                shape.name(),
                sql.texts(List.copyOf(ids), id -> id));
        return due;
    }

    /** Of a damaged document that was mended since, nobody knows what its row showed. */
    private static Document noted(Bytes state) {
        try {
            return Document.decode(state);
        } catch (MalformedException e) {
            return new Document();
        }
    }

    // Small things.

    /**
     * The columns whose values are taken from rows.
     *
     * @throws TableChangedException when the table is not the one that was looked at, or tells of
     *     its changes no more
     */
    Set<String> columns(Sql sql) {
        Set<String> columns =
                sql.one(
                        """
                        SELECT columns FROM table_mirrored m
                        WHERE name = ? AND relation = ?::oid AND to_regclass(?) = m.relation
                            AND phase <> 'documents'
                            AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = m.relation
                                AND t.tgname = 'holdfast_rows' AND t.tgenabled <> 'D')\
                        """,
                        row -> Set.copyOf(RowSql.key(row.getArray(1)).parts()),
                        shape.name(),
                        shape.relation(),
                        shape.quoted());
        if (columns == null) throw new TableChangedException(shape.name());
        return columns;
    }

    private void refuseNameless(Sql sql, List<RowKey> keys) {
        if (keys.isEmpty()) return;
        List<RowSql.Found> found = rows.read(sql, keys, RowSql.Lock.NONE);
        for (int i = 0; i < keys.size(); i++) {
            if (found.get(i).row() == null) continue;
            refuse(
                    sql,
                    keys.get(i),
                    "",
                    "its key is over " + Limits.ID_BYTES + " bytes, and has no document");
        }
    }

    /** These rows are looked at anew; what still cannot be carried is refused again. */
    private void forgetRefused(Sql sql, Collection<RowKey> keys) {
        Boolean any =
                sql.one(
                        "SELECT true FROM table_refused WHERE scope = ? AND collection = ? LIMIT 1",
                        row -> true,
                        scope(),
                        shape.name());
        if (any == null) return;
        for (RowKey key : keys)
            sql.run(
                    "DELETE FROM table_refused WHERE scope = ? AND collection = ? AND key = ?",
                    scope(),
                    shape.name(),
                    sql.texts(key.parts(), part -> part));
    }

    private void refuse(Sql sql, RowKey key, String field, String reason) {
        sql.run(
                """
                INSERT INTO table_refused (scope, collection, key, field, reason)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (scope, collection, key, field) DO UPDATE
                SET reason = excluded.reason, at = now()\
                """,
                scope(),
                shape.name(),
                sql.texts(key.parts(), part -> part),
                field,
                reason);
    }

    private News news(RegionTables tables) {
        return new News(
                scope(),
                tables.feedHead(scope()),
                Opening.all(tables, scope(), Set.of(author.grant().replica())),
                List.of());
    }

    private String scope() {
        return shape.settings().scope();
    }

    private RowKey key(String id) {
        return RowKey.of(id, shape.key().size());
    }

    private DocumentId document(RowKey key) {
        return new DocumentId(shape.name(), key.id());
    }
}
