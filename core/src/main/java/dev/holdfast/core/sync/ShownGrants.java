package dev.holdfast.core.sync;

import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import java.util.HashMap;
import java.util.Map;

/** Which grants the other side of a session was shown: each is once. */
final class ShownGrants {
    private final Map<ReplicaId, Granted> shown = new HashMap<>();

    /** Whether it has not been shown this one; from now on it has. */
    boolean isNew(SignedGrant grant) {
        Granted before = shown.get(grant.replica());
        if (before != null && before.all().contains(grant)) return false;
        shown.put(grant.replica(), before == null ? Granted.of(grant) : before.ledBy(grant));
        return true;
    }

    void clear() {
        shown.clear();
    }
}
