package dev.holdfast.region.store;

import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.DatabaseFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions on a region's tables, and says of a failed one what to do about it.
 * Thread-safe; as many transactions at a time as the database's pool has connections.
 */
public final class RegionStore implements Transactor {
    private final Database database;
    private final Schema schema;
    private final TableScopes rows;

    /**
     * @param schema decides what the readable columns show, and nothing else
     */
    public RegionStore(Database database, Schema schema) {
        this(database, schema, TableScopes.NONE);
    }

    /**
     * @param rows which documents are rows of the application's tables: what changes one of them
     *     notes in its own transaction that the row is to follow
     */
    public RegionStore(Database database, Schema schema, TableScopes rows) {
        this.database = database;
        this.schema = schema;
        this.rows = rows;
    }

    /**
     * Shows all documents anew, if the schema is another one than they were shown by last. To be
     * called before anything is applied; takes time where there are many.
     *
     * @throws StoreException when the database failed; done again, it goes on
     */
    public void showBySchema() {
        try {
            Reshown.follow(database, schema);
        } catch (Sql.Failed e) {
            throw failed("showing all documents anew", e.failure());
        } catch (SQLException e) {
            throw failed("showing all documents anew", e);
        }
    }

    @Override
    public <T extends @Nullable Object> T write(Function<? super RegionTables, T> work) {
        return run("writing", true, (tables, sql) -> work.apply(tables));
    }

    /**
     * Does {@code work}, which also knows tables that are not Holdfast's, in a transaction.
     *
     * @throws StoreException as {@link #write}
     */
    public <T extends @Nullable Object> T writeBeside(Function<Beside, T> work) {
        return run("writing beside", true, (tables, sql) -> work.apply(new Beside(tables, sql)));
    }

    /** Reads tables that are not Holdfast's, as of one moment; as {@link #read}. */
    public <T extends @Nullable Object> T readBeside(Function<Beside, T> work) {
        return run("reading", false, (tables, sql) -> work.apply(new Beside(tables, sql)));
    }

    @Override
    public <T extends @Nullable Object> T read(Function<? super RegionTables, T> work) {
        return run("reading", false, (tables, sql) -> work.apply(tables));
    }

    private <T extends @Nullable Object> T run(
            String attempt, boolean writing, BiFunction<PostgresTables, Sql, T> work) {
        return transaction(
                database,
                attempt,
                connection -> {
                    if (!writing) snapshot(connection);
                    Sql sql = new Sql(connection);
                    PostgresTables tables = new PostgresTables(sql, schema, rows, writing);
                    T answer = work.apply(tables, sql);
                    tables.flush();
                    return answer;
                });
    }

    /**
     * What {@code work} reads of the database as of one moment.
     *
     * @param attempt what is being done, for the message
     * @throws StoreException when the database failed
     */
    static <T> T snapshot(Database database, String attempt, Function<Sql, T> work) {
        return transaction(
                database,
                attempt,
                connection -> {
                    snapshot(connection);
                    return work.apply(new Sql(connection));
                });
    }

    /** What {@code work} does to the database, in a transaction; as {@link #snapshot}. */
    static <T> T change(Database database, String attempt, Function<Sql, T> work) {
        return transaction(database, attempt, connection -> work.apply(new Sql(connection)));
    }

    private static <T extends @Nullable Object> T transaction(
            Database database, String attempt, Database.Work<T> work) {
        try {
            return database.transaction(work);
        } catch (Sql.Failed e) {
            throw failed(attempt, e.failure());
        } catch (SQLException e) {
            throw failed(attempt, e);
        }
    }

    private static StoreException failed(String attempt, SQLException cause) {
        return new StoreException(DatabaseFailure.of(cause), attempt, cause);
    }

    private static void snapshot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
        }
    }
}
