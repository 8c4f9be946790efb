package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Ed25519 as RFC 8032 section 5.1 writes it, on big integers, slow and plain: the oracle of the
 * tests. Verifies without the cofactor, and can forge what only a dishonest signer would make.
 */
final class ReferenceEd25519 {
    static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    private static final BigInteger D =
            BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);

    record Point(BigInteger x, BigInteger y) {
        Point plus(Point other) {
            BigInteger product =
                    D.multiply(x).multiply(other.x).multiply(y).multiply(other.y).mod(P);
            BigInteger sumX = x.multiply(other.y).add(y.multiply(other.x));
            BigInteger sumY = y.multiply(other.y).add(x.multiply(other.x));
            return new Point(
                    sumX.multiply(BigInteger.ONE.add(product).modInverse(P)).mod(P),
                    sumY.multiply(BigInteger.ONE.subtract(product).modInverse(P)).mod(P));
        }

        Point times(BigInteger scalar) {
            Point sum = NEUTRAL;
            for (int bit = scalar.bitLength() - 1; bit >= 0; bit--) {
                sum = sum.plus(sum);
                if (scalar.testBit(bit)) sum = sum.plus(this);
            }
            return sum;
        }

        byte[] encoded() {
            byte[] out = little(y, 32);
            if (x.testBit(0)) out[31] |= (byte) 0x80;
            return out;
        }
    }

    static final Point NEUTRAL = new Point(BigInteger.ZERO, BigInteger.ONE);
    static final Point BASE =
            point(BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P));

    private ReferenceEd25519() {}

    /** The point of even x with this y. */
    static Point point(BigInteger y) {
        BigInteger square = y.multiply(y).mod(P);
        BigInteger xSquare =
                square.subtract(BigInteger.ONE)
                        .multiply(D.multiply(square).add(BigInteger.ONE).modInverse(P))
                        .mod(P);
        BigInteger x = xSquare.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
        if (!x.multiply(x).mod(P).equals(xSquare)) {
            x =
                    x.multiply(BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P))
                            .mod(P);
        }
        if (!x.multiply(x).mod(P).equals(xSquare)) throw new ArithmeticException("no such point");
        return new Point(x.testBit(0) ? P.subtract(x) : x, y);
    }

    /** A point of order eight: the prime order times a point of the whole curve. */
    static Point smallOrder() {
        for (int y = 2; ; y++) {
            try {
                Point small = point(BigInteger.valueOf(y)).times(ORDER);
                if (!small.times(BigInteger.valueOf(4)).equals(NEUTRAL)) return small;
            } catch (ArithmeticException ignored) {
                // Half of all y have no point.
            }
        }
    }

    /** A signature of {@code secret} whose R is {@code nonce} times the base plus {@code extra}. */
    static byte[] sign(
            BigInteger secret, BigInteger nonce, Point extra, byte[] key, byte[] message) {
        byte[] r = BASE.times(nonce).plus(extra).encoded();
        BigInteger challenge = challenge(r, key, message);
        byte[] s = little(nonce.add(challenge.multiply(secret)).mod(ORDER), 32);
        return Bytes.wrap(r).concat(Bytes.wrap(s)).toArray();
    }

    /** Whether S times the base equals R plus k times the key, for the signer's own secret. */
    static boolean holds(BigInteger secret, byte[] key, byte[] message, byte[] signature) {
        Bytes whole = Bytes.wrap(signature);
        byte[] r = whole.slice(0, 32).toArray();
        BigInteger s = number(whole.slice(32, 64).toArray());
        if (s.compareTo(ORDER) >= 0) return false;
        BigInteger challenge = challenge(r, key, message);
        byte[] expected = BASE.times(s.subtract(challenge.multiply(secret)).mod(ORDER)).encoded();
        return Bytes.wrap(expected).equals(Bytes.wrap(r));
    }

    /** The secret scalar that RFC 8032 derives from a seed. */
    static BigInteger secret(Bytes seed) {
        byte[] half = Bytes.wrap(sha512(seed.toArray())).slice(0, 32).toArray();
        half[0] &= (byte) 248;
        half[31] &= 127;
        half[31] |= 64;
        return number(half);
    }

    static byte[] little(BigInteger number, int size) {
        byte[] out = new byte[size];
        byte[] big = number.toByteArray();
        for (int i = 0; i < Math.min(size, big.length); i++) out[i] = big[big.length - 1 - i];
        return out;
    }

    private static BigInteger challenge(byte[] r, byte[] key, byte[] message) {
        return number(sha512(r, key, message)).mod(ORDER);
    }

    private static BigInteger number(byte[] little) {
        byte[] big = new byte[little.length];
        for (int i = 0; i < big.length; i++) big[i] = little[big.length - 1 - i];
        return new BigInteger(1, big);
    }

    private static byte[] sha512(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            for (byte[] part : parts) digest.update(part);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
