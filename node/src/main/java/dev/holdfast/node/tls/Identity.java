package dev.holdfast.node.tls;

import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.KeysException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * A node's certificate with its private key: who it is to its peers. Immutable; shows its public
 * half only.
 */
public final class Identity {
    static final String CERTIFICATE = "node.pem";
    static final String KEY = "node.key";

    private final X509Certificate certificate;
    private final PrivateKey key;

    Identity(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** What {@link #write} wrote into {@code folder}. */
    public static Identity load(Path folder) {
        return load(folder.resolve(CERTIFICATE), folder.resolve(KEY));
    }

    /**
     * A certificate and its key in PEM.
     *
     * @throws KeysException when one of them is missing, damaged, or not the other's
     */
    public static Identity load(Path certificate, Path key) {
        Identity loaded =
                new Identity(
                        Pem.certificate(read(certificate), certificate.toString()),
                        Pem.privateKey(read(key), key.toString()));
        if (!Pem.belong(loaded.certificate, loaded.key)) {
            throw new KeysException("The key " + key + " is not the one of " + certificate);
        }
        return loaded;
    }

    /** Writes {@code node.pem} and, for the owner's eyes only, {@code node.key}. */
    public void write(Path folder) {
        DurableFile.write(folder.resolve(KEY), ascii(Pem.text(key)), DurableFile.Readers.OWNER);
        DurableFile.write(
                folder.resolve(CERTIFICATE),
                ascii(Pem.text(certificate)),
                DurableFile.Readers.EVERYBODY);
    }

    /** The node's name: the subject's common name. */
    public String name() {
        return PeerName.of(certificate);
    }

    public X509Certificate certificate() {
        return certificate;
    }

    PrivateKey key() {
        return key;
    }

    public Instant expires() {
        return certificate.getNotAfter().toInstant();
    }

    /**
     * Whether less than a third of its life is left: early enough to survive weeks without the
     * authority.
     */
    public boolean renewalIsDue(Instant now) {
        Instant begins = certificate.getNotBefore().toInstant();
        Duration third = Duration.between(begins, expires()).dividedBy(3);
        return now.isAfter(expires().minus(third));
    }

    @Override
    public String toString() {
        return "Identity[" + name() + " until " + expires() + "]";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new KeysException("Cannot read " + file, e);
        }
    }
}
