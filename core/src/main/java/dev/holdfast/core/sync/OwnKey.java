package dev.holdfast.core.sync;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Tables;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a node is shown something that was written under its own key and that it does not
 * know: its store was copied, and it must take a new key (one store, one key, one process). To
 * apply it would give numbers away that this store may have given out, or will.
 */
record OwnKey(Tables tables, ReplicaId self) {
    /** The first of {@code spans} that is strange, or null. */
    @Nullable Span stranger(String scope, List<Span> spans) {
        for (Span span : spans) {
            if (span.replica().equals(self) && !knows(scope, span)) return span;
        }
        return null;
    }

    @Nullable Span strangerAmong(String scope, Collection<Batch> batches) {
        List<Span> spans = new ArrayList<>();
        for (Batch batch : batches) spans.add(Span.of(batch));
        return stranger(scope, spans);
    }

    private boolean knows(String scope, Span span) {
        if (!tables.context(scope, self).contains(span.from(), span.to())) return false;
        BatchHead head = tables.batchTo(scope, self, span.to());
        return head != null && head.hash().equals(span.hash());
    }
}
