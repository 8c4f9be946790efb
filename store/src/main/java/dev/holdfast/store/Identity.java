package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.replica.Succession.Cause;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Witness;
import dev.holdfast.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who this store is: its key, and the witness by which it knows that its database is the newest one
 * of that key (rule 2).
 *
 * <p>A new key is taken in four steps: it is kept in {@code replica.key.next}; the database is
 * written over to it; it becomes {@code replica.key}; the witness starts anew. The database decides
 * which step was reached: it names the replica, and those before.
 */
final class Identity implements AutoCloseable {
    private final CommitDriver writer;
    private final StoreSettings settings;
    private final Entropy entropy;
    private final KeyFile file;
    private final KeyFile nextFile;

    /** Per scope, the first sequence number that was given out since the store was opened. */
    private final Map<String, Long> openedAt;

    private volatile ReplicaKey key;
    private volatile Witness witness;

    private Identity(
            CommitDriver writer,
            StoreSettings settings,
            Entropy entropy,
            ReplicaKey key,
            Witness witness) {
        this.writer = writer;
        this.settings = settings;
        this.entropy = entropy;
        this.file = keyFile(settings);
        this.nextFile = nextKeyFile(settings);
        this.key = key;
        this.openedAt = writer.write(Identity::nextSeqs);
        this.witness = witness;
    }

    /** Finds out whether the database, the key and the witness belong together. */
    static Identity open(CommitDriver writer, StoreSettings settings, Entropy entropy) {
        KeyFile file = keyFile(settings);
        KeyFile nextFile = nextKeyFile(settings);
        ReplicaKey found = file.loadOrCreate(entropy);
        boolean isNew =
                writer.write(tables -> {
                    boolean none = !tables.hasReplica();
                    if (none) tables.putReplica(found.replica());
                    return none;
                });
        ReplicaId replica = writer.write(SqliteTables::replica);
        ReplicaKey key = found;
        if (!key.replica().equals(replica) && nextFile.exists()) {
            ReplicaKey next = nextFile.load();
            if (next.replica().equals(replica)) {
                file.store(next);
                key = next;
            }
        }
        Witness said = witnessing(() -> Witness.read(settings.witness()));
        boolean known = key.replica().equals(replica);
        boolean fits = known && (isNew || fits(writer, said));
        Map<String, Witness.Seal> sealed = fits ? writer.write(Identity::sealed) : Map.of();
        // Not written where nothing has changed: a store on a full disk can be opened and read.
        Witness witness =
                said != null && said.says(replica, sealed)
                        ? said
                        : witnessing(() -> Witness.start(settings.witness(), replica, sealed));
        Identity identity = new Identity(writer, settings, entropy, key, witness);
        if (fits) identity.deleteNext();
        else identity.succeed(Cause.RESTORED);
        return identity;
    }

    ReplicaKey key() {
        return key;
    }

    /** To be called after a seal is committed and before its bytes may leave. */
    void witnessed(FeedItem sealed) {
        Batch batch = sealed.batch();
        witnessing(() -> {
            witness.record(batch.scope(), new Witness.Seal(batch.last(), batch.hash()));
            return true;
        });
    }

    private static <T extends @Nullable Object> T witnessing(Supplier<T> work) {
        try {
            return work.get();
        } catch (KeysException e) {
            throw StoreException.of(e);
        }
    }

    /** Takes a new key. Nobody may be sealing meanwhile. */
    void succeed(Cause cause) {
        ReplicaKey old = key;
        ReplicaKey next = ReplicaKey.create(entropy);
        nextFile.store(next);
        writer.write(tables -> {
            SignedGrant grant = tables.grant(tables.replica());
            boolean canSign = old.replica().equals(tables.replica());
            if (grant != null && canSign) handOver(tables, grant, old, next);
            new Succession(tables).succeed(next.replica(), cause, openedAt);
            tables.addPredecessor(tables.replica());
            tables.putReplica(next.replica());
            return true;
        });
        openedAt.replaceAll((scope, seq) -> 1L); // the new key's numbers are this store's alone
        file.store(next);
        key = next;
        witness.close();
        witness = witnessing(() -> Witness.start(settings.witness(), next.replica(), Map.of()));
        deleteNext();
    }

    @Override
    public void close() {
        witness.close();
    }

    /** The old key signs the new one, so that the grant goes on while nobody can be asked. */
    private static void handOver(
            SqliteTables tables, SignedGrant grant, ReplicaKey old, ReplicaKey next) {
        Bytes signature = old.sign(grant.successionText(next.publicKey()));
        try {
            tables.putGrant(grant.succeededBy(next.publicKey(), signature));
        } catch (MalformedException e) {
            // Too many successions: the new key is without a grant until the authority gives one.
        }
    }

    /** Whether the database has all that the witness saw; it may have the newest seal more. */
    private static boolean fits(CommitDriver writer, @Nullable Witness said) {
        return writer.write(tables -> {
            Map<String, Witness.Seal> sealed = sealed(tables);
            // Made before its witness was: nothing can have left yet.
            if (said == null) return sealed.isEmpty() && tables.scopes().isEmpty();
            // The witness still speaks of the key before: the last step of a succession is missing.
            if (tables.predecessors().contains(said.replica())) return sealed.isEmpty();
            if (!said.replica().equals(tables.replica())) return false;
            for (var entry : said.seals().entrySet()) {
                String scope = entry.getKey();
                Witness.Seal seal = entry.getValue();
                AuthorState state = tables.author(scope);
                if (state == null || state.sealedSeq() < seal.seq()) return false;
                BatchHead head = tables.batchTo(scope, state.replica(), seal.seq());
                if (head == null || !head.hash().equals(seal.hash())) return false;
            }
            return true;
        });
    }

    private static Map<String, Witness.Seal> sealed(SqliteTables tables) {
        Map<String, Witness.Seal> sealed = new TreeMap<>();
        for (String scope : tables.scopes()) {
            AuthorState state = tables.author(scope);
            if (state == null || state.sealedSeq() == 0) continue;
            sealed.put(scope, new Witness.Seal(state.sealedSeq(), state.sealedHash()));
        }
        return sealed;
    }

    private static Map<String, Long> nextSeqs(SqliteTables tables) {
        Map<String, Long> next = new TreeMap<>();
        for (String scope : tables.scopes()) {
            AuthorState state = tables.author(scope);
            if (state != null) next.put(scope, state.nextSeq());
        }
        return next;
    }

    private void deleteNext() {
        try {
            Files.deleteIfExists(nextFile.path());
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "Cannot delete " + nextFile.path() + ": " + e, e);
        }
    }

    private static KeyFile keyFile(StoreSettings settings) {
        return new KeyFile(settings.folder().resolve("replica.key"));
    }

    private static KeyFile nextKeyFile(StoreSettings settings) {
        return new KeyFile(settings.folder().resolve("replica.key.next"));
    }
}
