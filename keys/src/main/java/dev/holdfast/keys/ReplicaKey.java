package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.ReplicaId;

/**
 * A replica's Ed25519 key pair. Shows its public half only; the seed leaves it into a {@link
 * KeyFile} and nowhere else. Thread-safe.
 */
public final class ReplicaKey {
    private final Bytes seed;
    private final Bytes publicKey;
    private final ReplicaId replica;
    private final Ed25519.Signer signer;

    private ReplicaKey(Bytes seed, Ed25519 ed25519) {
        this.seed = seed;
        this.publicKey = BouncyEd25519.publicKey(seed);
        this.replica = ReplicaId.ofKey(publicKey);
        this.signer = ed25519.signer(seed);
    }

    /** A new key. */
    public static ReplicaKey create(Entropy entropy) {
        return ofSeed(entropy.bytes(Ed25519.SEED_BYTES));
    }

    /** The key of a 32-byte seed. */
    public static ReplicaKey ofSeed(Bytes seed) {
        return ofSeed(seed, Ed25519.best());
    }

    static ReplicaKey ofSeed(Bytes seed, Ed25519 ed25519) {
        return new ReplicaKey(seed, ed25519);
    }

    /** The raw 32 bytes. */
    public Bytes publicKey() {
        return publicKey;
    }

    public ReplicaId replica() {
        return replica;
    }

    /** The 64-byte signature of {@code message}. */
    public Bytes sign(Bytes message) {
        return Bytes.wrap(signer.sign(message.unsafeArray()));
    }

    Bytes seed() {
        return seed;
    }

    @Override
    public String toString() {
        return "ReplicaKey[" + replica + "]";
    }
}
