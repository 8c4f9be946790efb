package dev.holdfast.store;

import static dev.holdfast.store.Writing.SCOPE;
import static dev.holdfast.store.Writing.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.schema.Schema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ShownFieldsTest {
    private static final String BY_CITY =
            "select id from documents where scope = (select id from scopes where name = ?)"
                    + " and collection = 'patients' and "
                    + ShownFields.field("address.city")
                    + " = ?";

    @TempDir Path folder;

    @Test
    void a_query_by_an_indexed_field_searches_the_index() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "a", "address.city", Value.of("Kampala"));
            put(store, "b", "address.city", Value.of("Gulu"));
            assertThat(rows(store, BY_CITY)).containsExactly("b");
            assertThat(rows(store, "explain query plan " + BY_CITY))
                    .anyMatch(step -> step.contains("<expr>=?"))
                    .noneMatch(step -> step.startsWith("SCAN documents"));
        }
    }

    @Test
    void documents_and_indexes_follow_another_schema() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "a", "address.city", Value.of("Gulu"));
        }
        Schema other = Schema.parse("{\"patients\": {\"indexes\": [\"name\"]}}");
        try (ReplicaStore store =
                ReplicaStore.open(StoreSettings.device(folder, other), Writing.entropy(1))) {
            assertThat(rows(store, BY_CITY)).containsExactly("a");
            assertThat(rows(store, "explain query plan " + BY_CITY))
                    .noneMatch(step -> step.contains("<expr>=?"));
        }
        StoreSettings off = StoreSettings.edge(folder);
        try (ReplicaStore store = ReplicaStore.open(off, Writing.entropy(1))) {
            assertThat(rows(store, BY_CITY)).isEmpty();
        }
        try (ReplicaStore store = Writing.open(folder, 1)) {
            assertThat(rows(store, BY_CITY)).containsExactly("a");
        }
    }

    @Test
    void a_path_is_spelled_so_that_no_name_in_it_becomes_sql() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "a", "it's \"x\"", Value.of("Gulu"));
            String byName =
                    BY_CITY.replace(
                            ShownFields.field("address.city"), ShownFields.field("it's \"x\""));
            assertThat(rows(store, byName)).containsExactly("a");
        }
    }

    /** The last column of each row, with our scope and a city for the arguments. */
    private static List<String> rows(ReplicaStore store, String sql) {
        return store.query(connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                statement.setString(1, SCOPE);
                statement.setString(2, "Gulu");
                List<String> rows = new ArrayList<>();
                try (var result = statement.executeQuery()) {
                    int last = result.getMetaData().getColumnCount();
                    while (result.next()) rows.add(String.valueOf(result.getString(last)));
                }
                return rows;
            }
        });
    }
}
