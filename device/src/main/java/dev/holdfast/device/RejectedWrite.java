package dev.holdfast.device;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import java.util.List;

/**
 * Operations of this device that were refused for good. What they changed is still shown here, and
 * nowhere else, until the application {@linkplain Scope#discard discards} it or {@linkplain
 * Scope#writeAgain writes it again}.
 *
 * @param span which operations: a whole batch, which may hold several transactions
 * @param reason in words fit for a person
 * @param documents those that were touched
 */
public record RejectedWrite(
        String scope, Span span, Rejection.Code code, String reason, List<DocumentId> documents) {
    public RejectedWrite {
        documents = List.copyOf(documents);
    }
}
