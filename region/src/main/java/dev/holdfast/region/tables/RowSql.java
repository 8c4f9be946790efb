package dev.holdfast.region.tables;

import dev.holdfast.region.store.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The statements on one of the application's tables. Values come and go as texts, in the one form
 * that {@link #settle} sets for the transaction. Immutable.
 */
final class RowSql {
    /**
     * Says which row is being written from its document, so that the trigger passes over that one:
     * the number of its table and its key.
     */
    static final String MERGING = "holdfast.merging";

    private final TableShape shape;
    private final String table;

    RowSql(TableShape shape) {
        this.shape = shape;
        this.table = shape.quoted();
    }

    /**
     * What was found at a key.
     *
     * @param written the key as PostgreSQL writes it, which may be another way
     * @param row null where there is none
     */
    record Found(RowKey written, @Nullable RowImage row) {}

    /** Has this transaction write values as texts that are the same everywhere. */
    static void settle(Sql sql) {
        sql.each(
                """
                SELECT set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true),
                    set_config('intervalstyle', 'postgres', true),
                    set_config('bytea_output', 'hex', true),
                    set_config('extra_float_digits', '1', true),
                    set_config('xmloption', 'content', true)\
                """,
                row -> {});
    }

    /** Whether rows that are read may be changed by others before the transaction ends. */
    enum Lock {
        NONE(""),
        /** They may not; those that somebody else holds are passed over, as if there were none. */
        SKIP(" FOR UPDATE SKIP LOCKED"),
        /** They may not; who holds them is waited for. */
        WAIT(" FOR UPDATE");

        private final String clause;

        Lock(String clause) {
            this.clause = clause;
        }
    }

    /** Reads the rows at these keys, in their order. */
    List<Found> read(Sql sql, List<RowKey> keys, Lock lock) {
        List<String> key = shape.key();
        List<String> columns = shape.columnNames();
        String statement =
                "SELECT "
                        + each(key, i -> typed("k.k" + i, key.get(i)) + "::text")
                        + ", t.present, "
                        + each(columns, i -> "t." + quoted(columns.get(i)) + "::text")
                        + " FROM unnest("
                        + each(key, i -> "?")
                        + ") WITH ORDINALITY AS k ("
                        + each(key, i -> "k" + i)
                        + ", n) LEFT JOIN LATERAL (SELECT true AS present, x.* FROM "
                        + table
                        + " x WHERE "
                        + all(
                                key,
                                i ->
                                        "x."
                                                + quoted(key.get(i))
                                                + " = "
                                                + typed("k.k" + i, key.get(i)))
                        + lock.clause
                        + " OFFSET 0) AS t ON true ORDER BY k.n";
        @Nullable Object[] parameters = new Object[key.size()];
        for (int i = 0; i < parameters.length; i++) {
            int part = i;
            parameters[i] = sql.texts(keys, one -> one.parts().get(part));
        }
        return sql.list(
                statement,
                row -> {
                    List<String> written = new ArrayList<>();
                    for (int i = 0; i < key.size(); i++) written.add(Sql.text(row, i + 1));
                    if (!row.getBoolean(key.size() + 1))
                        return new Found(new RowKey(written), null);
                    Map<String, @Nullable String> values = new TreeMap<>();
                    for (int i = 0; i < columns.size(); i++)
                        values.put(columns.get(i), row.getString(key.size() + 2 + i));
                    return new Found(new RowKey(written), new RowImage(values));
                },
                parameters);
    }

    /** Answers whether the row was put there: another may have come meanwhile. */
    boolean insert(Sql sql, RowKey key, RowImage row) {
        List<String> columns = shape.columnNames().stream().filter(row::has).toList();
        String statement =
                "INSERT INTO "
                        + table
                        + " ("
                        + each(columns, i -> quoted(columns.get(i)))
                        + ") OVERRIDING SYSTEM VALUE SELECT "
                        + each(columns, i -> typed("?", columns.get(i)))
                        + " WHERE "
                        + merging()
                        + " ON CONFLICT ("
                        + each(shape.key(), i -> quoted(shape.key().get(i)))
                        + ") DO NOTHING";
        List<@Nullable Object> parameters = new ArrayList<>();
        for (String column : columns) {
            int part = shape.key().indexOf(column);
            parameters.add(part < 0 ? row.get(column) : key.parts().get(part));
        }
        parameters.add(said(sql, key));
        return sql.run(statement, parameters.toArray()) == 1;
    }

    /** Writes {@code columns}; those that {@code row} has nothing for get the table's default. */
    void update(Sql sql, RowKey key, RowImage row, List<String> columns) {
        String statement =
                "UPDATE "
                        + table
                        + " SET "
                        + each(
                                columns,
                                i ->
                                        quoted(columns.get(i))
                                                + " = "
                                                + (row.has(columns.get(i))
                                                        ? typed("?", columns.get(i))
                                                        : "DEFAULT"))
                        + " WHERE "
                        + atKey()
                        + " AND "
                        + merging();
        List<@Nullable Object> parameters = new ArrayList<>();
        for (String column : columns) if (row.has(column)) parameters.add(row.get(column));
        parameters.addAll(key.parts());
        parameters.add(said(sql, key));
        sql.run(statement, parameters.toArray());
    }

    void delete(Sql sql, RowKey key) {
        List<@Nullable Object> parameters = new ArrayList<>(key.parts());
        parameters.add(said(sql, key));
        sql.run(
                "DELETE FROM " + table + " WHERE " + atKey() + " AND " + merging(),
                parameters.toArray());
    }

    /**
     * Marks the next rows by key as changed, so that they are looked at.
     *
     * @return the last one's key; null where there are no more
     */
    @Nullable RowKey markAfter(Sql sql, @Nullable RowKey after, int most) {
        List<String> key = shape.key();
        String columns = each(key, i -> "t." + quoted(key.get(i)));
        String statement =
                "INSERT INTO table_change (relation, key) SELECT ?, ARRAY["
                        + each(key, i -> "t." + quoted(key.get(i)) + "::text")
                        + "] FROM "
                        + table
                        + " t"
                        + (after == null
                                ? ""
                                : " WHERE ("
                                        + columns
                                        + ") > ("
                                        + each(key, i -> typed("?", key.get(i)))
                                        + ")")
                        + " ORDER BY "
                        + columns
                        + " LIMIT ? RETURNING key";
        List<@Nullable Object> parameters = new ArrayList<>();
        parameters.add(shape.relation());
        if (after != null) parameters.addAll(after.parts());
        parameters.add(most);
        List<RowKey> marked =
                sql.list(statement, row -> key(row.getArray(1)), parameters.toArray());
        return marked.isEmpty() ? null : marked.getLast();
    }

    static RowKey key(java.sql.@Nullable Array parts) throws SQLException {
        String[] texts = (String[]) Objects.requireNonNull(parts).getArray();
        return new RowKey(Arrays.asList(texts));
    }

    /** True, and said before the trigger of what is written by then asks. */
    private static String merging() {
        return "set_config('" + MERGING + "', ?::text[]::text, true) IS NOT NULL";
    }

    private java.sql.Array said(Sql sql, RowKey key) {
        List<String> said = new ArrayList<>();
        said.add(String.valueOf(shape.relation()));
        said.addAll(key.parts());
        return sql.texts(said, part -> part);
    }

    private String atKey() {
        List<String> key = shape.key();
        return all(key, i -> quoted(key.get(i)) + " = " + typed("?", key.get(i)));
    }

    private String typed(String expression, String column) {
        return expression + "::" + shape.column(column).type();
    }

    private static String quoted(String identifier) {
        return TableShape.quoted(identifier);
    }

    /** Makes a part of a statement, for each of a list by its place. */
    private interface Part {
        String at(int place);
    }

    private static String each(List<String> of, Part part) {
        return joined(of, part, ", ");
    }

    private static String all(List<String> of, Part part) {
        return joined(of, part, " AND ");
    }

    private static String joined(List<String> of, Part part, String between) {
        return IntStream.range(0, of.size())
                .mapToObj(part::at)
                .collect(Collectors.joining(between));
    }
}
