package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.keys.Verifier;
import dev.holdfast.region.store.Inspection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges batches that come from another region by the rule that every reader goes by: signatures,
 * grants and rights, without the time. Thread-safe.
 *
 * @param authorities the public keys that may sign grants
 */
public record Signed(Set<Bytes> authorities, Verifier verifier) {
    public Signed {
        authorities = Set.copyOf(authorities);
    }

    /**
     * The grants of the batches' authors.
     *
     * @throws MalformedException when one of the batches is not its author's, or was not his to
     *     write
     */
    Map<ReplicaId, Granted> check(Inspection.Kept kept) {
        for (SignedGrant grant : kept.grants()) {
            if (authorities.stream().noneMatch(authority -> hold(grant.checks(authority))))
                throw new MalformedException("a grant that no authority signed");
        }
        Map<ReplicaId, Granted> grants = Granted.byReplica(kept.grants());
        for (Batch batch : kept.batches()) {
            Granted granted = grants.get(batch.author());
            if (granted == null) throw new MalformedException("a batch without its author's grant");
            SignedGrant grant = granted.judging(batch);
            if (Admission.judge(batch, grant) != null)
                throw new MalformedException("a batch that its author may not write");
            if (!hold(List.of(batch.check(grant.publicKey()))))
                throw new MalformedException("a batch that its author did not sign");
        }
        return grants;
    }

    private boolean hold(List<SignatureCheck> checks) {
        return checks.stream()
                .allMatch(check ->
                        verifier.verify(check.publicKey(), check.text(), check.signature()));
    }
}
