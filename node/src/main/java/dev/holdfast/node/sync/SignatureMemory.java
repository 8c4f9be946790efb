package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.keys.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Verifies, and remembers which signatures of the authorities held: every session shows the same
 * few grants. What did not hold is not remembered, nor is any batch. Thread-safe.
 */
final class SignatureMemory {
    /** About half a kilobyte each. When it is full all is forgotten, and verified again. */
    private static final int REMEMBERED = 10_000;

    private final Verifier verifier;
    private final Set<Bytes> authorities;
    private final Set<SignatureCheck> held = ConcurrentHashMap.newKeySet();

    SignatureMemory(Verifier verifier, Set<Bytes> authorities) {
        this.verifier = verifier;
        this.authorities = Set.copyOf(authorities);
    }

    /** The answers, in the order of the questions. */
    List<Boolean> verify(List<SignatureCheck> checks) {
        List<Boolean> answers = new ArrayList<>(checks.size());
        for (SignatureCheck check : checks) answers.add(holds(check));
        return answers;
    }

    private boolean holds(SignatureCheck check) {
        boolean ofAuthority = authorities.contains(check.publicKey());
        if (ofAuthority && held.contains(check)) return true;
        boolean holds = verifier.verify(check.publicKey(), check.text(), check.signature());
        if (holds && ofAuthority) {
            if (held.size() >= REMEMBERED) held.clear();
            held.add(check);
        }
        return holds;
    }
}
