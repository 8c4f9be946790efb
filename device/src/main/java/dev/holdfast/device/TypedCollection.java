package dev.holdfast.device;

import dev.holdfast.core.Value;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A collection whose documents are records. Components are fields of the same name: text, whole and
 * other numbers, booleans, enums (by name), {@code Instant}, {@code LocalDate} and the like (as ISO
 * text), {@code byte[]} and {@link dev.holdfast.core.Bytes}, {@code List}, {@code Set}, {@code Map}
 * with text keys, {@code Optional}, {@link Value}, and records of these. Fields that the record
 * does not have are kept by {@link #patch} and removed by {@link #put}. Thread-safe.
 *
 * @param <T> the record's type
 */
public final class TypedCollection<T extends Record> {
    private final Scope scope;
    private final String name;
    private final RecordMapping<T> mapping;

    TypedCollection(Scope scope, String name, RecordMapping<T> mapping) {
        this.scope = scope;
        this.name = name;
        this.mapping = mapping;
    }

    /** Makes {@code document} the whole document, by the least changes. */
    public Write put(String id, T document) {
        return scope.put(name, id, mapping.write(document));
    }

    /** The same, but fields that the record does not have stay. */
    public Write patch(String id, T document) {
        return scope.transaction(tx -> mapping.patch(tx, name, id, document));
    }

    /**
     * The document; empty where there is none.
     *
     * @throws IllegalArgumentException saying which field does not fit the record
     */
    public Optional<T> get(String id) {
        return scope.get(name, id).map(view -> mapping.read(view.fields()));
    }

    public Write delete(String id) {
        return scope.delete(name, id);
    }

    /** All documents, to be narrowed and ordered; see {@link #list(Query)}. */
    public Query query() {
        return scope.query(name);
    }

    /** What a query of this collection finds, as records. */
    public List<T> list(Query query) {
        return query.list().stream().map(view -> mapping.read(view.fields())).toList();
    }

    /** As {@link Scope#watch(Query, Consumer)}, told of records. */
    public Subscription watch(Query query, Consumer<? super List<T>> listener) {
        return scope.watch(
                query,
                views ->
                        listener.accept(
                                views.stream().map(view -> mapping.read(view.fields())).toList()));
    }
}
