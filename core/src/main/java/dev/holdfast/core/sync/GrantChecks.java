package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The checks that show a grant to be by one of several authorities, within a longer list of checks
 * that are asked together.
 *
 * @param perAuthority how many checks each authority takes; all of one's must hold
 */
record GrantChecks(int from, int perAuthority, int authorities) {
    /** Adds the checks to {@code checks}. */
    static GrantChecks add(
            SignedGrant grant, Collection<Bytes> authorities, List<SignatureCheck> checks) {
        int from = checks.size();
        List<SignatureCheck> all = new ArrayList<>();
        for (Bytes authority : authorities) all.addAll(grant.checks(authority));
        checks.addAll(all);
        return new GrantChecks(from, grant.successions().size() + 1, authorities.size());
    }

    boolean hold(List<Boolean> answers) {
        for (int i = 0; i < authorities; i++) {
            int at = from + i * perAuthority;
            if (!answers.subList(at, at + perAuthority).contains(false)) return true;
        }
        return false;
    }
}
