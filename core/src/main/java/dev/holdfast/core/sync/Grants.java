package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The grants that one session has been shown. Each is shown once; what comes while it is being
 * verified speaks of it, and has it verified once more rather than wait.
 */
final class Grants {
    private final Set<Bytes> authorities;
    private final Map<ReplicaId, Granted> verified = new HashMap<>();
    private final Map<ReplicaId, Granted> showing = new HashMap<>();

    Grants(Set<Bytes> authorities) {
        this.authorities = authorities;
    }

    /** This one was verified. */
    void add(SignedGrant grant) {
        verified.merge(grant.replica(), Granted.of(grant), Granted::with);
    }

    /** For one message, which shows {@code shown}: its questions go into {@code checks}. */
    Use use(List<SignedGrant> shown, List<SignatureCheck> checks) {
        return new Use(Granted.byReplica(shown), checks);
    }

    private static @Nullable Granted without(Granted some, SignedGrant grant) {
        List<SignedGrant> rest = new ArrayList<>();
        for (SignedGrant one : some.all()) if (!one.equals(grant)) rest.add(one);
        return rest.isEmpty() ? null : new Granted(rest);
    }

    /** What one message needs of grants, until its questions are answered. */
    final class Use {
        private final Map<ReplicaId, Granted> shown;
        private final List<SignatureCheck> checks;
        private final Map<ReplicaId, Granted> found = new HashMap<>();
        private final Map<ReplicaId, Granted> used = new HashMap<>();
        private final Map<SignedGrant, GrantChecks> unverified = new LinkedHashMap<>();
        private final Set<SignedGrant> forged = new HashSet<>();

        private Use(Map<ReplicaId, Granted> shown, List<SignatureCheck> checks) {
            this.shown = shown;
            this.checks = checks;
        }

        /** A grant of {@code replica}; null if none was shown. */
        @Nullable SignedGrant of(ReplicaId replica) {
            Granted known = known(replica);
            return known == null ? null : use(known.newest());
        }

        /**
         * The grant that {@code batch} is to be judged by; null if none of its author was shown.
         */
        @Nullable SignedGrant of(Batch batch) {
            Granted known = known(batch.author());
            return known == null ? null : use(known.judging(batch));
        }

        private @Nullable Granted known(ReplicaId replica) {
            Granted known = found.get(replica);
            if (known != null) return known;
            for (Map<ReplicaId, Granted> some : List.of(verified, showing, shown)) {
                Granted more = some.get(replica);
                if (more != null) known = known == null ? more : known.with(more);
            }
            if (known != null) found.put(replica, known);
            return known;
        }

        private SignedGrant use(SignedGrant grant) {
            ReplicaId replica = grant.replica();
            used.merge(replica, Granted.of(grant), Granted::with);
            Granted before = verified.get(replica);
            boolean isVerified = before != null && before.all().contains(grant);
            if (!isVerified && !unverified.containsKey(grant)) {
                showing.merge(replica, Granted.of(grant), Granted::with);
                unverified.put(grant, GrantChecks.add(grant, authorities, checks));
            }
            return grant;
        }

        /** Answers whether all that were used are by an authority. */
        boolean answered(List<Boolean> answers) {
            unverified.forEach((grant, its) -> {
                showing.computeIfPresent(grant.replica(), (replica, some) -> without(some, grant));
                if (its.hold(answers)) add(grant);
                else forged.add(grant);
            });
            return forged.isEmpty();
        }

        boolean isForged(SignedGrant grant) {
            return forged.contains(grant);
        }

        /** Those that were used. */
        Map<ReplicaId, Granted> used() {
            return used;
        }
    }
}
