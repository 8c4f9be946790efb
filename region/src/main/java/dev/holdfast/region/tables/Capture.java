package dev.holdfast.region.tables;

import dev.holdfast.region.store.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the triggers that tell of changed rows, and the note of each mirrored table, as the
 * settings want them.
 *
 * <p>A trigger writes the key of the row into {@code table_change} in the application's own
 * transaction, by the rights of the region's user, and looks at nothing but the key's columns; so a
 * migration of other columns cannot break it.
 */
final class Capture {
    private static final Logger LOG = LoggerFactory.getLogger(Capture.class);

    private static final String ROWS = "holdfast_rows";
    private static final String TRUNCATE = "holdfast_truncate";

    private Capture() {}

    /** What was noted of a table. */
    private record Noted(long relation, String scope, List<String> columns, String phase) {}

    /** Only one process at a time; the lock ends with the transaction. */
    static void alone(Sql sql) {
        sql.each("SELECT pg_advisory_xact_lock(hashtext('holdfast tables'))", row -> {});
        // A trigger wants a lock on its table: rather given up than kept before the application.
        sql.each("SELECT set_config('lock_timeout', '10s', true)", row -> {});
    }

    /** Gives up tables that are not named any more; what they told and was not looked at goes. */
    static void forget(Sql sql, List<TableSettings> named) {
        List<String> names = named.stream().map(TableSettings::name).toList();
        record Gone(String name, String scope, long relation) {}
        List<Gone> gone =
                sql.list(
                        "SELECT name, scope, relation::bigint FROM table_mirrored"
                                + " WHERE name <> ALL (?)",
                        row -> new Gone(Sql.text(row, 1), Sql.text(row, 2), row.getLong(3)),
                        sql.texts(names, name -> name));
        for (Gone table : gone) {
            // With the functions go the triggers, also where the table has another name by now.
            for (String what : List.of("rows", "truncate"))
                sql.run("DROP FUNCTION IF EXISTS " + function(what, table.relation()) + " CASCADE");
            int changes =
                    sql.run("DELETE FROM table_change WHERE relation = ?::oid", table.relation());
            for (String noted : List.of("table_due", "table_refused"))
                sql.run(
                        "DELETE FROM " + noted + " WHERE scope = ? AND collection = ?",
                        table.scope(),
                        table.name());
            sql.run("DELETE FROM table_mirrored WHERE name = ?", table.name());
            LOG.warn(
                    "the table {} is not mirrored any more; {} changes of it reach no other region",
                    table.name(),
                    changes);
        }
    }

    /** Has the table tell of its changes from now on, and what it had before taken in. */
    static void keep(Sql sql, TableShape shape) {
        boolean told = tells(sql, shape);
        if (!told) install(sql, shape);
        Noted noted =
                sql.one(
                        "SELECT relation::bigint, scope, columns, phase FROM table_mirrored"
                                + " WHERE name = ?",
                        row ->
                                new Noted(
                                        row.getLong(1),
                                        Sql.text(row, 2),
                                        RowSql.key(row.getArray(3)).parts(),
                                        Sql.text(row, 4)),
                        shape.name());
        boolean same =
                noted != null
                        && told
                        && noted.relation() == shape.relation()
                        && noted.scope().equals(shape.settings().scope());
        if (noted == null || !same) {
            if (noted != null && noted.relation() != shape.relation())
                sql.run("DELETE FROM table_change WHERE relation = ?::oid", noted.relation());
            note(sql, shape, shape.columnNames(), "documents");
            warn(sql, shape);
            LOG.info("the table {} is mirrored from now on", shape.name());
            return;
        }
        List<String> both = noted.columns().stream().filter(shape.columnNames()::contains).toList();
        boolean grown = shape.columnNames().size() > both.size();
        if (grown && noted.phase().equals("done")) {
            LOG.info("the table {} has new columns", shape.name());
            note(sql, shape, both, "columns");
        } else if (both.size() < noted.columns().size()) {
            sql.run(
                    "UPDATE table_mirrored SET columns = ? WHERE name = ?",
                    sql.texts(both, name -> name),
                    shape.name());
        }
    }

    private static void note(Sql sql, TableShape shape, List<String> columns, String phase) {
        sql.run(
                """
                INSERT INTO table_mirrored (name, scope, relation, columns, phase, place)
                VALUES (?, ?, ?::oid, ?, ?, NULL)
                ON CONFLICT (name) DO UPDATE SET scope = excluded.scope,
                    relation = excluded.relation, columns = excluded.columns,
                    phase = excluded.phase, place = NULL\
                """,
                shape.name(),
                shape.settings().scope(),
                shape.relation(),
                sql.texts(columns, name -> name),
                phase);
    }

    /** Whether both triggers are there, on, and as this version wants them. */
    private static boolean tells(Sql sql, TableShape shape) {
        Long count =
                sql.one(
                        """
                        SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                        WHERE t.tgrelid = ?::oid AND t.tgenabled <> 'D'
                            AND (t.tgname = ? AND p.prosrc = ? OR t.tgname = ? AND p.prosrc = ?)\
                        """,
                        row -> row.getLong(1),
                        shape.relation(),
                        ROWS,
                        ofRows(shape),
                        TRUNCATE,
                        ofTruncate(shape));
        return count != null && count == 2;
    }

    private static void install(Sql sql, TableShape shape) {
        function(sql, "rows", shape, ofRows(shape));
        function(sql, "truncate", shape, ofTruncate(shape));
        // An old one may be switched off, which replacing it would not change.
        for (String name : List.of(ROWS, TRUNCATE))
            sql.run("DROP TRIGGER IF EXISTS " + TableShape.quoted(name) + " ON " + shape.quoted());
        sql.run(
                "CREATE TRIGGER "
                        + TableShape.quoted(ROWS)
                        + " AFTER INSERT OR UPDATE OR DELETE ON "
                        + shape.quoted()
                        + " FOR EACH ROW EXECUTE FUNCTION "
                        + function("rows", shape.relation())
                        + "()");
        sql.run(
                "CREATE TRIGGER "
                        + TableShape.quoted(TRUNCATE)
                        + " BEFORE TRUNCATE ON "
                        + shape.quoted()
                        + " FOR EACH STATEMENT EXECUTE FUNCTION "
                        + function("truncate", shape.relation())
                        + "()");
    }

    private static String function(String what, long relation) {
        return "holdfast_" + what + "_" + relation;
    }

    /**
     * By the rights of who makes it, with texts in one form whatever the session's, and without
     * looking into that session's temporary tables first.
     */
    private static void function(Sql sql, String what, TableShape shape, String body) {
        String schema = sql.one("SELECT quote_ident(current_schema())", row -> Sql.text(row, 1));
        sql.run(
                "CREATE OR REPLACE FUNCTION "
                        + function(what, shape.relation())
                        + "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
                        + " SET search_path = "
                        + schema
                        + ", pg_temp SET datestyle = 'ISO, YMD'"
                        + " SET timezone = 'UTC' SET bytea_output = 'hex' AS $holdfast$"
                        + body
                        + "$holdfast$");
    }

    private static String ofRows(TableShape shape) {
        return """
        DECLARE
            was text[];
            becomes text[];
            merging CONSTANT text := current_setting('%s', true);
        BEGIN
            IF TG_OP <> 'INSERT' THEN was := ARRAY[%s]; END IF;
            IF TG_OP <> 'DELETE' THEN becomes := ARRAY[%s]; END IF;
            IF TG_OP = 'UPDATE' THEN
                IF OLD *= NEW THEN RETURN NULL; END IF;
                IF was = becomes THEN was := NULL; END IF;
            END IF;
            IF was IS NOT NULL
                    AND merging IS DISTINCT FROM (TG_RELID::text || was)::text THEN
                INSERT INTO table_change (relation, key) VALUES (TG_RELID, was);
            END IF;
            IF becomes IS NOT NULL
                    AND merging IS DISTINCT FROM (TG_RELID::text || becomes)::text THEN
                INSERT INTO table_change (relation, key) VALUES (TG_RELID, becomes);
            END IF;
            RETURN NULL;
        END
        """
                .formatted(RowSql.MERGING, parts("OLD", shape), parts("NEW", shape));
    }

    /** Every row that will be gone. */
    private static String ofTruncate(TableShape shape) {
        return """
        BEGIN
            INSERT INTO table_change (relation, key)
            SELECT TG_RELID, ARRAY[%s] FROM %s AS t;
            RETURN NULL;
        END
        """
                .formatted(parts("t", shape), shape.quoted());
    }

    private static String parts(String row, TableShape shape) {
        return shape.key().stream()
                .map(column -> row + "." + TableShape.quoted(column) + "::text")
                .collect(Collectors.joining(", "));
    }

    /** What is allowed, and likely to surprise. */
    private static void warn(Sql sql, TableShape shape) {
        @Nullable String counted =
                sql.one(
                        """
                        SELECT string_agg(a.attname, ', ') FROM pg_attribute a
                        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                        WHERE a.attrelid = ?::oid AND a.attname = ANY (?)
                            AND (a.attidentity <> ''
                                OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')\
                        """,
                        row -> row.getString(1) == null ? "" : Sql.text(row, 1),
                        shape.relation(),
                        sql.texts(shape.key(), name -> name));
        if (counted != null && !counted.isEmpty())
            LOG.warn(
                    "the table {} counts its key ({}): regions must not give out the same numbers,"
                            + " or rows of two meet as one. Have each count by its own steps, or"
                            + " use uuid",
                    shape.name(),
                    counted);
        List<String> before =
                new ArrayList<>(
                        sql.list(
                                "SELECT tgname::text FROM pg_trigger WHERE tgrelid = ?::oid"
                                        + " AND NOT tgisinternal AND tgname <> ALL (?)",
                                row -> Sql.text(row, 1),
                                shape.relation(),
                                sql.texts(List.of(ROWS, TRUNCATE), name -> name)));
        if (!before.isEmpty())
            LOG.warn(
                    "the table {} has triggers ({}), which fire for merged rows too: one that must"
                            + " not asks whether current_setting('{}', true) is set",
                    shape.name(),
                    String.join(", ", before),
                    RowSql.MERGING);
    }
}
