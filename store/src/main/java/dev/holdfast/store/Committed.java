package dev.holdfast.store;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.FeedHead;
import java.util.HashSet;
import java.util.Set;

/**
 * What became durable in one scope, of one or more transactions.
 *
 * @param documents those whose state, durability or refusal changed
 * @param everyDocument there were more of them than are listed: look at all
 * @param feed the head of the scope's feed now
 * @param feedGrew there is more to send to whoever follows this node's feed
 * @param outboxGrew there is more to send to the node above
 * @param unsealedGrew there is something to sign
 */
public record Committed(
        String scope,
        Set<DocumentId> documents,
        boolean everyDocument,
        FeedHead feed,
        boolean feedGrew,
        boolean outboxGrew,
        boolean unsealedGrew) {
    /** Beyond this a listener is told to look at all. */
    static final int MAX_DOCUMENTS = 4096;

    public Committed {
        documents = Set.copyOf(documents);
    }

    /** Both, where {@code later} came after this. */
    Committed and(Committed later) {
        boolean every = everyDocument || later.everyDocument;
        Set<DocumentId> both = new HashSet<>();
        if (!every) {
            both.addAll(documents);
            both.addAll(later.documents);
            every = both.size() > MAX_DOCUMENTS;
        }
        return new Committed(
                scope,
                every ? Set.of() : both,
                every,
                later.feed,
                feedGrew || later.feedGrew,
                outboxGrew || later.outboxGrew,
                unsealedGrew || later.unsealedGrew);
    }
}
