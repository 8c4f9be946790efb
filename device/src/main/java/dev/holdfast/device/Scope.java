package dev.holdfast.device;

import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Heard;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.schema.View;
import dev.holdfast.store.StoreTables;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The documents of one scope on this device. Writes return once they are flushed here, whatever the
 * network does; reads see what was written, here and elsewhere, as far as it has come. Thread-safe.
 *
 * <p>A write that the disk has no room for throws {@link dev.holdfast.store.StoreException} of kind
 * {@code FULL} and has changed nothing; one that is over a limit throws {@link
 * dev.holdfast.core.MalformedException}, likewise. Values are plain Java as in {@link Transaction}.
 */
public final class Scope {
    private final Device device;
    private final String name;

    Scope(Device device, String name) {
        this.device = device;
        this.name = name;
    }

    public String name() {
        return name;
    }

    // Writing.

    /** Makes {@code fields} the whole document, by the least changes. */
    public Write put(String collection, String id, Map<String, ?> fields) {
        return transaction(tx -> tx.put(collection, id, fields));
    }

    /** Makes {@code fields} the whole document, by the least changes. */
    public Write put(String collection, String id, Value.Map fields) {
        return transaction(tx -> tx.put(collection, id, fields));
    }

    /** Makes {@code value} what is shown at {@code path}; the other fields stay. */
    public Write put(String collection, String id, String path, Object value) {
        return transaction(tx -> tx.put(collection, id, path, value));
    }

    /** As JSON Merge Patch (RFC 7396): a null removes, a map goes on field by field. */
    public Write patch(String collection, String id, Map<String, ?> fields) {
        return transaction(tx -> tx.patch(collection, id, fields));
    }

    /** The same. */
    public Write patch(String collection, String id, Value.Map fields) {
        return transaction(tx -> tx.patch(collection, id, fields));
    }

    /** Removes whatever is at {@code path} and below. */
    public Write unset(String collection, String id, String path) {
        return transaction(tx -> tx.unset(collection, id, path));
    }

    /** Adds to a counter; {@code by} may be negative. */
    public Write increment(String collection, String id, String path, long by) {
        return transaction(tx -> tx.increment(collection, id, path, by));
    }

    /** Adds an element to a set. */
    public Write add(String collection, String id, String path, Object element) {
        return transaction(tx -> tx.add(collection, id, path, element));
    }

    /** Removes an element from a set. */
    public Write remove(String collection, String id, String path, Object element) {
        return transaction(tx -> tx.remove(collection, id, path, element));
    }

    /** Removes the document, by the policy of its collection. */
    public Write delete(String collection, String id) {
        return transaction(tx -> tx.delete(collection, id));
    }

    /**
     * Writes what {@code work} asks for, all of it together. When that throws, nothing is written.
     */
    public Write transaction(Consumer<? super Transaction> work) {
        Transaction transaction = new Transaction();
        work.accept(transaction);
        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>(transaction.changes());
        return device.store().write(tables -> write(tables, changes));
    }

    private Write write(StoreTables tables, Map<DocumentId, List<Change>> changes) {
        Author.Written written =
                device.store().author(tables).write(name, changes, null, device.nowMillis());
        return new Write(device, name, tables.replica(), written, Set.copyOf(changes.keySet()));
    }

    // Reading.

    /** The document; empty where there is none. */
    public Optional<DocumentView> get(String collection, String id) {
        return device.store().read(tables -> view(tables, collection, id));
    }

    /** All documents of a collection, to be narrowed and ordered. */
    public Query query(String collection) {
        return new Query(this, collection);
    }

    /** A collection whose documents are records of {@code type}. */
    public <T extends Record> TypedCollection<T> collection(String collection, Class<T> type) {
        RecordMapping<T> mapping = RecordMapping.of(type);
        mapping.requireFits(collection, device.settings().schema().collection(collection));
        return new TypedCollection<>(this, collection, mapping);
    }

    /**
     * Tells {@code listener} what {@code query} finds, now and whenever that has changed, a status
     * included; on a thread of its own, never twice at a time. Changes that come close together are
     * told together.
     */
    public Subscription watch(Query query, Consumer<? super List<DocumentView>> listener) {
        if (!query.scope().equals(this)) {
            throw new IllegalArgumentException("The query is of scope " + query.scope().name());
        }
        return device.watch(
                committed -> committed.everyDocument() || touches(committed, query.collection()),
                name,
                query::list,
                listener);
    }

    /** The same for one document. */
    public Subscription watch(
            String collection, String id, Consumer<? super Optional<DocumentView>> listener) {
        DocumentId document = new DocumentId(collection, id);
        return device.watch(
                committed -> committed.everyDocument() || committed.documents().contains(document),
                name,
                () -> get(collection, id),
                listener);
    }

    /**
     * How far the least of this device's own writes to a document has got, though it may be
     * deleted; empty once all are as durable as they must be.
     */
    public Optional<Durability> durability(String collection, String id) {
        return device.store().read(tables -> tables.pending(name, new DocumentId(collection, id)));
    }

    /**
     * How far the least of all that is shown of a document is known to have got, whoever wrote it.
     * Of others' writes a device asks now and then: at a node they are anyway, or they would not be
     * here.
     */
    public Durability reached(String collection, String id) {
        DocumentId document = new DocumentId(collection, id);
        return device.store()
                .read(tables -> {
                    Durability all =
                            new Heard(tables, name)
                                    .ofAll(
                                            tables.document(name, document),
                                            Set.of(tables.replica()));
                    return tables.pending(name, document)
                            .filter(own -> all.reaches(own))
                            .orElse(all);
                });
    }

    /** Documents with own writes that are not yet as durable as they must be, by name. */
    public List<DocumentId> pending(int limit) {
        return device.store()
                .read(tables -> tables.pendingDocuments(name, new DocumentId("", ""), limit));
    }

    // Conflicts.

    /** By path, the values that were written at the same time as those shown, the latest first. */
    public Map<String, List<Conflict>> conflicts(String collection, String id) {
        return get(collection, id).map(DocumentView::conflicts).orElse(Map.of());
    }

    /** Settles a conflict: {@code value} takes the place of all that stand at {@code path}. */
    public Write resolve(String collection, String id, String path, Object value) {
        Key.requirePath(path);
        return put(collection, id, path, value);
    }

    // Refusals.

    /**
     * Refused writes that wait to be discarded or written again, or to be taken by another node
     * than the edge that would not, oldest first.
     */
    public List<RejectedWrite> rejections() {
        return device.store()
                .read(tables ->
                        tables.rejections(name).stream()
                                .map(rejection -> Rejections.told(tables, rejection))
                                .toList());
    }

    /**
     * Takes back, here, what a refused write left standing; no other node has it. Values that the
     * write had replaced come back only where they stand beside it; what it deleted comes back when
     * somebody writes it again.
     *
     * @throws IllegalStateException where it is not refused for good
     */
    public void discard(RejectedWrite rejected) {
        requireOwn(rejected);
        device.store()
                .write(tables -> {
                    Rejections.withdraw(tables, rejected);
                    return true;
                });
        device.discarded(rejected);
    }

    /**
     * Writes again what a refused write left standing, as a new write on top of what stands now:
     * for when the reason is gone, such as a grant that was renewed.
     *
     * @throws IllegalStateException where it is not refused for good
     */
    public Write writeAgain(RejectedWrite rejected) {
        requireOwn(rejected);
        Write again =
                device.store()
                        .write(tables -> write(tables, Rejections.withdraw(tables, rejected)));
        device.discarded(rejected);
        return again;
    }

    private void requireOwn(RejectedWrite rejected) {
        if (!rejected.scope().equals(name)) {
            throw new IllegalArgumentException("The refusal is of scope " + rejected.scope());
        }
    }

    // Showing.

    Device device() {
        return device;
    }

    Optional<DocumentView> view(StoreTables tables, String collection, String id) {
        DocumentId document = new DocumentId(collection, id);
        Document state = tables.document(name, document);
        View view = View.of(state, device.settings().schema().collection(collection));
        if (!view.exists()) return Optional.empty();
        Map<String, List<Conflict>> conflicts = new TreeMap<>();
        view.conflicts()
                .forEach((path, hidden) ->
                        conflicts.put(path, hidden.stream().map(Scope::conflict).toList()));
        List<Rejection> rejections = tables.rejections(name, document);
        return Optional.of(
                new DocumentView(
                        name,
                        collection,
                        id,
                        view.fields(),
                        tables.pending(name, document),
                        conflicts,
                        rejections));
    }

    private static Conflict conflict(View.Hidden hidden) {
        return new Conflict(
                hidden.value(), hidden.dot().replica(), Instant.ofEpochMilli(hidden.millis()));
    }

    private static boolean touches(dev.holdfast.store.Committed committed, String collection) {
        return committed.documents().stream()
                .anyMatch(document -> document.collection().equals(collection));
    }

    @Override
    public String toString() {
        return "Scope[" + name + "]";
    }
}
