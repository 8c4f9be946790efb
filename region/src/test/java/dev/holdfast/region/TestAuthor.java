package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.log.LogRecord;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A device with a store in memory, that writes real, signed batches under a real grant. */
public final class TestAuthor {
    public static final ReplicaKey AUTHORITY = key("authority");
    public static final long NOON = 1_700_000_000_000L;
    public static final Schema SCHEMA =
            Schema.parse(
                    """
                    {"patients": {"fields": {"visits": {"kind": "counter"}, "tags": {"kind": "set"}}},
                     "notes": {"on-delete": "delete-wins"}}\
                    """);

    public final String scope;
    public final ReplicaKey key;
    public final SignedGrant grant;
    public final MemoryStore store;
    public long nowMillis = NOON;

    public TestAuthor(String scope, String name) {
        this(scope, key(scope + "/" + name), MemoryStore.durable());
    }

    private TestAuthor(String scope, ReplicaKey key, MemoryStore store) {
        this.scope = scope;
        this.key = key;
        this.grant = grant(key, Grant.Role.DEVICE);
        this.store = store;
    }

    /** The same key with a copy of the store: a cloned disk. */
    public TestAuthor cloned() {
        return new TestAuthor(scope, key, store.copy());
    }

    public ReplicaId id() {
        return key.replica();
    }

    public Batch put(String id, String path, Object value) {
        return write("patients", id, new Change.Put(path, dev.holdfast.core.Value.from(value)));
    }

    public Batch increment(String id) {
        return write("patients", id, new Change.Increment("visits", 1));
    }

    public Batch write(String collection, String id, Change... changes) {
        return write(Map.of(new DocumentId(collection, id), List.of(changes)));
    }

    /** Writes a transaction and seals it into a batch of its own. */
    public Batch write(Map<DocumentId, List<Change>> changes) {
        store.write(tables -> author(tables).write(scope, changes, null, nowMillis));
        return store.write(tables -> {
            Batch.Draft draft = Objects.requireNonNull(author(tables).draft(scope));
            Batch batch = draft.signed(key.sign(draft.signedText()));
            Objects.requireNonNull(author(tables).seal(batch, nowMillis));
            return batch;
        });
    }

    /** One operation of {@code batch}, signed as a batch of its own: a copied store's doing. */
    public Batch alone(Batch batch, int place) {
        Operation operation = batch.body().operations().get(place);
        Batch.Draft draft =
                Batch.draft(
                        new BatchBody(
                                scope,
                                id(),
                                operation.dot().seq(),
                                Bytes.wrap(new byte[BatchBody.HASH_BYTES]),
                                List.of(new Transaction(null, List.of(operation)))));
        return draft.signed(key.sign(draft.signedText()));
    }

    public void receive(Batch batch) {
        store.write(tables -> new Applier(tables).apply(batch));
    }

    /** The batches as one record of the log, received now. */
    public LogRecord record(Batch... batches) {
        return record(nowMillis, batches);
    }

    public LogRecord record(long receivedMillis, Batch... batches) {
        return LogEntry.of(keep(batches), receivedMillis).getFirst().record("request");
    }

    public Session.Action.Keep keep(Batch... batches) {
        return new Session.Action.Keep(
                1, scope, List.of(batches), Map.of(id(), Granted.of(grant)), Map.of());
    }

    private Author author(dev.holdfast.core.replica.ReplicaTables tables) {
        return new Author(tables, id(), SCHEMA);
    }

    public static ReplicaKey key(String name) {
        return ReplicaKey.ofSeed(Sha256.of(Bytes.wrap(name.getBytes(StandardCharsets.UTF_8))));
    }

    static String subject(ReplicaKey key) {
        return "subject-" + key.replica().toString().substring(0, 6);
    }

    /** A grant for everything. */
    public static SignedGrant grant(ReplicaKey key, Grant.Role role) {
        Grant grant =
                new Grant(
                        key.publicKey(),
                        subject(key),
                        role,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY))),
                        0,
                        4_000_000_000_000L,
                        0);
        return SignedGrant.of(grant, AUTHORITY.sign(SignedGrant.signedText(grant)));
    }
}
