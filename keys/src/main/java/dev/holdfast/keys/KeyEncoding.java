package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The encodings of an Ed25519 key that other tools read (RFC 8410): each is a fixed prefix and the
 * 32 raw bytes. {@code openssl pkey} reads the PEM form.
 */
final class KeyEncoding {
    private static final Bytes PKCS8 = Bytes.fromHex("302e020100300506032b657004220420");
    private static final Bytes SPKI = Bytes.fromHex("302a300506032b6570032100");
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private KeyEncoding() {}

    static byte[] pkcs8(Bytes seed) {
        return PKCS8.concat(seed).toArray();
    }

    static byte[] spki(Bytes publicKey) {
        return SPKI.concat(publicKey).toArray();
    }

    static byte[] pem(Bytes seed) {
        String body = Base64.getEncoder().encodeToString(pkcs8(seed));
        return (BEGIN + "\n" + body + "\n" + END + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The seed within a PEM file.
     *
     * @throws KeysException that says what is wrong, without a byte of the content
     */
    static Bytes seed(byte[] pem) {
        String text = new String(pem, StandardCharsets.ISO_8859_1).strip();
        if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
            throw new KeysException("not a PEM file with one PRIVATE KEY");
        }
        byte[] der;
        try {
            String body = text.substring(BEGIN.length(), text.length() - END.length());
            der = Base64.getMimeDecoder().decode(body.strip());
        } catch (IllegalArgumentException e) {
            // Without the cause: its message quotes the content.
            throw new KeysException("its base64 is damaged");
        }
        int prefix = PKCS8.size();
        if (der.length != prefix + Ed25519.SEED_BYTES
                || !Arrays.equals(der, 0, prefix, PKCS8.unsafeArray(), 0, prefix)) {
            throw new KeysException("not an Ed25519 private key");
        }
        return Bytes.copyOf(Arrays.copyOfRange(der, prefix, der.length));
    }
}
