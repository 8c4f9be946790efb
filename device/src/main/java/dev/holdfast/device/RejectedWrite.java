package dev.holdfast.device;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import java.util.List;

/**
 * Operations of this device that were refused. Where that is for good, what they changed is still
 * shown here, and nowhere else, until the application {@linkplain Scope#discard discards} it or
 * {@linkplain Scope#writeAgain writes it again}. Where it is not, an edge would not take them: they
 * are sent again, there and elsewhere, and the refusal goes when somebody takes them.
 *
 * @param span which operations: a whole batch, which may hold several transactions
 * @param reason in words fit for a person
 * @param documents those that were touched
 * @param settled whether it is for good: by a region's word, or by this device's own grant
 */
public record RejectedWrite(
        String scope,
        Span span,
        Rejection.Code code,
        String reason,
        List<DocumentId> documents,
        boolean settled) {
    public RejectedWrite {
        documents = List.copyOf(documents);
    }
}
