package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.keys.Recent;
import dev.holdfast.keys.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Answers checks, and remembers those of the authorities' signatures: the same few grants are shown
 * in every session. Thread-safe.
 */
final class Signatures {
    private static final int GRANTS_REMEMBERED = 2_000;

    private final Verifier verifier;
    private final Set<Bytes> authorities;
    private final Recent<SignatureCheck, Boolean> grants = new Recent<>(GRANTS_REMEMBERED);

    Signatures(Verifier verifier, Set<Bytes> authorities) {
        this.verifier = verifier;
        this.authorities = authorities;
    }

    List<Boolean> verify(List<SignatureCheck> checks) {
        List<Boolean> answers = new ArrayList<>(checks.size());
        for (SignatureCheck check : checks) {
            answers.add(
                    authorities.contains(check.publicKey())
                            ? grants.get(check, this::holds)
                            : holds(check));
        }
        return answers;
    }

    private boolean holds(SignatureCheck check) {
        return verifier.verify(check.publicKey(), check.text(), check.signature());
    }
}
