package dev.holdfast.core.replica;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.operation.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Whether a batch may be taken in at all: the rules that every honest node applies alike before it
 * acknowledges, form and signature apart. The grant must be the author's and verified.
 */
public final class Admission {
    private Admission() {}

    /**
     * Answers why the batch is refused, or null.
     *
     * @param firstSeenMillis the earliest time that a trusted node vouches for having had the
     *     batch; a grant is judged by that, never by the writer's clock
     * @param latestMillis the latest that it can be now. That a grant does not count yet is judged
     *     by this: it may have been renewed after the batch was first seen, and whoever vouches for
     *     that may have a clock that is behind
     */
    public static @Nullable Rejection judge(
            Batch batch, SignedGrant signed, long firstSeenMillis, long latestMillis) {
        Rejection timeless = judge(batch, signed);
        if (timeless != null) return timeless;
        return signed.grant().countsBetween(firstSeenMillis, latestMillis)
                ? null
                : refuse(
                        batch,
                        Rejection.Code.GRANT_EXPIRED,
                        "the grant was not valid when this was received");
    }

    /** The same without the time, for a reader: what was once taken in stays in. */
    public static @Nullable Rejection judge(Batch batch, SignedGrant signed) {
        Grant grant = signed.grant();
        if (!signed.replica().equals(batch.author())) {
            return refuse(batch, Rejection.Code.NO_GRANT, "the grant is another replica's");
        }
        if (grant.role() == Grant.Role.OPERATOR) {
            return refuse(
                    batch,
                    Rejection.Code.FORBIDDEN,
                    "the grant is an operator's, who writes nothing");
        }
        if (!grant.names(batch.scope())) {
            return refuse(
                    batch,
                    Rejection.Code.FORBIDDEN,
                    "the grant does not name the scope " + batch.scope());
        }
        for (Operation operation : batch.body().operations()) {
            if (!grant.mayWrite(batch.scope(), operation.collection())
                    && !isRegionsCorrection(grant, operation)) {
                return refuse(
                        batch,
                        Rejection.Code.FORBIDDEN,
                        "the grant does not allow to write the collection "
                                + operation.collection());
            }
            if (grant.role() != Grant.Role.REGION && correctsOthers(operation)) {
                return refuse(
                        batch,
                        Rejection.Code.NOT_YOURS,
                        "only a region corrects the clocks of others");
            }
        }
        return null;
    }

    /** Whether {@code grant} lets its holder write all of a transaction. */
    public static boolean allows(Grant grant, String scope, Transaction transaction) {
        if (!grant.names(scope)) return false;
        for (Operation operation : transaction.operations()) {
            if (!grant.mayWrite(scope, operation.collection())) return false;
        }
        return true;
    }

    public static Rejection refuse(Batch batch, Rejection.Code code, String reason) {
        return new Rejection(batch.scope(), Span.of(batch), code, reason);
    }

    private static boolean isRegionsCorrection(Grant grant, Operation operation) {
        for (Edit edit : operation.edits()) if (edit.key().kind() != Key.CLOCK) return false;
        return grant.role() == Grant.Role.REGION;
    }

    private static boolean correctsOthers(Operation operation) {
        for (Edit edit : operation.edits()) {
            if (edit.key().kind() != Key.CLOCK) continue;
            for (Dot dot : edit.over()) {
                if (!dot.replica().equals(operation.dot().replica())) return true;
            }
        }
        return false;
    }
}
