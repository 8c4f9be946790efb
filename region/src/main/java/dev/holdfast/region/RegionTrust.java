package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.keys.Ed25519;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Bearer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads whom a region trusts and who it is itself; what is wrong is said before anything starts.
 */
final class RegionTrust {
    private RegionTrust() {}

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

    static ReplicaKey key(RegionSettings settings, Entropy entropy) {
        if (settings.replicaKey().isPresent())
            return new KeyFile(settings.replicaKey().get()).load();
        return new KeyFile(settings.data().resolve("replica.key")).loadOrCreate(entropy);
    }

    /**
     * This region's own grant.
     *
     * @throws KeysException when it is not for the key, not a region's, or not by an authority
     */
    static SignedGrant grant(Path file, ReplicaKey key, Set<Bytes> authorities) {
        SignedGrant grant = load(file);
        if (!grant.replica().equals(key.replica()))
            throw new KeysException(
                    "The grant in "
                            + file
                            + " is for another key than this region's, "
                            + key.publicKey().hex());
        if (grant.grant().role() != Grant.Role.REGION)
            throw new KeysException("The grant in " + file + " is not one for a region");
        if (authorities.stream().noneMatch(authority -> isBy(grant, authority)))
            throw new KeysException(
                    "The grant in " + file + " is signed by none of the authorities");
        return grant;
    }

    /** The schema in a file. */
    static Schema schema(Path file) {
        try {
            return Schema.parse(read(file));
        } catch (MalformedException e) {
            throw new KeysException("The schema " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new KeysException("Cannot read " + file, e);
        }
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

    private static boolean isBy(SignedGrant grant, Bytes authority) {
        Verifier verifier = new Verifier();
        return grant.checks(authority).stream()
                .allMatch(check ->
                        verifier.verify(check.publicKey(), check.text(), check.signature()));
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
}
