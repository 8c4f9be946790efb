package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Ed25519;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.SignedRevocations;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A deployment's trust in one folder: the authority ({@code ca.pem}, {@code ca.key}, {@code
 * grants.key}, and {@code grants.pub} for nodes to trust), what is revoked ({@code revoked}), and
 * under {@code nodes/NAME} what each node takes with it. The folder itself belongs on no node.
 */
public final class Deployment {
    /** The public key that grants are signed with, in hexadecimal. */
    public static final String GRANTS_PUBLIC = "grants.pub";

    /** The list of what is revoked, as it was signed last. */
    static final String REVOKED = "revoked";

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final Path folder;
    private final Authority authority;
    private final Entropy entropy;
    private final InstantSource clock;

    private Deployment(Path folder, Authority authority, Entropy entropy, InstantSource clock) {
        this.folder = folder;
        this.authority = authority;
        this.entropy = entropy;
        this.clock = clock;
    }

    /**
     * Makes a new one.
     *
     * @throws Failure when one is there: another authority would cut off every node and device
     */
    public static Deployment create(
            Path folder, String name, Entropy entropy, InstantSource clock) {
        if (Authority.exists(folder)) {
            throw new Failure(
                    "there is a deployment in " + folder + " already",
                    "new keys would cut off every node and device that trusts the old ones",
                    "holdfast keys show --keys " + folder + ", or name another folder");
        }
        return new Deployment(
                        folder, Authority.create(folder, name, entropy, clock), entropy, clock)
                .publish();
    }

    /**
     * The deployment in {@code folder}.
     *
     * @throws Failure when there is none
     */
    public static Deployment open(Path folder, Entropy entropy, InstantSource clock) {
        if (!Authority.exists(folder)) {
            throw new Failure(
                    "there is no deployment in " + folder,
                    "it has no " + Authority.CA_CERTIFICATE,
                    "holdfast keys init " + folder + ", or name the right folder with --keys");
        }
        return new Deployment(folder, Authority.load(folder, entropy, clock), entropy, clock)
                .publish();
    }

    public static Deployment openOrCreate(
            Path folder, String name, Entropy entropy, InstantSource clock) {
        return Authority.exists(folder)
                ? open(folder, entropy, clock)
                : create(folder, name, entropy, clock);
    }

    public Path folder() {
        return folder;
    }

    public Authority authority() {
        return authority;
    }

    public Path caCertificate() {
        return folder.resolve(Authority.CA_CERTIFICATE);
    }

    /** The raw key that nodes must trust to believe this deployment's grants. */
    public Bytes grantsPublicKey() {
        return authority.grantKey().publicKey();
    }

    /** The nodes that have an identity, by name. */
    public List<Node> nodes() {
        Path nodes = folder.resolve("nodes");
        if (!Files.isDirectory(nodes)) return List.of();
        try (Stream<Path> folders = Files.list(nodes)) {
            return folders.map(each -> new Node(nodes.relativize(each).toString(), each))
                    .filter(Node::isIssued)
                    .sorted((a, b) -> a.name().compareTo(b.name()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("listing " + nodes, e);
        }
    }

    public Node node(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new Failure(
                    "\"" + name + "\" is no name for a node",
                    "a name is 1 to 63 lower-case letters, digits and dashes, not at its ends",
                    "a name such as edge-1");
        }
        return new Node(name, folder.resolve("nodes").resolve(name));
    }

    /**
     * Gives a node its certificate, key and grant. An interrupted call is simply made again: the
     * certificate comes last.
     *
     * @throws Failure when it has them
     */
    public Node issue(
            String name, Grant.Role role, List<String> hosts, Duration validity, Duration grace) {
        Node node = requireNew(name);
        Bytes key = new KeyFile(node.replicaKey()).loadOrCreate(entropy).publicKey();
        GrantText.write(node.grant(), grant(key, name, role, List.of(Rights.ALL), validity, grace));
        return certify(node, hosts, validity);
    }

    /**
     * Gives a node that authors and reads nothing its certificate and key, and no grant.
     *
     * @throws Failure when it has them
     */
    public Node issueWithoutGrant(String name, List<String> hosts, Duration validity) {
        return certify(requireNew(name), hosts, validity);
    }

    private Node requireNew(String name) {
        Node node = node(name);
        if (node.isIssued()) {
            throw new Failure(
                    "the node " + name + " has its keys already",
                    "they are in " + node.folder() + ", and are never overwritten",
                    "holdfast keys renew " + name + " --keys " + folder);
        }
        return node;
    }

    private Node certify(Node node, List<String> hosts, Duration validity) {
        provide(node);
        authority.issue(node.name(), hosts, validity).write(node.folder());
        return node;
    }

    /** A new certificate with a new key, and a new grant for the same replica if it has one. */
    public Node renew(String name, Duration validity) {
        Node node = node(name);
        if (!node.isIssued()) {
            throw new Failure(
                    "there is no node " + name,
                    node.folder() + " holds no certificate",
                    "holdfast keys node " + name + " --keys " + folder + " --san HOST");
        }
        Identity old = node.identityOrPrevious();
        old.write(node.previous());
        if (node.isGranted()) {
            Grant grant = GrantText.read(node.grant()).grant();
            Duration grace = Duration.ofMillis(grant.offlineGraceMillis());
            GrantText.write(
                    node.grant(),
                    grant(grant.publicKey(), name, grant.role(), grant.rights(), validity, grace));
        }
        provide(node);
        authority.renew(old, validity).write(node.folder());
        return node;
    }

    /**
     * A grant, signed.
     *
     * @throws Failure when {@code publicKey} is no key that anybody could sign with, or is revoked
     */
    public SignedGrant grant(
            Bytes publicKey,
            String subject,
            Grant.Role role,
            List<Grant.Right> rights,
            Duration validity,
            Duration grace) {
        if (publicKey.size() != Ed25519.PUBLIC_KEY_BYTES
                || Ed25519.best().checker(publicKey).isEmpty()) {
            throw new Failure(
                    "that is no public key",
                    "an Ed25519 key is 64 hexadecimal digits that name a point of the curve; this"
                            + " one does not",
                    "copy it again from \"holdfast device init\" or \"holdfast device status\"");
        }
        Revocation revoked = revocations().revoked().get(publicKey);
        if (revoked != null) {
            throw new Failure(
                    "that key is revoked",
                    "it was "
                            + revoked.subject()
                            + "'s, until "
                            + Times.date(revoked.at())
                            + "; nodes refuse every grant for it, a new one too",
                    "have the device make a new key: \"holdfast device init\" in a new folder; and"
                            + " for a node, \"holdfast keys node\" under a new name");
        }
        Instant now = clock.instant();
        Grant grant =
                new Grant(
                        publicKey,
                        subject,
                        role,
                        rights,
                        now.toEpochMilli(),
                        now.plus(validity).toEpochMilli(),
                        grace.toMillis());
        return SignedGrant.of(grant, authority.grantKey().sign(SignedGrant.signedText(grant)));
    }

    /** Where the list of what is revoked is kept. */
    public Path revokedFile() {
        return folder.resolve(REVOKED);
    }

    /**
     * The list of what is revoked, as it was signed last; empty where nothing ever was.
     *
     * @throws Failure when it is damaged
     */
    public Optional<SignedRevocations> signedRevocations() {
        if (!Files.exists(revokedFile())) return Optional.empty();
        try {
            return Optional.of(
                    SignedRevocations.load(
                            revokedFile(), Set.of(grantsPublicKey()), new Verifier()));
        } catch (SettingsException e) {
            throw new Failure(
                    "it cannot be known what is revoked",
                    String.valueOf(e.getMessage()),
                    "put a copy of the file back; or move it away, and take the list from a node:"
                            + " holdfast grant revoke --keys "
                            + folder
                            + " --node https://HOST:PORT",
                    e);
        }
    }

    /** What is revoked. */
    public RevocationList revocations() {
        return signedRevocations().map(SignedRevocations::list).orElse(RevocationList.NONE);
    }

    /** Signs a list, and keeps it in place of the one before. */
    SignedRevocations sign(RevocationList list) {
        SignedRevocations signed = SignedRevocations.sign(list, authority.grantKey()::sign);
        DurableFile.write(
                revokedFile(),
                signed.text().getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.OWNER);
        return signed;
    }

    private Deployment publish() {
        Path file = folder.resolve(GRANTS_PUBLIC);
        if (!Files.exists(file)) open(file, grantsPublicKey().hex() + "\n");
        return this;
    }

    /** What is the same for every node, so that one folder is all that a node needs. */
    private void provide(Node node) {
        open(node.folder().resolve(Authority.CA_CERTIFICATE), authority.certificatePem());
        open(node.folder().resolve(GRANTS_PUBLIC), grantsPublicKey().hex() + "\n");
    }

    private static void open(Path file, String text) {
        DurableFile.write(
                file, text.getBytes(StandardCharsets.US_ASCII), DurableFile.Readers.EVERYBODY);
    }

    /**
     * What one node takes with it: {@code node.pem}, {@code node.key}, {@code ca.pem}, {@code
     * replica.key}, {@code grant}, {@code grants.pub}; a steer no replica's key and no grant.
     */
    public record Node(String name, Path folder) {
        public boolean isIssued() {
            return Files.exists(folder.resolve("node.pem"));
        }

        /** Whether it may author and read anything at all. */
        public boolean isGranted() {
            return Files.exists(grant());
        }

        public Path replicaKey() {
            return folder.resolve("replica.key");
        }

        public Path grant() {
            return folder.resolve("grant");
        }

        public Identity identity() {
            return Identity.load(folder);
        }

        Path previous() {
            return folder.resolve("previous");
        }

        /**
         * A renewal that was cut short leaves a key and a certificate that do not belong together.
         */
        private Identity identityOrPrevious() {
            try {
                return identity();
            } catch (KeysException e) {
                if (!Files.exists(previous())) throw e;
                return Identity.load(previous());
            }
        }
    }

    /** {@code edge}, as it stands in options and tables. */
    public static String word(Grant.Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
