package dev.holdfast.region.compare;

import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import java.util.List;
import java.util.Map;

/** Something in which two regions differ, or a region with itself. */
public sealed interface Finding {
    String scope();

    /** A region has not applied what the other one has. Sending it mends that. */
    record Lacking(String scope, Side side, ReplicaId author, Intervals dots) implements Finding {}

    /**
     * A region has applied operations by its feed, of which its context does not say so. Its own
     * batches mend that.
     */
    record Unseen(String scope, Side side, ReplicaId author, Intervals dots) implements Finding {}

    /**
     * A region has seen operations of which it keeps no batch, though the other one does: it could
     * pass them on to nobody. The other's batches mend that.
     */
    record Unkept(String scope, Side side, ReplicaId author, Intervals dots) implements Finding {}

    /**
     * Each region has other batches under the same numbers: a key was copied and used in both at
     * the same time. Nothing mends that.
     */
    record Forked(String scope, ReplicaId author, Intervals dots) implements Finding {}

    /**
     * A document differs, for a reason that is known.
     *
     * @param lacking which operations on it the sides lack; some, where they are many
     */
    record Explained(String scope, DocumentId document, Map<Side, List<Dot>> lacking)
            implements Finding {}

    /**
     * Both regions have seen the same, and the document is another one all the same: a row was
     * changed by something else than operations.
     */
    record Corrupt(String scope, DocumentId document, Fault fault) implements Finding {}

    /** A document that changed at every look, so that nobody can say. */
    record Undecided(String scope, DocumentId document) implements Finding {}

    /** Whose state of a document is not what its own batches make of it. */
    enum Fault {
        HERE,
        THERE,
        BOTH,
        /** A region does not keep all batches, so that it cannot be told. */
        UNKNOWN
    }
}
