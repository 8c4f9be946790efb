package dev.holdfast.region.store;

/**
 * A transaction on Holdfast's tables, and on those that stand beside them in the same database. Not
 * thread-safe; ends with its transaction.
 */
public final class Beside {
    private final PostgresTables tables;
    private final Sql sql;

    Beside(PostgresTables tables, Sql sql) {
        this.tables = tables;
        this.sql = sql;
    }

    /** Holdfast's own. */
    public RegionTables tables() {
        return tables;
    }

    /** Statements, which find all that was written to {@link #tables} until now. */
    public Sql sql() {
        tables.flush();
        return sql;
    }
}
