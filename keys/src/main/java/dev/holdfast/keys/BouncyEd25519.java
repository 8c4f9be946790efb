package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.math.ec.rfc8032.Ed25519.PublicPoint;

/**
 * Ed25519 in pure Java. Also the one that derives and judges public keys, whoever signs with them.
 */
final class BouncyEd25519 implements Ed25519 {
    /** The encoding of the neutral element, the only R that is no public key and yet may stand. */
    private static final byte[] NEUTRAL = neutral();

    @Override
    public String name() {
        return "Bouncy Castle " + new BouncyCastleProvider().getVersionStr();
    }

    @Override
    public Signer signer(Bytes seed) {
        byte[] secret = seed.toArray();
        byte[] open = publicKey(seed).toArray();
        return message -> {
            byte[] signature = new byte[SIGNATURE_BYTES];
            org.bouncycastle.math.ec.rfc8032.Ed25519.sign(
                    secret, 0, open, 0, message, 0, message.length, signature, 0);
            return signature;
        };
    }

    @Override
    public Optional<Checker> checker(Bytes publicKey) {
        return point(publicKey)
                .map(point -> (message, signature) -> holds(point, message, signature));
    }

    private static boolean holds(PublicPoint point, byte[] message, byte[] signature) {
        return signature.length == SIGNATURE_BYTES
                && org.bouncycastle.math.ec.rfc8032.Ed25519.verify(
                        signature, 0, point, message, 0, message.length)
                && plain(signature);
    }

    /**
     * Whether R has no part of small order. Bouncy Castle multiplies its equation by a number that
     * may hide such a part, where Conscrypt refuses it: a dishonest signer could make what only
     * some nodes accept. Since the key has no such part, an honest R has none either.
     */
    private static boolean plain(byte[] signature) {
        return org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFull(signature, 0)
                || Arrays.equals(signature, 0, NEUTRAL.length, NEUTRAL, 0, NEUTRAL.length);
    }

    /** The raw 32-byte public key of a seed. */
    static Bytes publicKey(Bytes seed) {
        if (seed.size() != SEED_BYTES) {
            throw new IllegalArgumentException("a seed has 32 bytes, not " + seed.size());
        }
        byte[] open = new byte[PUBLIC_KEY_BYTES];
        org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed.unsafeArray(), 0, open, 0);
        return Bytes.wrap(open);
    }

    /** The decoded key; empty for wrong lengths, other encodings and points not of prime order. */
    static Optional<PublicPoint> point(Bytes publicKey) {
        if (publicKey.size() != PUBLIC_KEY_BYTES) return Optional.empty();
        return Optional.ofNullable(
                org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFullExport(
                        publicKey.unsafeArray(), 0));
    }

    private static byte[] neutral() {
        byte[] encoded = new byte[PUBLIC_KEY_BYTES];
        encoded[0] = 1;
        return encoded;
    }
}
