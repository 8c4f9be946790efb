package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.keys.Entropy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Short words for tests that write patients. */
final class Writing {
    static final String SCOPE = "clinic-7";
    static final long NOW = 1_790_000_000_000L;
    static final Schema SCHEMA =
            Schema.parse(
                    """
                    {"patients": {"fields": {"visits": {"kind": "counter"},
                     "allergies": {"kind": "set"}}, "indexes": ["name", "address.city"]}}\
                    """);

    private Writing() {}

    static ReplicaStore open(Path folder, long seed) {
        return ReplicaStore.open(StoreSettings.device(folder, SCHEMA), entropy(seed));
    }

    static Entropy entropy(long seed) {
        Random random = new Random(seed);
        return count -> {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return Bytes.wrap(bytes);
        };
    }

    static DocumentId patient(String id) {
        return new DocumentId("patients", id);
    }

    static Author.Written put(ReplicaStore store, String id, String field, Value value) {
        return store.write(tables ->
                store.author(tables)
                        .write(
                                SCOPE,
                                Map.of(patient(id), List.of(new Change.Put(field, value))),
                                null,
                                NOW));
    }

    static Author.Written increment(ReplicaStore store, String id, long by) {
        return store.write(tables ->
                store.author(tables)
                        .write(
                                SCOPE,
                                Map.of(patient(id), List.of(new Change.Increment("visits", by))),
                                null,
                                NOW));
    }

    static Value.Map shown(ReplicaStore store, String id) {
        return store.read(tables ->
                View.of(tables.document(SCOPE, patient(id)), SCHEMA.collection("patients"))
                        .fields());
    }
}
