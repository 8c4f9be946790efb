package dev.holdfast.region.tables;

import dev.holdfast.region.store.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as the database describes it, once it is known that its rows can be mirrored.
 *
 * @param relation its number in the database
 * @param key the columns of the primary key, by name, so that their order in the key is no matter
 * @param columns all whose values are stored, the key's among them
 */
record TableShape(TableSettings settings, long relation, List<String> key, List<Column> columns) {
    /** Whose values are numbers of things in one database, or depend on its settings. */
    private static final Set<String> NOT_CARRIED =
            Set.of(
                    "money",
                    "oid",
                    "xid",
                    "xid8",
                    "cid",
                    "tid",
                    "regclass",
                    "regcollation",
                    "regconfig",
                    "regdictionary",
                    "regnamespace",
                    "regoper",
                    "regoperator",
                    "regproc",
                    "regprocedure",
                    "regrole",
                    "regtype",
                    "pg_lsn",
                    "pg_snapshot",
                    "txid_snapshot",
                    "refcursor");

    /** Whose equal values are written alike. */
    private static final Set<String> KEYS =
            Set.of(
                    "int2",
                    "int4",
                    "int8",
                    "text",
                    "varchar",
                    "bpchar",
                    "name",
                    "uuid",
                    "bool",
                    "bytea",
                    "date",
                    "timestamp",
                    "timestamptz");

    /**
     * A column.
     *
     * @param type as a cast names it, without a length
     * @param always whether it is an identity that is never updated
     */
    record Column(String name, String type, boolean always) {}

    TableShape {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }

    List<String> columnNames() {
        return columns.stream().map(Column::name).toList();
    }

    Column column(String name) {
        return columns.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    }

    String name() {
        return settings.name();
    }

    /** For statements. */
    String quoted() {
        return quoted(settings.schemaName()) + '.' + quoted(settings.tableName());
    }

    static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** The table itself. */
    private record Found(
            long relation,
            String kind,
            boolean part,
            boolean logged,
            boolean rules,
            boolean secured,
            String rights) {}

    private record FoundColumn(
            String name,
            String type,
            String baseType,
            boolean pseudo,
            boolean enumerated,
            boolean scaled,
            boolean sameIsEqual,
            String generated,
            String identity) {}

    /**
     * Looks at a table.
     *
     * @throws TableRefusedException when its rows cannot be mirrored, with all reasons
     */
    static TableShape look(Sql sql, TableSettings settings) {
        Found found = table(sql, settings);
        if (found == null)
            throw new TableRefusedException(
                    settings.name(),
                    List.of("there is no such table in the region's database: create it first"));
        List<String> reasons = new ArrayList<>();
        if (!found.kind().equals("r") || found.part())
            reasons.add(
                    "it is not a plain table: views, foreign and partitioned tables, and tables"
                            + " that inherit, are not mirrored");
        if (!found.logged()) reasons.add("a crash empties it: ALTER TABLE ... SET LOGGED");
        if (found.rules()) reasons.add("it has rules: use triggers instead");
        if (found.secured())
            reasons.add(
                    "row security hides rows of it from the region's user: give that BYPASSRLS");
        if (!found.rights().isEmpty())
            reasons.add("the region's user lacks rights: GRANT " + found.rights() + " ON it");
        List<FoundColumn> columns = columns(sql, found.relation());
        List<String> key = key(sql, found.relation());
        if (key.isEmpty())
            reasons.add(
                    "it has no primary key that is checked at once: rows could not be told apart."
                            + " ADD PRIMARY KEY, not deferrable");
        for (FoundColumn column : columns) judge(column, key.contains(column.name()), reasons);
        if (!reasons.isEmpty()) throw new TableRefusedException(settings.name(), reasons);
        return new TableShape(
                settings,
                found.relation(),
                key,
                columns.stream()
                        .filter(column -> column.generated().isEmpty())
                        .map(column ->
                                new Column(
                                        column.name(),
                                        column.type(),
                                        column.identity().equals("a")))
                        .toList());
    }

    private static void judge(FoundColumn column, boolean inKey, List<String> reasons) {
        String name = "the column " + column.name();
        if (column.name().chars().anyMatch(c -> c == '.' || c < 0x20 || c == 0x7f))
            reasons.add(name + " has a dot or a control character in its name: rename it");
        if (!column.generated().isEmpty()) {
            if (inKey) reasons.add(name + " is generated, and in the key: have it stored plainly");
            return;
        }
        if (column.pseudo() || NOT_CARRIED.contains(column.baseType()))
            reasons.add(
                    name
                            + " is of type "
                            + column.type()
                            + ", whose values mean something else in another database: use another"
                            + " type, such as bigint, numeric or text");
        boolean one =
                KEYS.contains(column.baseType())
                        || column.enumerated()
                        || column.baseType().equals("numeric") && column.scaled();
        if (inKey && !(one && column.sameIsEqual()))
            reasons.add(
                    name
                            + " is in the key, and of type "
                            + column.type()
                            + " equal values can be written in several ways: use whole numbers,"
                            + " numeric with a scale, text, uuid, date or time");
    }

    private static @Nullable Found table(Sql sql, TableSettings settings) {
        return sql.one(
                """
                SELECT c.oid::bigint, c.relkind::text,
                    c.relispartition OR c.relhassubclass
                        OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid),
                    c.relpersistence = 'p', c.relhasrules, row_security_active(c.oid),
                    concat_ws(', ', CASE WHEN NOT has_table_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
                        CASE WHEN NOT has_table_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
                        CASE WHEN NOT has_table_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
                        CASE WHEN NOT has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END,
                        CASE WHEN NOT has_table_privilege(c.oid, 'TRIGGER') THEN 'TRIGGER' END)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?\
                """,
                row ->
                        new Found(
                                row.getLong(1),
                                Sql.text(row, 2),
                                row.getBoolean(3),
                                row.getBoolean(4),
                                row.getBoolean(5),
                                row.getBoolean(6),
                                Sql.text(row, 7)),
                settings.schemaName(),
                settings.tableName());
    }

    private static List<FoundColumn> columns(Sql sql, long relation) {
        return sql.list(
                """
                SELECT a.attname::text, format_type(a.atttypid, -1), b.typname::text,
                    b.typtype = 'p', b.typtype = 'e', a.atttypmod <> -1 OR t.typtypmod <> -1,
                    coalesce(c.collisdeterministic, true), a.attgenerated::text,
                    a.attidentity::text
                FROM pg_attribute a
                JOIN pg_type t ON t.oid = a.atttypid
                JOIN pg_type b ON b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
                LEFT JOIN pg_collation c ON c.oid = a.attcollation
                WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum\
                """,
                row ->
                        new FoundColumn(
                                Sql.text(row, 1),
                                Sql.text(row, 2),
                                Sql.text(row, 3),
                                row.getBoolean(4),
                                row.getBoolean(5),
                                row.getBoolean(6),
                                row.getBoolean(7),
                                Sql.text(row, 8),
                                Sql.text(row, 9)),
                relation);
    }

    private static List<String> key(Sql sql, long relation) {
        return sql
                .list(
                        """
                        SELECT a.attname::text
                        FROM pg_index i
                        CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
                        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                        WHERE i.indrelid = ? AND i.indisprimary AND i.indimmediate
                            AND k.place <= i.indnkeyatts\
                        """,
                        row -> Sql.text(row, 1),
                        relation)
                .stream()
                .sorted()
                .collect(Collectors.toUnmodifiableList());
    }
}
