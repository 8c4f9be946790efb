package dev.holdfast.region.tables;

import dev.holdfast.region.store.Beside;
import dev.holdfast.region.store.Sql;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes in what was there before a table was mirrored, or before it had a column: first the
 * documents, whose rows become due; then the rows, which are looked at as if each had been changed.
 * Where both were there, neither has seen the other; so nothing is authored nor written before the
 * documents are through. How far it has come stands with the table, so that the next process goes
 * on with it.
 */
final class TakingIn {
    private final TableShape shape;
    private final RowSql rows;
    private final Settling settling;

    TakingIn(TableShape shape, RowSql rows, Settling settling) {
        this.shape = shape;
        this.rows = rows;
        this.settling = settling;
    }

    private record Phase(String name, @Nullable List<String> place) {}

    /** Takes in the next {@code most}. */
    Settling.Done page(Beside beside, int most) {
        beside.tables().lockFeed(shape.settings().scope());
        Sql sql = beside.sql();
        Phase phase =
                Objects.requireNonNull(
                        sql.one(
                                "SELECT phase, place FROM table_mirrored WHERE name = ?",
                                row ->
                                        new Phase(
                                                Sql.text(row, 1),
                                                row.getArray(2) == null
                                                        ? null
                                                        : RowSql.key(row.getArray(2)).parts()),
                                shape.name()));
        return switch (phase.name()) {
            case "documents" -> takeInDocuments(sql, phase, true, Set.of(), most);
            case "columns" -> takeInDocuments(sql, phase, false, settling.columns(sql), most);
            case "rows" -> takeInRows(sql, phase, most);
            default -> Settling.Done.NOTHING;
        };
    }

    private Settling.Done takeInDocuments(
            Sql sql, Phase phase, boolean fresh, Set<String> columns, int most) {
        String after = phase.place() == null ? "" : phase.place().getFirst();
        String last = lastOfDocuments(sql, after, fresh, columns, most);
        if (last != null) place(sql, phase.name(), List.of(last));
        // A row is not asked for a new column before it was given what the document has there.
        else if (fresh || settling.dueNow(sql, false, 1).isEmpty()) beginRows(sql);
        else return Settling.Done.NOTHING;
        return new Settling.Done(1, null);
    }

    private Settling.Done takeInRows(Sql sql, Phase phase, int most) {
        // Not more marks than are worked off.
        if (settling.isTold(sql)) return Settling.Done.NOTHING;
        RowSql.settle(sql);
        RowKey after = phase.place() == null ? null : new RowKey(phase.place());
        RowKey last = rows.markAfter(sql, after, most);
        place(sql, last == null ? "done" : "rows", last == null ? null : last.parts());
        return new Settling.Done(1, null);
    }

    private @Nullable String lastOfDocuments(
            Sql sql, String after, boolean fresh, Set<String> columns, int most) {
        List<String> added =
                shape.columnNames().stream().filter(name -> !columns.contains(name)).toList();
        return sql.one(
                """
                WITH page AS (
                    SELECT id, state, fields FROM document
                    WHERE scope = ? AND collection = ? AND id > ? ORDER BY id LIMIT ?),
                noted AS (
                    INSERT INTO table_due (scope, collection, id, seen)
                    SELECT ?, ?, id, CASE WHEN ? THEN '\\x80'::bytea ELSE state END FROM page
                    WHERE ? OR jsonb_exists_any(fields, ?)
                    ON CONFLICT (scope, collection, id) DO UPDATE
                    SET seen = CASE WHEN ? THEN excluded.seen ELSE table_due.seen END)
                SELECT max(id) FROM page HAVING count(*) > 0\
                """,
                row -> Sql.text(row, 1),
                shape.settings().scope(),
                shape.name(),
                after,
                most,
                shape.settings().scope(),
                shape.name(),
                fresh,
                fresh,
                sql.texts(added, name -> name),
                fresh);
    }

    private void beginRows(Sql sql) {
        sql.run(
                "UPDATE table_mirrored SET phase = 'rows', place = NULL, columns = ?"
                        + " WHERE name = ?",
                sql.texts(shape.columnNames(), name -> name),
                shape.name());
    }

    private void place(Sql sql, String phase, @Nullable List<String> place) {
        sql.run(
                "UPDATE table_mirrored SET phase = ?, place = ? WHERE name = ?",
                phase,
                place == null ? null : sql.texts(place, part -> part),
                shape.name());
    }
}
