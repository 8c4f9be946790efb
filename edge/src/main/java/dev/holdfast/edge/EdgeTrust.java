package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Ed25519;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.store.ReplicaStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads whom an edge trusts and who it is itself; what is wrong is said before anything starts. */
final class EdgeTrust {
    private EdgeTrust() {}

    /** The raw keys in the files. */
    static Set<Bytes> authorities(List<Path> files) {
        Set<Bytes> keys = new LinkedHashSet<>();
        for (Path file : files) {
            for (String line : read(file).lines().toList()) {
                if (!line.isBlank()) keys.add(publicKey(line.strip(), file));
            }
        }
        if (keys.isEmpty()) throw new KeysException("There is no public key in " + files);
        return keys;
    }

    /** Puts the key that the grant is for into a store that has none yet. */
    static void provide(Path replicaKey, Path storeFolder) {
        KeyFile kept = new KeyFile(storeFolder.resolve("replica.key"));
        if (!kept.exists()) kept.store(new KeyFile(replicaKey).load());
    }

    /**
     * The grant in {@code file}, kept in the store from now on, or, after a succession, the one
     * that the store made of it.
     *
     * @throws KeysException when none is for the store's key
     */
    static SignedGrant grant(Path file, ReplicaStore store, Set<Bytes> authorities) {
        SignedGrant grant = load(file);
        ReplicaKey key = store.key();
        if (!grant.replica().equals(key.replica())) {
            SignedGrant kept = store.read(tables -> tables.grant(key.replica()));
            if (kept != null && kept.bytes().equals(grant.bytes())) return kept;
            throw new KeysException(
                    "The grant in "
                            + file
                            + " is for another key than this edge's, "
                            + key.publicKey().hex());
        }
        if (grant.grant().role() != Grant.Role.EDGE)
            throw new KeysException("The grant in " + file + " is not one for an edge");
        if (authorities.stream().noneMatch(authority -> isBy(grant, authority)))
            throw new KeysException(
                    "The grant in " + file + " is signed by none of the authorities");
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        return grant;
    }

    private static boolean isBy(SignedGrant grant, Bytes authority) {
        Verifier verifier = new Verifier();
        for (SignatureCheck check : grant.checks(authority)) {
            if (!verifier.verify(check.publicKey(), check.text(), check.signature())) return false;
        }
        return true;
    }

    private static SignedGrant load(Path file) {
        Bytes encoded =
                Bearer.parse("Bearer " + read(file).strip())
                        .orElseThrow(() -> new KeysException("There is no grant in " + file));
        try {
            return SignedGrant.decode(encoded);
        } catch (MalformedException e) {
            throw new KeysException(
                    "The grant in " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Bytes publicKey(String line, Path file) {
        try {
            Bytes key = Bytes.fromHex(line);
            if (key.size() == Ed25519.PUBLIC_KEY_BYTES) return key;
        } catch (MalformedException e) {
            throw new KeysException("The public key in " + file + " is not hexadecimal", e);
        }
        throw new KeysException("A public key in " + file + " has not 64 hexadecimal digits");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new KeysException("Cannot read " + file, e);
        }
    }
}
