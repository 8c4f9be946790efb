package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The grants that one session has been shown. Each is shown once; what comes while it is being
 * verified speaks of it, and has it verified once more rather than wait.
 */
final class Grants {
    private final Set<Bytes> authorities;
    private final Map<ReplicaId, SignedGrant> verified = new HashMap<>();
    private final Map<ReplicaId, SignedGrant> showing = new HashMap<>();

    Grants(Set<Bytes> authorities) {
        this.authorities = authorities;
    }

    /** This one was verified. */
    void add(SignedGrant grant) {
        verified.put(grant.replica(), grant);
    }

    /** For one message, which shows {@code shown}: its questions go into {@code checks}. */
    Use use(Collection<SignedGrant> shown, List<SignatureCheck> checks) {
        return new Use(shown, checks);
    }

    /** What one message needs of grants, until its questions are answered. */
    final class Use {
        private final Map<ReplicaId, SignedGrant> shown = new HashMap<>();
        private final List<SignatureCheck> checks;
        private final Map<ReplicaId, SignedGrant> used = new HashMap<>();
        private final Map<ReplicaId, GrantChecks> unverified = new HashMap<>();
        private final Set<ReplicaId> forged = new HashSet<>();

        private Use(Collection<SignedGrant> shown, List<SignatureCheck> checks) {
            this.checks = checks;
            for (SignedGrant grant : shown) this.shown.put(grant.replica(), grant);
        }

        /** The grant of {@code replica}; null if none was shown. */
        @Nullable SignedGrant of(ReplicaId replica) {
            SignedGrant before = used.get(replica);
            if (before != null) return before;
            SignedGrant grant = verified.get(replica);
            if (grant == null) {
                grant = shown.get(replica);
                if (grant == null) grant = showing.get(replica);
                if (grant == null) return null;
                showing.put(replica, grant);
                unverified.put(replica, GrantChecks.add(grant, authorities, checks));
            }
            used.put(replica, grant);
            return grant;
        }

        /** Answers whether all that were used are by an authority. */
        boolean answered(List<Boolean> answers) {
            unverified.forEach((replica, its) -> {
                showing.remove(replica);
                if (its.hold(answers)) add(Objects.requireNonNull(used.get(replica)));
                else forged.add(replica);
            });
            return forged.isEmpty();
        }

        boolean isForged(ReplicaId replica) {
            return forged.contains(replica);
        }

        /** Those that were used. */
        Map<ReplicaId, SignedGrant> used() {
            return used;
        }
    }
}
