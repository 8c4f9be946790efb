package org.teavm.classlib.java.security;

/**
 * {@code java.security.MessageDigest} for TeaVM, which has none: SHA-256 (FIPS 180-4) and nothing
 * else. TeaVM finds the JDK's classes by this package and the letter before the name. Not
 * thread-safe; one use each.
 */
public final class TMessageDigest implements Cloneable {
    private static final int[] K = roundConstants();

    private final int[] state = {
        0x6a09e667,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19
    };
    private final byte[] block = new byte[64];
    private final int[] schedule = new int[64];
    private int filled;
    private long length;

    private TMessageDigest() {}

    public static TMessageDigest getInstance(String algorithm) throws TNoSuchAlgorithmException {
        if (!algorithm.equals("SHA-256")) throw new TNoSuchAlgorithmException(algorithm);
        return new TMessageDigest();
    }

    /** As new: nothing here copies one that was begun. */
    @Override
    public Object clone() {
        return new TMessageDigest();
    }

    public void update(byte[] input, int from, int count) {
        length += count;
        int at = from;
        int left = count;
        while (left > 0) {
            int taken = Math.min(64 - filled, left);
            System.arraycopy(input, at, block, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
            if (filled == 64) compress();
        }
    }

    /** The 32 bytes; the object is used up. */
    public byte[] digest() {
        long bits = length * 8;
        byte[] pad = new byte[(filled < 56 ? 56 : 120) - filled + 8];
        pad[0] = (byte) 0x80;
        for (int i = 0; i < 8; i++) pad[pad.length - 1 - i] = (byte) (bits >>> 8 * i);
        update(pad, 0, pad.length);
        byte[] out = new byte[32];
        for (int i = 0; i < 32; i++) out[i] = (byte) (state[i / 4] >>> 24 - 8 * (i % 4));
        return out;
    }

    private void compress() {
        filled = 0;
        int[] w = schedule;
        for (int i = 0; i < 16; i++) {
            w[i] =
                    (block[4 * i] & 0xff) << 24
                            | (block[4 * i + 1] & 0xff) << 16
                            | (block[4 * i + 2] & 0xff) << 8
                            | (block[4 * i + 3] & 0xff);
        }
        for (int i = 16; i < 64; i++) {
            int x = w[i - 15];
            int y = w[i - 2];
            w[i] =
                    w[i - 16]
                            + (turn(x, 7) ^ turn(x, 18) ^ x >>> 3)
                            + w[i - 7]
                            + (turn(y, 17) ^ turn(y, 19) ^ y >>> 10);
        }
        int a = state[0];
        int b = state[1];
        int c = state[2];
        int d = state[3];
        int e = state[4];
        int f = state[5];
        int g = state[6];
        int h = state[7];
        for (int i = 0; i < 64; i++) {
            int t1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + K[i] + w[i];
            int t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    private static int turn(int value, int by) {
        return value >>> by | value << 32 - by;
    }

    /** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
    private static int[] roundConstants() {
        int[] constants = new int[64];
        int found = 0;
        for (int n = 2; found < 64; n++) {
            boolean prime = true;
            for (int d = 2; d * d <= n; d++) prime &= n % d != 0;
            if (prime) {
                double root = Math.cbrt(n);
                constants[found++] = (int) (long) ((root - Math.floor(root)) * 4294967296.0);
            }
        }
        return constants;
    }
}
