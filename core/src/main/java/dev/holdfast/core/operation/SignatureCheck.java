package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;

/**
 * A question for whoever can do Ed25519: did the holder of {@code publicKey} (32 raw bytes) sign
 * {@code text}? A signature of a wrong length is a no, not an error.
 */
public record SignatureCheck(Bytes publicKey, Bytes text, Bytes signature) {
    public static final int PUBLIC_KEY_BYTES = 32;
    public static final int SIGNATURE_BYTES = 64;

    /**
     * Starts every signed text with what it is, so that a signature on one thing is none on
     * another.
     */
    public static Bytes domain(String name) {
        byte[] bytes = new byte[name.length() + 1];
        for (int i = 0; i < name.length(); i++) bytes[i] = (byte) name.charAt(i);
        return Bytes.wrap(bytes);
    }
}
