package dev.holdfast.steer.dns;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.zone.DnsName;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A key that signs for a zone: ECDSA on P-256 with SHA-256, algorithm 13 of RFC 6605, and of the
 * kind that signs everything (a combined signing key, flags 257).
 */
final class ZoneKey {
    static final int ALGORITHM = 13;

    private static final int FLAGS = 257;
    private static final int PROTOCOL = 3;
    private static final int SHA256_DIGEST = 2;
    private static final int COORDINATE_BYTES = 32;
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));

    private final PrivateKey secret;
    private final byte[] dnskey;

    private ZoneKey(PrivateKey secret, PublicKey open) {
        if (!(open instanceof ECPublicKey point))
            throw new KeysException("A zone is signed by an elliptic curve's key");
        this.secret = secret;
        ByteBuffer data = ByteBuffer.allocate(4 + 2 * COORDINATE_BYTES);
        data.putShort((short) FLAGS).put((byte) PROTOCOL).put((byte) ALGORITHM);
        data.put(coordinate(point.getW().getAffineX()));
        data.put(coordinate(point.getW().getAffineY()));
        this.dnskey = data.array();
    }

    /** A new one, kept in {@code file}. */
    static ZoneKey make(Path file) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            String text = block("PRIVATE", pair.getPrivate().getEncoded());
            text += block("PUBLIC", pair.getPublic().getEncoded());
            DurableFile.write(file, text.getBytes(US_ASCII), DurableFile.Readers.OWNER);
            return new ZoneKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new KeysException("A key for a zone cannot be made", e);
        }
    }

    /** The one in {@code file}, as {@link #make} wrote it. */
    static ZoneKey load(Path file) {
        try {
            String text = Files.readString(file, US_ASCII);
            KeyFactory factory = KeyFactory.getInstance("EC");
            return new ZoneKey(
                    factory.generatePrivate(
                            new PKCS8EncodedKeySpec(content(text, "PRIVATE", file))),
                    factory.generatePublic(new X509EncodedKeySpec(content(text, "PUBLIC", file))));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new KeysException("The zone's key in " + file + " cannot be read", e);
        }
    }

    private static String block(String kind, byte @Nullable [] content) {
        if (content == null) throw new KeysException("A zone's key cannot be written");
        return "-----BEGIN "
                + kind
                + " KEY-----\n"
                + LINES.encodeToString(content)
                + "\n-----END "
                + kind
                + " KEY-----\n";
    }

    private static byte[] content(String text, String kind, Path file) {
        String begin = "-----BEGIN " + kind + " KEY-----";
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END " + kind + " KEY-----");
        if (from < 0 || to < from)
            throw new KeysException("There is no " + kind + " KEY in " + file);
        return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    }

    private static byte[] coordinate(BigInteger number) {
        byte[] bytes = new byte[COORDINATE_BYTES];
        byte[] signed = number.toByteArray();
        int count = Math.min(signed.length, COORDINATE_BYTES);
        System.arraycopy(signed, signed.length - count, bytes, COORDINATE_BYTES - count, count);
        return bytes;
    }

    /** The data of its DNSKEY record. */
    byte[] dnskey() {
        return dnskey.clone();
    }

    /** The data of the DS record with which the upper zone vouches for it. */
    byte[] ds(DnsName zone) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(zone.unsafeWire());
            byte[] hash = digest.digest(dnskey);
            return ByteBuffer.allocate(4 + hash.length)
                    .putShort((short) tag())
                    .put((byte) ALGORITHM)
                    .put((byte) SHA256_DIGEST)
                    .put(hash)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no SHA-256", e);
        }
    }

    /** That record in text form. */
    String dsText(DnsName zone) {
        byte[] ds = ds(zone);
        return zone
                + ". IN DS "
                + tag()
                + " "
                + ALGORITHM
                + " "
                + SHA256_DIGEST
                + " "
                + HexFormat.of().withUpperCase().formatHex(ds, 4, ds.length);
    }

    /** By which a signature says whose it is: RFC 4034 appendix B. */
    int tag() {
        int sum = 0;
        for (int i = 0; i < dnskey.length; i++)
            sum += (i & 1) == 0 ? (dnskey[i] & 0xff) << 8 : dnskey[i] & 0xff;
        return (sum + (sum >>> 16)) & 0xffff;
    }

    byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(secret);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new KeysException("A zone's key does not sign", e);
        }
    }
}
