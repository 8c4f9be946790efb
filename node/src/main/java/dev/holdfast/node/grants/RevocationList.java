package dev.holdfast.node.grants;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignedGrant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is revoked in a deployment. Immutable.
 *
 * @param serial counts up with each list that is signed; of two the greater is in force
 * @param revoked by the public key, in the order in which it was said
 */
public record RevocationList(long serial, Map<Bytes, Revocation> revoked) {
    /** More are refused where the list is made. */
    public static final int MOST = 10_000;

    /** What is in force before anything was revoked. */
    public static final RevocationList NONE = new RevocationList(0, Map.of());

    public RevocationList {
        if (serial < 0) throw new IllegalArgumentException("serial is at least 1");
        if (revoked.size() > MOST)
            throw new IllegalArgumentException("at most " + MOST + " keys are in the list");
        revoked = Collections.unmodifiableMap(new LinkedHashMap<>(revoked));
    }

    /** Why a grant counts no more, if it was revoked, by whatever key it was handed over to. */
    public Optional<Revocation> of(SignedGrant grant) {
        if (revoked.isEmpty()) return Optional.empty();
        Revocation word = revoked.get(grant.grant().publicKey());
        if (word != null) return Optional.of(word);
        for (SignedGrant.Succession succession : grant.successions()) {
            word = revoked.get(succession.publicKey());
            if (word != null) return Optional.of(word);
        }
        return Optional.empty();
    }

    /**
     * The next list.
     *
     * @throws IllegalArgumentException when that is longer than one may be
     */
    public RevocationList next(Collection<Revocation> more) {
        return new RevocationList(serial + 1, with(more));
    }

    /** What was said at {@code moment} or later, under the same serial. */
    public RevocationList since(Instant moment) {
        Map<Bytes, Revocation> left = new LinkedHashMap<>(revoked);
        left.values().removeIf(word -> word.at().isBefore(moment));
        return new RevocationList(serial, left);
    }

    /** What stands in either, under the greater serial. */
    public RevocationList joined(RevocationList other) {
        return new RevocationList(Math.max(serial, other.serial), with(other.revoked.values()));
    }

    /** What was said first stays. */
    private Map<Bytes, Revocation> with(Collection<Revocation> more) {
        Map<Bytes, Revocation> all = new LinkedHashMap<>(revoked);
        for (Revocation each : more) all.putIfAbsent(each.publicKey(), each);
        return all;
    }

    /** The last {@code most} of the list, the newest first. */
    public List<Revocation> newest(int most) {
        List<Revocation> all = new ArrayList<>(revoked.values());
        return all.subList(Math.max(0, all.size() - most), all.size()).reversed();
    }
}
