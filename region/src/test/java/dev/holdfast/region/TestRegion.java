package dev.holdfast.region;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.worker.Worker;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A region's database and worker without its log: records are handed to the worker directly. */
public final class TestRegion implements AutoCloseable {
    public static final ReplicaKey KEY = TestAuthor.key("region");

    public final Database database;
    public final RegionStore store;
    public final RegionAuthor author =
            new RegionAuthor(
                    TestAuthor.grant(KEY, Grant.Role.REGION), KEY::sign, TestAuthor.SCHEMA);
    public final Worker worker;

    public TestRegion(EmbeddedDatabase server) {
        database = Database.open(server.address(), 6);
        store = new RegionStore(database, TestAuthor.SCHEMA);
        worker = worker();
    }

    public Worker worker() {
        return new Worker(store, author, new Worker.Settings(500, true));
    }

    public Worker.Step.Done step(LogRecord... records) {
        return step(List.of(records));
    }

    public Worker.Step.Done step(List<LogRecord> records) {
        Worker.Step step = worker.step(records, TestAuthor.NOON);
        if (step instanceof Worker.Step.Done done) return done;
        throw new AssertionError(step);
    }

    /** The document as SQL users read it. */
    public @Nullable String json(String scope, String collection, String id) {
        return ask(
                "SELECT fields::text FROM document WHERE scope = ? AND collection = ? AND id = ?",
                scope,
                collection,
                id);
    }

    public @Nullable String patient(String scope, String id) {
        return json(scope, "patients", id);
    }

    public String state(String scope, DocumentId id) {
        return store.read(tables -> tables.document(scope, id).encoded()).hex();
    }

    public long count(String table, String scope) {
        return Long.parseLong(
                Objects.requireNonNull(
                        ask("SELECT count(*) FROM " + table + " WHERE scope = ?", scope)));
    }

    public @Nullable String ask(String sql, Object... parameters) {
        try {
            return database.transaction(connection -> {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    for (int i = 0; i < parameters.length; i++)
                        statement.setObject(i + 1, parameters[i]);
                    ResultSet row = statement.executeQuery();
                    return row.next() ? row.getString(1) : null;
                }
            });
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
