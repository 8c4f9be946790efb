package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import java.util.Base64;
import java.util.Optional;

/** The header {@code Authorization: Bearer GRANT}; the grant is its encoded form in base64url. */
public final class Bearer {
    public static final String HEADER = "Authorization";

    private static final String SCHEME = "Bearer ";
    private static final int MAX_CHARS = Limits.GRANT_BYTES / 3 * 4 + 8;

    private Bearer() {}

    /** The grant's bytes; empty where the header has another form, or is too long for a grant. */
    public static Optional<Bytes> parse(String header) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) return Optional.empty();
        String token = header.substring(SCHEME.length()).strip();
        if (token.isEmpty() || token.length() > MAX_CHARS) return Optional.empty();
        try {
            return Optional.of(Bytes.wrap(Base64.getUrlDecoder().decode(token)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public static String header(Bytes encodedGrant) {
        return SCHEME + token(encodedGrant);
    }

    /** What stands behind the scheme, and in a grant's file. */
    public static String token(Bytes encodedGrant) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(encodedGrant.unsafeArray());
    }
}
