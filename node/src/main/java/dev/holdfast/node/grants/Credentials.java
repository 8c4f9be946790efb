package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Ed25519;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a node trusts, and who it is itself, as its files say; what is wrong with them is said
 * before anything starts. Immutable.
 *
 * @param authorities the raw keys that may sign grants
 * @param granted the node's own grant, as the authority gave it
 */
public record Credentials(Tls tls, Set<Bytes> authorities, SignedGrant granted) {
    public Credentials {
        authorities = Set.copyOf(authorities);
    }

    /**
     * Reads the files.
     *
     * @param authorities files with public keys in hexadecimal, one a line
     * @param grant the file with the node's own grant
     * @param role that the grant must be for
     * @throws KeysException when a file is missing or damaged, or they do not belong together
     */
    public static Credentials load(
            TlsSettings tls, List<Path> authorities, Path grant, Grant.Role role) {
        Credentials loaded =
                new Credentials(Tls.load(tls), publicKeys(authorities), grantIn(grant));
        loaded.check(grant, role);
        return loaded;
    }

    private void check(Path file, Grant.Role role) {
        if (granted.grant().role() != role)
            throw new KeysException(
                    "The grant in "
                            + file
                            + " is not one for the role "
                            + role.name().toLowerCase(Locale.ROOT));
        if (authorities.stream().noneMatch(this::isGrantedBy))
            throw new KeysException(
                    "The grant in " + file + " is signed by none of the authorities");
        if (!granted.grant().subject().equals(tls.identity().name()))
            throw new KeysException(
                    "The certificate is "
                            + tls.identity().name()
                            + "'s, but the grant in "
                            + file
                            + " is "
                            + granted.grant().subject()
                            + "'s: take both from the same folder");
    }

    private boolean isGrantedBy(Bytes authority) {
        Verifier verifier = new Verifier();
        return granted.checks(authority).stream()
                .allMatch(check ->
                        verifier.verify(check.publicKey(), check.text(), check.signature()));
    }

    /**
     * The grant for the key that the node has now: the one it was given, or, after a succession,
     * what the node made of that one. A renewed grant is handed over anew, by the key that it was
     * made for.
     *
     * @param kept the grant for {@code key} that the node remembers, if any
     * @param given the file of the key that the node was given with its grant, if any
     * @throws KeysException when none is for the key
     */
    public SignedGrant grantFor(ReplicaKey key, @Nullable SignedGrant kept, Optional<Path> given) {
        if (granted.replica().equals(key.replica())) return granted;
        if (kept != null && kept.bytes().equals(granted.bytes())) return kept;
        if (kept != null) {
            Optional<SignedGrant> anew = handedTo(key.publicKey(), given);
            if (anew.isPresent()) return anew.get();
        }
        throw new KeysException(
                "The grant is for another key than this node's, "
                        + key.publicKey().hex()
                        + ": give it the replica.key that the grant was made for, or have a grant"
                        + " made for this key");
    }

    /**
     * The grant handed over to {@code next} by the key that it was made for, in one step however
     * many keys there were in between; empty where that key is not at hand.
     *
     * @param given the file of the key that the node was given with its grant, if any
     */
    public Optional<SignedGrant> handedTo(Bytes next, Optional<Path> given) {
        if (given.isEmpty() || !Files.exists(given.get())) return Optional.empty();
        ReplicaKey first = new KeyFile(given.get()).load();
        if (!granted.replica().equals(first.replica())) return Optional.empty();
        return Optional.of(granted.succeededBy(next, first.sign(granted.successionText(next))));
    }

    /**
     * The raw public keys in these files, in hexadecimal, one a line.
     *
     * @throws KeysException when a file is missing or damaged, or there is no key in any
     */
    public static Set<Bytes> publicKeys(List<Path> files) {
        Set<Bytes> keys = new LinkedHashSet<>();
        for (Path file : files) {
            for (String line : read(file).lines().toList()) {
                if (!line.isBlank()) keys.add(publicKey(line.strip(), file));
            }
        }
        if (keys.isEmpty()) throw new KeysException("There is no public key in " + files);
        return keys;
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

    /** The grant that a file holds, whoever's. */
    public static SignedGrant grantIn(Path file) {
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

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new KeysException("Cannot read " + file, e);
        }
    }
}
