package dev.holdfast.node.tls;

import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/**
 * The root of a deployment's trust, kept in one folder: a CA (ECDSA P-256) that names the nodes,
 * and an Ed25519 key that signs grants. The folder need not be on any node; nodes get {@code
 * ca.pem} and the grant key's public half.
 */
public final class Authority {
    /** The CA's certificate, which every node and device pins. */
    public static final String CA_CERTIFICATE = "ca.pem";

    private static final String CA_KEY = "ca.key";
    private static final String GRANT_KEY = "grants.key";
    private static final Duration CA_VALIDITY = Duration.ofDays(3650);

    /** Certificates count from a day ago: an edge's clock may be behind. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    private final X509Certificate certificate;
    private final PrivateKey key;
    private final ReplicaKey grantKey;
    private final Entropy entropy;
    private final InstantSource clock;

    private Authority(
            X509Certificate certificate,
            PrivateKey key,
            ReplicaKey grantKey,
            Entropy entropy,
            InstantSource clock) {
        this.certificate = certificate;
        this.key = key;
        this.grantKey = grantKey;
        this.entropy = entropy;
        this.clock = clock;
    }

    public static boolean exists(Path folder) {
        return Files.exists(folder.resolve(CA_CERTIFICATE));
    }

    /**
     * The authority in {@code folder}.
     *
     * @throws KeysException when part of it is missing or damaged
     */
    public static Authority load(Path folder, Entropy entropy, InstantSource clock) {
        Identity ca = Identity.load(folder.resolve(CA_CERTIFICATE), folder.resolve(CA_KEY));
        ReplicaKey grants = new KeyFile(folder.resolve(GRANT_KEY)).load();
        return new Authority(ca.certificate(), ca.key(), grants, entropy, clock);
    }

    /**
     * Makes a new authority in {@code folder}. Its certificate is written last: where it is, all
     * is.
     *
     * @throws KeysException when one is there already: replacing it would cut off every node
     */
    public static Authority create(
            Path folder, String deployment, Entropy entropy, InstantSource clock) {
        if (exists(folder))
            throw new KeysException("There is an authority in " + folder + " already");
        KeyPair pair = newPair();
        X509Certificate certificate = selfSigned(pair, deployment, entropy, clock.instant());
        ReplicaKey grants = ReplicaKey.create(entropy);
        new KeyFile(folder.resolve(GRANT_KEY)).store(grants);
        write(folder.resolve(CA_KEY), Pem.text(pair.getPrivate()), DurableFile.Readers.OWNER);
        write(folder.resolve(CA_CERTIFICATE), Pem.text(certificate), DurableFile.Readers.EVERYBODY);
        return new Authority(certificate, pair.getPrivate(), grants, entropy, clock);
    }

    public static Authority loadOrCreate(
            Path folder, String deployment, Entropy entropy, InstantSource clock) {
        return exists(folder)
                ? load(folder, entropy, clock)
                : create(folder, deployment, entropy, clock);
    }

    /** The key that signs grants; nodes trust its public half. */
    public ReplicaKey grantKey() {
        return grantKey;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public String certificatePem() {
        return Pem.text(certificate);
    }

    /**
     * A certificate for a node, with a new key: for serving and for calling others.
     *
     * @param name the node's name or its replica's id; the subject
     * @param hosts DNS names and IP addresses at which it is reached
     */
    public Identity issue(String name, List<String> hosts, Duration validity) {
        if (hosts.isEmpty()) throw new IllegalArgumentException("a node without a host: " + name);
        KeyPair pair = newPair();
        Instant now = clock.instant();
        try {
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            certificate,
                            serial(entropy),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(validity)),
                            subject(name),
                            pair.getPublic());
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(
                            new KeyPurposeId[] {
                                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                            }));
            builder.addExtension(Extension.subjectAlternativeName, false, names(hosts));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    ids.createAuthorityKeyIdentifier(certificate));
            return new Identity(signed(builder, key), pair.getPrivate());
        } catch (GeneralSecurityException | CertIOException e) {
            throw new KeysException("Cannot make a certificate for " + name, e);
        }
    }

    /** A successor of {@code old} with a new key: same name, same hosts. */
    public Identity renew(Identity old, Duration validity) {
        return issue(old.name(), hosts(old.certificate()), validity);
    }

    private static List<String> hosts(X509Certificate certificate) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            if (names == null) return List.of();
            return names.stream().map(name -> String.valueOf(name.get(1))).toList();
        } catch (GeneralSecurityException e) {
            throw new KeysException("The hosts in a certificate cannot be read", e);
        }
    }

    private static X509Certificate selfSigned(
            KeyPair pair, String deployment, Entropy entropy, Instant now) {
        try {
            X500Name name = subject(deployment + " authority");
            X509v3CertificateBuilder builder =
                    new JcaX509v3CertificateBuilder(
                            name,
                            serial(entropy),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(CA_VALIDITY)),
                            name,
                            pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return signed(builder, pair.getPrivate());
        } catch (GeneralSecurityException | CertIOException e) {
            throw new KeysException("Cannot make the CA of " + deployment, e);
        }
    }

    private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey signer)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
        } catch (OperatorCreationException e) {
            throw new KeysException("This Java does not sign with ECDSA", e);
        }
    }

    private static X500Name subject(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    private static GeneralNames names(List<String> hosts) {
        return new GeneralNames(
                hosts.stream()
                        .map(host ->
                                new GeneralName(
                                        IPAddress.isValid(host)
                                                ? GeneralName.iPAddress
                                                : GeneralName.dNSName,
                                        host))
                        .toArray(GeneralName[]::new));
    }

    /** 128 bits, positive: unguessable, as CAs are asked to. */
    private static BigInteger serial(Entropy entropy) {
        return new BigInteger(1, entropy.bytes(16).toArray());
    }

    private static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new KeysException("This Java makes no P-256 keys", e);
        }
    }

    private static void write(Path file, String text, DurableFile.Readers readers) {
        DurableFile.write(file, text.getBytes(StandardCharsets.US_ASCII), readers);
    }
}
