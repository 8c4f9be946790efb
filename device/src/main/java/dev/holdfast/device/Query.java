package dev.holdfast.device;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Key;
import dev.holdfast.store.ShownFields;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A question for the documents of one collection, by their fields. Immutable: each method answers a
 * query with one condition more. It is answered from an index where the schema names one for the
 * field.
 *
 * <p>Conditions and orders are by text (in the order of UTF-8), number or boolean; a document
 * without the field fulfils no condition on it, and comes first in an order by it. Without an order
 * of its own a query is ordered by the field of its first range, else by id; documents that are
 * equal in that are ordered by id.
 */
public final class Query {
    private final Scope scope;
    private final String collection;
    private final List<Condition> conditions;
    private final @Nullable String order;
    private final boolean descending;
    private final int limit;

    private enum Comparison {
        EQUAL("="),
        AT_LEAST(">="),
        AT_MOST("<="),
        ABOVE(">"),
        BELOW("<");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }
    }

    private record Condition(String path, Comparison comparison, Value value) {}

    Query(Scope scope, String collection) {
        this(scope, collection, List.of(), null, false, Integer.MAX_VALUE);
    }

    private Query(
            Scope scope,
            String collection,
            List<Condition> conditions,
            @Nullable String order,
            boolean descending,
            int limit) {
        this.scope = scope;
        this.collection = collection;
        this.conditions = List.copyOf(conditions);
        this.order = order;
        this.descending = descending;
        this.limit = limit;
    }

    /** Where the field at {@code path} is {@code value}. */
    public Query equal(String path, Object value) {
        return and(path, Comparison.EQUAL, value);
    }

    /** Where it is {@code value} or more. */
    public Query atLeast(String path, Object value) {
        return and(path, Comparison.AT_LEAST, value);
    }

    /** Where it is {@code value} or less. */
    public Query atMost(String path, Object value) {
        return and(path, Comparison.AT_MOST, value);
    }

    /** Where it is more than {@code value}. */
    public Query above(String path, Object value) {
        return and(path, Comparison.ABOVE, value);
    }

    /** Where it is less than {@code value}. */
    public Query below(String path, Object value) {
        return and(path, Comparison.BELOW, value);
    }

    /** Ordered by the field at {@code path}, the least first. */
    public Query orderBy(String path) {
        Key.requirePath(path);
        return new Query(scope, collection, conditions, path, false, limit);
    }

    /** Ordered by the field at {@code path}, the greatest first. */
    public Query orderByDescending(String path) {
        Key.requirePath(path);
        return new Query(scope, collection, conditions, path, true, limit);
    }

    /** The first {@code count} at most. */
    public Query limit(int count) {
        if (count < 0) throw new IllegalArgumentException("a limit below 0");
        return new Query(scope, collection, conditions, order, descending, count);
    }

    /** The documents, as of one moment. */
    public List<DocumentView> list() {
        return scope.device()
                .store()
                .query((tables, connection) -> {
                    List<DocumentView> found = new ArrayList<>();
                    for (String id : ids(connection)) {
                        scope.view(tables, collection, id).ifPresent(found::add);
                    }
                    return List.copyOf(found);
                });
    }

    /** The first of them. */
    public Optional<DocumentView> first() {
        return limit(Math.min(limit, 1)).list().stream().findFirst();
    }

    /** How many there are, up to the limit. */
    public int count() {
        return scope.device().store().query(this::countWith);
    }

    String collection() {
        return collection;
    }

    Scope scope() {
        return scope;
    }

    /** What SQLite means to do, line by line. */
    List<String> plan() {
        return scope.device()
                .store()
                .query(connection -> {
                    List<String> lines = new ArrayList<>();
                    String sql = "explain query plan " + sql("id", true);
                    try (PreparedStatement statement = bound(connection, sql);
                            ResultSet rows = statement.executeQuery()) {
                        while (rows.next()) lines.add(String.valueOf(rows.getString("detail")));
                    }
                    return lines;
                });
    }

    private int countWith(Connection connection) throws SQLException {
        String sql = "select count(*) from (" + sql("1", false) + ")";
        try (PreparedStatement statement = bound(connection, sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    private List<String> ids(Connection connection) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (PreparedStatement statement = bound(connection, sql("id", true));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                String id = rows.getString(1);
                if (id != null) ids.add(id);
            }
        }
        return ids;
    }

    private Query and(String path, Comparison comparison, Object plain) {
        Key.requirePath(path);
        Value value = Value.from(plain);
        boolean comparable =
                switch (value) {
                    case Value.Text text -> true;
                    case Value.Int number -> true;
                    case Value.Real number -> true;
                    case Value.Bool bool -> comparison == Comparison.EQUAL;
                    default -> false;
                };
        if (!comparable) {
            throw new IllegalArgumentException(
                    path + " is compared with text or a number, or found equal to a boolean");
        }
        List<Condition> more = new ArrayList<>(conditions);
        more.add(new Condition(path, comparison, value));
        return new Query(scope, collection, more, order, descending, limit);
    }

    private String sql(String columns, boolean ordered) {
        // The collection stands as a literal, else the indexes, which cover one each, are not used.
        StringBuilder sql = new StringBuilder("select ").append(columns);
        sql.append(" from documents where scope = (select id from scopes where name = ?)");
        sql.append(" and collection = ").append(ShownFields.literal(collection));
        sql.append(" and shown is not null");
        for (Condition condition : conditions) {
            String field = ShownFields.field(condition.path());
            sql.append(" and ").append(field).append(condition.comparison().sign).append(" ?");
            sql.append(sameKind(condition, field));
        }
        if (ordered) {
            String direction = descending ? " desc" : "";
            sql.append(" order by ");
            String by = order();
            if (by != null) sql.append(ShownFields.field(by)).append(direction).append(", ");
            sql.append("id").append(direction);
        }
        return sql.append(" limit ").append(limit).toString();
    }

    /** SQLite orders numbers before text, and takes a boolean for a number. */
    private static String sameKind(Condition condition, String field) {
        return switch (condition.value()) {
            case Value.Bool bool -> " and " + type(condition.path()) + " in ('true', 'false')";
            case Value.Text text ->
                    isUpper(condition.comparison()) ? " and " + field + " >= ''" : "";
            default ->
                    (isLower(condition.comparison()) ? " and " + field + " < ''" : "")
                            + " and "
                            + type(condition.path())
                            + " not in ('true', 'false')";
        };
    }

    private static boolean isUpper(Comparison comparison) {
        return comparison == Comparison.AT_MOST || comparison == Comparison.BELOW;
    }

    private static boolean isLower(Comparison comparison) {
        return comparison == Comparison.AT_LEAST || comparison == Comparison.ABOVE;
    }

    private static String type(String path) {
        return ShownFields.field(path).replaceFirst("json_extract", "json_type");
    }

    private @Nullable String order() {
        if (order != null) return order;
        for (Condition condition : conditions) {
            if (condition.comparison() != Comparison.EQUAL) return condition.path();
        }
        return null;
    }

    private PreparedStatement bound(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        int at = 1;
        statement.setString(at++, scope.name());
        for (Condition condition : conditions) {
            switch (condition.value()) {
                case Value.Text text -> statement.setString(at, text.value());
                case Value.Int number -> statement.setLong(at, number.value());
                case Value.Real number -> statement.setDouble(at, number.value());
                case Value.Bool bool -> statement.setInt(at, bool.value() ? 1 : 0);
                default -> throw new IllegalStateException("not comparable");
            }
            at++;
        }
        return statement;
    }
}
