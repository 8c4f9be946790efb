package dev.holdfast.node.console;

import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import java.time.InstantSource;

/**
 * Who may look at a node, and act on it, without having its files: whoever shows a grant of the
 * role operator that counts now. One that reads every scope looks; one that also writes everything
 * in every scope acts. Nodes judge it by their own clock and files, so it works while they are cut
 * off. Thread-safe.
 */
public final class Operators {
    private final GrantBook grants;
    private final InstantSource clock;

    public Operators(GrantBook grants, InstantSource clock) {
        this.grants = grants;
        this.clock = clock;
    }

    /**
     * Whether the request is to be judged here: it shows a grant, and that is no device's and no
     * node's. Where it is not, it may be of somebody who has the node's own certificate.
     */
    public boolean isAsked(Request request) {
        if (request.header(Bearer.HEADER).isEmpty()) return false;
        return !(grants.judge(request.header(Bearer.HEADER), clock.millis())
                        instanceof GrantBook.Verdict.Valid(SignedGrant signed))
                || signed.grant().role() == Grant.Role.OPERATOR;
    }

    /**
     * The grant of somebody who may look.
     *
     * @throws ProblemException when the request shows none
     */
    public Grant looking(Request request) {
        Grant grant = operator(request);
        if (!grant.mayRead(Grant.ANY)) throw forbidden("To look, it must allow *:read.");
        return grant;
    }

    /**
     * The grant of somebody who may act.
     *
     * @throws ProblemException when the request shows none
     */
    public Grant acting(Request request) {
        Grant grant = looking(request);
        if (!mayAct(grant))
            throw forbidden(
                    "It allows to look, and not to act: for that it must allow *:read,write=*.");
        return grant;
    }

    static boolean mayAct(Grant grant) {
        return grant.mayWrite(Grant.ANY, Grant.ANY);
    }

    private Grant operator(Request request) {
        return switch (grants.judge(request.header(Bearer.HEADER), clock.millis())) {
            case GrantBook.Verdict.Valid(SignedGrant signed) -> {
                if (signed.grant().role() != Grant.Role.OPERATOR)
                    throw forbidden("Only an operator's grant lets anybody look at a node.");
                yield signed.grant();
            }
            case GrantBook.Verdict.Refused(var code, String reason) ->
                    throw new ProblemException(
                            Problem.of(401, code.text(), "The grant is not taken", reason));
        };
    }

    private static ProblemException forbidden(String detail) {
        return new ProblemException(
                Problem.of(403, "forbidden", "The grant does not allow this", detail));
    }
}
