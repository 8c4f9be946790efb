package dev.holdfast.region.tables;

import dev.holdfast.core.schema.Schema;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.DatabaseException;
import dev.holdfast.region.store.Sql;
import dev.holdfast.region.store.TableScopes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The application's tables that the settings name, as the database has them at the start of a
 * process.
 */
public record MirroredTables(List<TableSettings> settings, TableScopes scopes) {
    public MirroredTables {
        settings = List.copyOf(settings);
    }

    /**
     * Has the named tables tell of their changes from now on, and others no more.
     *
     * @throws SettingsException when one of them cannot be mirrored, with the reasons
     * @throws DatabaseException when the database failed
     */
    public static MirroredTables open(Database database, List<TableSettings> settings) {
        List<String> problems = new ArrayList<>();
        Map<String, TableScopes.Table> scopes = new HashMap<>();
        try {
            database.transaction(connection -> {
                Sql sql = new Sql(connection);
                Capture.alone(sql);
                Capture.forget(sql, settings);
                return true;
            });
            for (TableSettings table : settings) {
                try {
                    TableShape shape =
                            database.transaction(connection -> look(new Sql(connection), table));
                    scopes.put(table.name(), new TableScopes.Table(table.scope(), shape.key()));
                } catch (TableRefusedException e) {
                    problems.add(String.valueOf(e.getMessage()));
                }
            }
        } catch (Sql.Failed e) {
            throw new DatabaseException("preparing the mirrored tables", e.failure());
        } catch (SQLException e) {
            throw new DatabaseException("preparing the mirrored tables", e);
        }
        if (!problems.isEmpty()) throw new SettingsException(problems);
        return new MirroredTables(settings, new TableScopes(scopes));
    }

    /** Looks at a table as it is now, and keeps its triggers. */
    static TableShape look(Sql sql, TableSettings table) {
        Capture.alone(sql);
        TableShape shape = TableShape.look(sql, table);
        Capture.keep(sql, shape);
        return shape;
    }

    /** {@code schema} with what is said of the tables. */
    public Schema in(Schema schema) {
        if (settings.isEmpty()) return schema;
        Map<String, Schema.Collection> all = new HashMap<>(schema.collections());
        for (TableSettings table : settings) {
            if (all.put(table.name(), table.collection()) != null)
                throw new SettingsException(
                        List.of(
                                "The schema names the collection "
                                        + table.name()
                                        + ", which is a mirrored table: leave it out there"));
        }
        return new Schema(all);
    }
}
