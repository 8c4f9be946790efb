package dev.holdfast.device;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Withdrawal;
import dev.holdfast.store.StoreTables;
import java.util.List;
import java.util.Map;

/** What is done about refused operations, in a transaction of the store. */
final class Rejections {
    private Rejections() {}

    static RejectedWrite told(StoreTables tables, Rejection rejection) {
        Span span = rejection.span();
        return new RejectedWrite(
                rejection.scope(),
                span,
                rejection.code(),
                rejection.reason(),
                tables.rejectedDocuments(rejection.scope(), span),
                !Outbox.answersFor(tables, rejection.scope(), span));
    }

    /** As {@link Withdrawal#of}. */
    static Map<DocumentId, List<Change>> withdraw(StoreTables tables, RejectedWrite rejected) {
        return Withdrawal.of(
                tables,
                rejected.scope(),
                rejected.span(),
                tables.rejectedDocuments(rejected.scope(), rejected.span()));
    }
}
