package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.schema.Schema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A node with a grant and a store in memory. Signatures are believed, but for {@link #FORGED}. */
final class Peer {
    static final String SCOPE = Operations.SCOPE;
    static final long NOON = 1_700_000_000_000L;
    static final Bytes SIGNATURE = Operations.SIGNATURE;
    static final Bytes FORGED = Bytes.wrap(new byte[] {1});
    static final Bytes AUTHORITY = Bytes.wrap(new byte[32]);
    static final DocumentId P1 = new DocumentId("patients", "p1");

    final SignedGrant grant;
    final MemoryStore store;

    Peer(int number, Grant.Role role) {
        this(number, role, new Grant.Right(Grant.ANY, true, List.of(Grant.ANY)));
    }

    Peer(int number, Grant.Role role, Grant.Right right) {
        this(grant(number, role, right), MemoryStore.durable());
    }

    Peer(SignedGrant grant, MemoryStore store) {
        this.grant = grant;
        this.store = store;
    }

    /** The same replica under a grant that counts longer and gives it {@code right} alone. */
    Peer withRight(Grant.Right right) {
        Grant old = grant.grant();
        Grant renewed =
                new Grant(
                        old.publicKey(),
                        old.subject(),
                        old.role(),
                        List.of(right),
                        0,
                        old.notAfterMillis() + 1,
                        0);
        return new Peer(SignedGrant.of(renewed, SIGNATURE), store);
    }

    private static SignedGrant grant(int number, Grant.Role role, Grant.Right right) {
        byte[] key = new byte[32];
        key[0] = (byte) number;
        return SignedGrant.of(
                new Grant(Bytes.wrap(key), "peer-" + number, role, List.of(right), 0, 2 * NOON, 0),
                SIGNATURE);
    }

    ReplicaId id() {
        return grant.replica();
    }

    /** Writes, and seals that into a batch of its own. */
    Batch put(String path, long value) {
        write(path, value);
        return Objects.requireNonNull(seal());
    }

    void write(String path, long value) {
        List<Change> changes = List.of(new Change.Put(path, Value.of(value)));
        store.write(tables -> author(tables).write(SCOPE, Map.of(P1, changes), null, NOON));
    }

    /** Null where nothing is unsealed. */
    @Nullable Batch seal() {
        return store.<@Nullable Batch>write(tables -> {
            Batch.Draft draft = author(tables).draft(SCOPE);
            if (draft == null) return null;
            Batch batch = draft.signed(SIGNATURE);
            return author(tables).seal(batch, NOON) == null ? null : batch;
        });
    }

    /** Has {@code batches} of {@code author} come some other way. */
    void receive(Peer author, Batch... batches) {
        store.write(tables -> {
            tables.putGrant(author.grant);
            for (Batch batch : batches) new Applier(tables, id()).apply(batch);
            return true;
        });
    }

    /** Has {@code batches} of {@code author} pushed to this node, which answers for them. */
    void takeIn(Peer author, Batch... batches) {
        Session.Action.Keep keep =
                new Session.Action.Keep(
                        1,
                        SCOPE,
                        List.of(batches),
                        Map.of(author.id(), Granted.of(author.grant)),
                        Map.of());
        store.write(tables -> new Intake(tables, id(), Durability.APPLIED).keep(keep, NOON));
    }

    Bytes document() {
        return store.read(tables -> tables.document(SCOPE, P1).encoded());
    }

    private Author author(ReplicaTables tables) {
        return new Author(tables, id(), Schema.parse("{}"));
    }
}
