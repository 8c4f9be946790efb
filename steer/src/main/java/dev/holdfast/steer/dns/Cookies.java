package dev.holdfast.steer.dns;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.node.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Server cookies of RFC 9018: what a client was given before, and can only know if it has the
 * address that it claims. Nodes that share a secret take each other's. Immutable and thread-safe.
 *
 * <p>Sixteen bytes: version 1, three of zero, the time in seconds, and SipHash-2-4 of the client's
 * cookie, those, and the client's address.
 */
final class Cookies {
    static final int CLIENT_BYTES = 8;
    static final int SERVER_BYTES = 16;

    private static final int SECRET_BYTES = 16;
    private static final int MAX_AGE_SECONDS = 3600;
    private static final int MAX_AHEAD_SECONDS = 300;
    private static final byte VERSION = 1;

    private final long[] keys;

    /** The first secret makes cookies; those after it are taken too, while one replaces another. */
    Cookies(List<Bytes> secrets) {
        this.keys = new long[secrets.size() * 2];
        for (int i = 0; i < secrets.size(); i++) {
            byte[] secret = secrets.get(i).unsafeArray();
            if (secret.length != SECRET_BYTES)
                throw new IllegalArgumentException("a secret has 16 bytes");
            keys[2 * i] = little(secret, 0);
            keys[2 * i + 1] = little(secret, 8);
        }
    }

    /**
     * With the secrets in {@code file}, 32 hexadecimal digits a line.
     *
     * @throws SettingsException when there are none in it
     */
    static Cookies load(Path file) {
        try {
            List<Bytes> secrets = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank()) secrets.add(Bytes.fromHex(line.strip()));
            }
            if (secrets.isEmpty()) throw new IllegalArgumentException("it is empty");
            return new Cookies(secrets);
        } catch (IOException | IllegalArgumentException e) {
            throw new SettingsException(
                    List.of(
                            file
                                    + ": no secret of cookies, 32 hexadecimal digits a line: "
                                    + e.getMessage()));
        }
    }

    /** As {@link #load}; makes a secret where there is no file. */
    static Cookies loadOrMake(Path file, Entropy entropy) {
        if (!Files.exists(file)) {
            byte[] text = (entropy.bytes(SECRET_BYTES).hex() + "\n").getBytes(US_ASCII);
            DurableFile.write(file, text, DurableFile.Readers.OWNER);
        }
        return load(file);
    }

    /** Whether the option that stands at {@code at} has a cookie of ours for this client. */
    boolean isValid(byte[] option, int at, int length, byte[] client, int seconds) {
        if (length != CLIENT_BYTES + SERVER_BYTES || option[at + CLIENT_BYTES] != VERSION)
            return false;
        int made = big(option, at + CLIENT_BYTES + 4);
        // Seconds go round: RFC 1982.
        int age = seconds - made;
        if (age > MAX_AGE_SECONDS || age < -MAX_AHEAD_SECONDS) return false;
        long hash = little(option, at + CLIENT_BYTES + 8);
        long head = little(option, at + CLIENT_BYTES);
        long asked = little(option, at);
        boolean valid = false;
        for (int i = 0; i < keys.length; i += 2)
            valid |= hash(keys[i], keys[i + 1], asked, head, client) == hash;
        return valid;
    }

    /** Writes a cookie for the client whose own one stands in {@code option}. */
    void write(byte[] option, int at, byte[] client, int seconds, byte[] out, int to) {
        out[to] = VERSION;
        out[to + 1] = 0;
        out[to + 2] = 0;
        out[to + 3] = 0;
        for (int i = 0; i < 4; i++) out[to + 4 + i] = (byte) (seconds >>> (24 - 8 * i));
        long hash = hash(keys[0], keys[1], little(option, at), little(out, to), client);
        for (int i = 0; i < 8; i++) out[to + 8 + i] = (byte) (hash >>> (8 * i));
    }

    /** SipHash-2-4 (Aumasson and Bernstein 2012) of two words and an address. */
    private static long hash(long k0, long k1, long first, long second, byte[] address) {
        long[] v = {
            k0 ^ 0x736f6d6570736575L,
            k1 ^ 0x646f72616e646f6dL,
            k0 ^ 0x6c7967656e657261L,
            k1 ^ 0x7465646279746573L
        };
        absorb(v, first);
        absorb(v, second);
        long last = (16L + address.length) << 56;
        int at = 0;
        for (; address.length - at >= 8; at += 8) absorb(v, little(address, at));
        for (int i = 0; at + i < address.length; i++) last |= (address[at + i] & 0xffL) << (8 * i);
        absorb(v, last);
        v[2] ^= 0xff;
        for (int i = 0; i < 4; i++) round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void absorb(long[] v, long word) {
        v[3] ^= word;
        round(v);
        round(v);
        v[0] ^= word;
    }

    private static void round(long[] v) {
        v[0] += v[1];
        v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
        v[0] = Long.rotateLeft(v[0], 32);
        v[2] += v[3];
        v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
        v[2] = Long.rotateLeft(v[2], 32);
    }

    private static long little(byte[] bytes, int at) {
        long word = 0;
        for (int i = 0; i < 8; i++) word |= (bytes[at + i] & 0xffL) << (8 * i);
        return word;
    }

    private static int big(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }
}
