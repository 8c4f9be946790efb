package dev.holdfast.region.tables;

import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.node.settings.Default;
import java.util.List;
import java.util.Map;

/**
 * A table of the application that is mirrored; the same in each region.
 *
 * @param name schema and table with a dot between, as the database has them, without quotes. It is
 *     the collection of the rows' documents
 * @param scope of the documents
 * @param onDelete what holds where one region deleted a row and another one changed it meanwhile
 */
public record TableSettings(
        String name, @Default("tables") String scope, @Default("update-wins") OnDelete onDelete) {

    /** As with documents. */
    public enum OnDelete {
        /** The row stays, or comes back. */
        UPDATE_WINS,
        /** The row goes; what was written to it is in the conflict log. */
        DELETE_WINS
    }

    public TableSettings {
        int dot = name.indexOf('.');
        boolean plain = name.indexOf('"') < 0 && name.lastIndexOf('.') == dot;
        if (dot <= 0 || dot == name.length() - 1 || !plain)
            throw new IllegalArgumentException(
                    "name is schema.table, such as public.stock, without quotes");
        if (!Scope.isValid(scope))
            throw new IllegalArgumentException("scope is 1 to 128 of A-Z a-z 0-9 . _ : -");
    }

    String schemaName() {
        return name.substring(0, name.indexOf('.'));
    }

    String tableName() {
        return name.substring(name.indexOf('.') + 1);
    }

    Schema.Collection collection() {
        return new Schema.Collection(Map.of(), onDelete == OnDelete.DELETE_WINS, List.of());
    }
}
