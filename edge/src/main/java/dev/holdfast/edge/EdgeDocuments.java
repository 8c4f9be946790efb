package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.node.api.ChangesPage;
import dev.holdfast.node.api.Documents;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import dev.holdfast.store.StoreTables;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API on an edge's store. A write is authored by the edge's own replica, sealed at once so
 * that the devices here see it, and durable when it is answered. Thread-safe.
 */
final class EdgeDocuments implements Documents {
    /** States in one answer, together. */
    private static final int LIST_BYTES = 4 << 20;

    private static final String KEYS = "idempotency/";

    private final ReplicaStore store;
    private final Supplier<ReplicaId> node;
    private final Predicate<String> served;
    private final Room room;
    private final InstantSource clock;

    /**
     * @param node by which cursors are told apart from other nodes'
     */
    EdgeDocuments(
            ReplicaStore store,
            Supplier<ReplicaId> node,
            Predicate<String> served,
            Room room,
            InstantSource clock) {
        this.store = store;
        this.node = node;
        this.served = served;
        this.room = room;
        this.clock = clock;
    }

    @Override
    public boolean serves(String scope) {
        return served.test(scope);
    }

    @Override
    public Document document(String scope, DocumentId id) {
        return store.read(tables -> tables.document(scope, id));
    }

    @Override
    public Listing list(String scope, String collection, String after, int limit) {
        return store.read(tables -> {
            List<Found> found = new ArrayList<>();
            int bytes = 0;
            List<DocumentId> ids = tables.documents(scope, collection, after, limit + 1);
            for (DocumentId id : ids) {
                if (found.size() == limit || bytes > LIST_BYTES) return new Listing(found, true);
                Document state = tables.document(scope, id);
                bytes += state.encoded().size();
                found.add(new Found(id, state));
            }
            return new Listing(found, false);
        });
    }

    @Override
    public Changes changes(String scope, @Nullable Cursor since, int maxBytes) {
        return store.read(tables -> ChangesPage.of(tables, node.get(), scope, since, maxBytes));
    }

    @Override
    public Outcome write(Write write) {
        if (room.isFull()) return new Outcome.Later(room.pauseMillis());
        try {
            Outcome outcome = store.write(tables -> write(tables, write));
            if (outcome instanceof Outcome.Written written && written.dot().isPresent())
                seal(write.scope(), written.dot().get());
            room.wasWritten();
            return outcome;
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.FULL) throw e;
            room.diskIsFull();
            return new Outcome.Later(room.pauseMillis());
        }
    }

    private Outcome write(StoreTables tables, Write write) {
        String name =
                write.key()
                        .map(key -> KEYS + key.name(write.subject(), write.scope()).hex())
                        .orElse("");
        Optional<Bytes> noted = name.isEmpty() ? Optional.empty() : tables.note(name);
        if (noted.isPresent()) return repeated(tables, write, noted.get());

        Document before = tables.document(write.scope(), write.document());
        if (!write.allowed().test(before)) return new Outcome.Unexpected(before);
        Author.Written written =
                store.author(tables)
                        .write(
                                write.scope(),
                                Map.of(write.document(), write.changes().apply(before)),
                                write.trace(),
                                clock.millis());
        Optional<Dot> dot =
                written.isNothing()
                        ? Optional.empty()
                        : Optional.of(new Dot(tables.replica(), written.last()));
        if (write.key().isPresent())
            tables.putNote(name, remembered(write.key().get().request(), dot));
        return new Outcome.Written(
                dot, Durability.EDGE, tables.document(write.scope(), write.document()));
    }

    private static Bytes remembered(Bytes request, Optional<Dot> dot) {
        CborWriter out = new CborWriter(80).array(3).bytes(request);
        out.bytes(dot.map(known -> known.replica().bytes()).orElse(Bytes.EMPTY));
        return out.integer(dot.map(Dot::seq).orElse(0L)).toBytes();
    }

    private static Outcome repeated(StoreTables tables, Write write, Bytes noted) {
        CborReader in = new CborReader(noted);
        in.array(3);
        Bytes request = in.bytes();
        Bytes replica = in.bytes();
        long seq = in.integer();
        if (!request.equals(write.key().orElseThrow().request())) return new Outcome.KeyReused();
        Optional<Dot> dot =
                seq == 0 ? Optional.empty() : Optional.of(new Dot(ReplicaId.of(replica), seq));
        return new Outcome.Written(
                dot, Durability.EDGE, tables.document(write.scope(), write.document()));
    }

    /** Several writers seal for each other; nobody goes before its own write is in a batch. */
    private void seal(String scope, Dot dot) {
        while (!isSealed(scope, dot) && store.seal(scope, clock.millis()).isPresent()) {}
    }

    private boolean isSealed(String scope, Dot dot) {
        AuthorState state = store.read(tables -> tables.author(scope));
        return state == null
                || !state.replica().equals(dot.replica())
                || state.sealedSeq() >= dot.seq();
    }
}
