package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** What a session knows of the client that proved its key. */
final class Guest {
    private final SignedGrant grant;
    private final ShownGrants shown = new ShownGrants();
    private final Set<ReplicaId> answersFor = new HashSet<>();

    /** Hashes of what it pushed and is not kept yet: it has those very bytes. */
    private final Set<Bytes> keeping = new HashSet<>();

    Guest(SignedGrant grant) {
        this.grant = grant;
        shown.isNew(grant); // its own
        answersFor.add(grant.replica());
    }

    SignedGrant grant() {
        return grant;
    }

    boolean isNode() {
        return grant.grant().role().isNode();
    }

    boolean isRegion() {
        return grant.grant().role() == Grant.Role.REGION;
    }

    /** Whether it has not been shown {@code other}; from now on it has. */
    boolean isNew(SignedGrant other) {
        return shown.isNew(other);
    }

    void answersFor(Collection<ReplicaId> replicas) {
        answersFor.addAll(replicas);
    }

    boolean answersForTooMany() {
        return answersFor.size() > Limits.ANSWERED_FOR;
    }

    /** Whether it wants to hear what becomes of {@code replica}'s operations. */
    boolean isConcernedBy(ReplicaId replica) {
        return answersFor.contains(replica);
    }

    void pushed(Collection<Batch> batches) {
        for (Batch batch : batches) keeping.add(batch.hash());
    }

    void kept(Collection<Batch> batches) {
        for (Batch batch : batches) keeping.remove(batch.hash());
    }

    boolean isPushing(Batch batch) {
        return keeping.contains(batch.hash());
    }
}
