package dev.holdfast.region;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Witness;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Credentials;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who this process of a region writes as, and the witness by which it knows that the database is
 * the newest one of its key (rule 2). A database that came back from a backup would give out
 * numbers again that are elsewhere already; then a new key is taken, which the old one signs, so
 * that nobody need be asked. What was written under the old key stands as it is.
 *
 * <p>A process that is killed between the witness and the commit looks the same, and may be killed
 * so again and again. So the key that the grant was made for hands it over, where it is at hand:
 * then no number of successions is too many, though a grant bears few in a row.
 *
 * <p>All of it lives in the data folder, which no backup of the database holds: {@code
 * replica.key}, {@code witness}, and after a succession {@code replica.grant}. That is written
 * first: without the key that it is for it says nothing, and the next start takes another.
 */
record OwnAuthor(ReplicaKey key, SignedGrant grant, Witness witness) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnAuthor.class);

    /**
     * @param given the key that the grant was made for; taken into the folder at the first start
     * @throws KeysException when no key that this process has is one that it was granted
     */
    static OwnAuthor open(
            Path folder,
            Optional<Path> given,
            Credentials credentials,
            Transactor store,
            Entropy entropy) {
        KeyFile file = new KeyFile(folder.resolve("replica.key"));
        if (!file.exists()) given.ifPresent(path -> file.store(new KeyFile(path).load()));
        ReplicaKey key = file.loadOrCreate(entropy);
        Path successor = folder.resolve("replica.grant");
        SignedGrant kept = Files.exists(successor) ? Credentials.grantIn(successor) : null;
        SignedGrant grant = credentials.grantFor(key, kept, given);

        Path witness = folder.resolve("witness");
        Witness said = Witness.read(witness);
        if (store.read(tables -> fits(tables, key.replica(), said))) {
            Witness own =
                    said != null && said.replica().equals(key.replica())
                            ? said
                            : Witness.start(witness, key.replica(), Map.of());
            return new OwnAuthor(key, grant, own);
        }
        ReplicaKey next = ReplicaKey.create(entropy);
        Optional<SignedGrant> anew = credentials.handedTo(next.publicKey(), given);
        SignedGrant handed = anew.isPresent() ? anew.get() : handOver(grant, key, next);
        DurableFile.write(
                successor,
                Bearer.token(handed.encoded()).getBytes(StandardCharsets.US_ASCII),
                DurableFile.Readers.OWNER);
        file.store(next);
        LOG.warn(
                "the database is not the newest that {} wrote to, or the process was killed in the"
                        + " middle of a write: this one goes by {} from now on",
                key.replica(),
                next.replica());
        return new OwnAuthor(next, handed, Witness.start(witness, next.replica(), Map.of()));
    }

    /**
     * To be told of each batch before its transaction is committed. A witness may so have seen one
     * batch too many, when the commit fails and the process ends at once; a new key is taken for
     * nothing then.
     */
    void sealed(Batch batch) {
        try {
            witness.record(batch.scope(), new Witness.Seal(batch.last(), batch.hash()));
        } catch (KeysException e) {
            // As with the database: not now, and nothing was written.
            throw new StoreException(DatabaseFailure.AWAY, "keeping the witness", e);
        }
    }

    private static SignedGrant handOver(SignedGrant grant, ReplicaKey key, ReplicaKey next) {
        try {
            return grant.succeededBy(
                    next.publicKey(), key.sign(grant.successionText(next.publicKey())));
        } catch (MalformedException e) {
            throw new KeysException(
                    "This region needs a new key, since its database is older than what it wrote,"
                            + " and its grant has been handed over as often as it may: name the"
                            + " key that it was made for as replica-key, or have a grant made for"
                            + " the key that it has now, "
                            + key.publicKey().hex(),
                    e);
        }
    }

    /** Whether the database has all that the witness saw; it may have more. */
    private static boolean fits(RegionTables tables, ReplicaId replica, @Nullable Witness said) {
        if (said == null || !said.replica().equals(replica)) return !tables.hasAuthored(replica);
        for (var entry : said.seals().entrySet()) {
            String scope = entry.getKey();
            Witness.Seal seal = entry.getValue();
            AuthorState state = tables.author(scope, replica);
            if (state == null || state.sealedSeq() < seal.seq()) return false;
            BatchHead head = tables.batchTo(scope, replica, seal.seq());
            if (head == null || !head.hash().equals(seal.hash())) return false;
        }
        return true;
    }

    @Override
    public void close() {
        witness.close();
    }
}
