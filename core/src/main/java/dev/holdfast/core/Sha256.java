package dev.holdfast.core;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 (FIPS 180-4): the JDK's, which uses the processor's own instructions; {@code web/core}
 * brings one for TeaVM, which has none. Not thread-safe; one use each.
 */
public final class Sha256 {
    /** Never fed: looking a digest up takes longer than copying one. */
    private static final MessageDigest BLANK = blank();

    private final MessageDigest digest = copied();

    public static Bytes of(Bytes input) {
        return new Sha256().update(input).digest();
    }

    public Sha256 update(Bytes input) {
        return update(input.unsafeArray(), 0, input.size());
    }

    public Sha256 update(byte[] input, int from, int count) {
        digest.update(input, from, count);
        return this;
    }

    /** The 32 bytes; the object is used up. */
    public Bytes digest() {
        return Bytes.wrap(digest.digest());
    }

    private static MessageDigest blank() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static MessageDigest copied() {
        try {
            return (MessageDigest) BLANK.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's digests can be copied", e);
        }
    }
}
