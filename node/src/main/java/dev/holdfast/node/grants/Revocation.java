package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.keys.Ed25519;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The authority's word that no grant for a key counts any more.
 *
 * @param publicKey the replica's, 32 raw bytes: the one that grants were made for, or one that they
 *     were handed over to
 * @param subject who it was, for people
 * @param at when that was said
 * @param reason why, for people
 */
public record Revocation(Bytes publicKey, String subject, Instant at, Optional<String> reason) {
    /** The longest subject or reason, in characters. */
    public static final int MAX_CHARS = Limits.ID_BYTES;

    public Revocation {
        if (publicKey.size() != Ed25519.PUBLIC_KEY_BYTES)
            throw new IllegalArgumentException("a public key has 64 hexadecimal digits");
        require(subject, "a subject");
        reason.ifPresent(text -> require(text, "a reason"));
    }

    /** What is told to whoever shows such a grant. Why is the authority's own business. */
    public String words() {
        return "The grant was revoked on "
                + at.truncatedTo(ChronoUnit.SECONDS)
                + ". Ask for a new one, for a new key.";
    }

    /** All of it, for operators and for JSON. */
    public Map<String, Object> told() {
        Map<String, Object> told = new TreeMap<>();
        told.put("key", publicKey.hex());
        told.put("subject", subject);
        told.put("at", at.toString());
        reason.ifPresent(why -> told.put("reason", why));
        return told;
    }

    private static void require(String text, String what) {
        if (text.isBlank()
                || text.length() > MAX_CHARS
                || text.chars().anyMatch(Character::isISOControl))
            throw new IllegalArgumentException(
                    what + " is one line of 1 to " + MAX_CHARS + " characters");
    }
}
