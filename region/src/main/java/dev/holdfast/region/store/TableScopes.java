package dev.holdfast.region.store;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which documents are rows of the application's own tables: by the name of the table, which is
 * their collection.
 */
public record TableScopes(Map<String, Table> tables) {
    public static final TableScopes NONE = new TableScopes(Map.of());

    /**
     * A table.
     *
     * @param scope that its documents are in
     * @param key the columns of its primary key
     */
    public record Table(String scope, List<String> key) {
        public Table {
            key = List.copyOf(key);
        }
    }

    public TableScopes {
        tables = Map.copyOf(tables);
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** The columns of the key; null where the documents are no rows. */
    @Nullable List<String> keyOf(String scope, String collection) {
        Table table = tables.get(collection);
        return table != null && table.scope().equals(scope) ? table.key() : null;
    }
}
