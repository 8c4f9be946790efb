package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.util.Optional;

/**
 * Verifies Ed25519 signatures, and remembers the public keys it decoded lately: decoding costs more
 * than a check. Thread-safe.
 */
public final class Verifier {
    /** About 400 bytes each. What is no key is remembered too, so that it stays cheap to refuse. */
    private static final int KEYS_REMEMBERED = 20_000;

    private final Ed25519 ed25519;
    private final Recent<Bytes, Optional<Ed25519.Checker>> checkers = new Recent<>(KEYS_REMEMBERED);

    public Verifier() {
        this(Ed25519.best());
    }

    public Verifier(Ed25519 ed25519) {
        this.ed25519 = ed25519;
    }

    /**
     * Whether {@code signature} is the one of {@code publicKey} for {@code message}. Wrong lengths,
     * keys that are none and anything else that is not right are {@code false}, never an exception.
     */
    public boolean verify(Bytes publicKey, Bytes message, Bytes signature) {
        if (publicKey.size() != Ed25519.PUBLIC_KEY_BYTES
                || signature.size() != Ed25519.SIGNATURE_BYTES) {
            return false;
        }
        Optional<Ed25519.Checker> checker = checkers.get(publicKey, ed25519::checker);
        return checker.isPresent()
                && checker.get().holds(message.unsafeArray(), signature.unsafeArray());
    }

    int keysRemembered() {
        return checkers.size();
    }
}
