package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Recent;
import dev.holdfast.keys.Verifier;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which grants to believe. Decodes and verifies a grant once, without a network, and remembers the
 * outcome by the hash of its bytes; whether it counts now, and was not revoked meanwhile, is judged
 * each time. Thread-safe.
 */
public final class GrantBook {
    /** At most some 10 KiB each. */
    private static final int GRANTS_REMEMBERED = 4_000;

    /** What is to be thought of a grant. */
    public sealed interface Verdict {
        /** It is an authority's and counts now; what it allows stands in it. */
        record Valid(SignedGrant grant) implements Verdict {}

        record Refused(Code code, String reason) implements Verdict {}
    }

    /** Why a grant is refused; in messages lower-case-dashed. */
    public enum Code {
        GRANT_MISSING,
        GRANT_MALFORMED,
        GRANT_FOREIGN,
        GRANT_EXPIRED,
        GRANT_NOT_YET,
        GRANT_REVOKED;

        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final List<Bytes> authorities;
    private final Verifier verifier;
    private final Grant.Role node;
    private final Revocations revocations;
    private final Recent<Bytes, Verdict> judged = new Recent<>(GRANTS_REMEMBERED);

    /**
     * @param authorities the raw public keys of those who may grant; two while one replaces another
     * @param node the role of the node that judges, which says how far its clock is believed
     * @param revocations what the node knows to be revoked
     */
    public GrantBook(
            List<Bytes> authorities, Verifier verifier, Grant.Role node, Revocations revocations) {
        this.authorities = List.copyOf(authorities);
        this.verifier = verifier;
        this.node = node;
        this.revocations = revocations;
    }

    /** What to think at {@code nowMillis} of a grant in its encoded form. */
    public Verdict judge(Bytes encoded, long nowMillis) {
        Verdict verdict = judged.get(Sha256.of(encoded), _ -> verify(encoded));
        if (!(verdict instanceof Verdict.Valid(SignedGrant grant))) return verdict;
        Optional<Revocation> revoked = revocations.of(grant);
        if (revoked.isPresent()) return refused(Code.GRANT_REVOKED, revoked.get().words());
        long latestMillis = node.latestMillis(nowMillis);
        if (grant.grant().countsBetween(nowMillis, latestMillis)) return verdict;
        return latestMillis < grant.grant().notBeforeMillis()
                ? refused(Code.GRANT_NOT_YET, "The grant does not count yet. Is a clock wrong?")
                : refused(Code.GRANT_EXPIRED, "The grant is over. Ask for a new one.");
    }

    /** As {@link #judge}, from an {@code Authorization} header that may be missing. */
    public Verdict judge(Optional<String> authorization, long nowMillis) {
        if (authorization.isEmpty()) {
            return refused(Code.GRANT_MISSING, "Send a grant: Authorization: Bearer GRANT.");
        }
        Optional<Bytes> encoded = Bearer.parse(authorization.get());
        return encoded.isPresent()
                ? judge(encoded.get(), nowMillis)
                : refused(Code.GRANT_MALFORMED, "The grant is not base64url behind Bearer.");
    }

    private Verdict verify(Bytes encoded) {
        SignedGrant grant;
        try {
            grant = SignedGrant.decode(encoded);
        } catch (MalformedException e) {
            return refused(
                    Code.GRANT_MALFORMED, "The grant cannot be read: " + e.getMessage() + ".");
        }
        for (Bytes authority : authorities) {
            if (holds(grant.checks(authority))) return new Verdict.Valid(grant);
        }
        return refused(
                Code.GRANT_FOREIGN,
                "The grant is not signed by an authority that this node trusts.");
    }

    private boolean holds(List<SignatureCheck> checks) {
        for (SignatureCheck check : checks) {
            if (!verifier.verify(check.publicKey(), check.text(), check.signature())) return false;
        }
        return true;
    }

    private static Verdict refused(Code code, String reason) {
        return new Verdict.Refused(code, reason);
    }
}
