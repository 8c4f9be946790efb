package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.util.Optional;

/**
 * Ed25519 (RFC 8032) on raw 32-byte seeds and public keys and 64-byte signatures.
 *
 * <p>Two providers do the same thing: Conscrypt, fast and native, and Bouncy Castle where the
 * native library cannot load. Every honest node must refuse by the same rule, so both obey the
 * strictest reading: a public key is the canonical encoding of a point of prime order, and a
 * signature holds without the cofactor, with a canonical R and an S below the group's order.
 *
 * <p>Thread-safe, as are the signers and checkers.
 */
public sealed interface Ed25519 permits ConscryptEd25519, BouncyEd25519 {
    int SEED_BYTES = 32;
    int PUBLIC_KEY_BYTES = 32;
    int SIGNATURE_BYTES = 64;

    /** Signs with one private key. */
    @FunctionalInterface
    interface Signer {
        /** The 64-byte signature of {@code message}. */
        byte[] sign(byte[] message);
    }

    /** Checks against one public key. */
    @FunctionalInterface
    interface Checker {
        /**
         * Whether {@code signature}, of any length, is this key's for {@code message}; never
         * throws.
         */
        boolean holds(byte[] message, byte[] signature);
    }

    /** The provider's name and version, for a line in the log at start. */
    String name();

    /** A signer for {@code seed}, which has 32 bytes. */
    Signer signer(Bytes seed);

    /** A checker for a raw public key; empty when {@code publicKey} is none. */
    Optional<Checker> checker(Bytes publicKey);

    /** The provider of this process: Conscrypt where it loads, else Bouncy Castle. Chosen once. */
    static Ed25519 best() {
        return Chosen.ED25519;
    }

    static Ed25519 bouncyCastle() {
        return new BouncyEd25519();
    }

    /** Conscrypt; empty where its native library cannot load. */
    static Optional<Ed25519> conscrypt() {
        return ConscryptEd25519.load();
    }

    /** Holds the choice; made when first asked for. */
    final class Chosen {
        private static final Ed25519 ED25519 = conscrypt().orElse(bouncyCastle());

        private Chosen() {}
    }
}
