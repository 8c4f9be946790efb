package dev.holdfast.node.api;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Cursor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the HTTP API asks of the node behind it: an edge's store, a region's database. Every method
 * may block and is called on a virtual thread.
 */
public interface Documents {
    /** Whether this node has to do with the scope at all, whatever a grant says. */
    boolean serves(String scope);

    /** The document's state; an empty one where there is none. */
    Document document(String scope, DocumentId id);

    /**
     * Documents of a collection in the order of their ids.
     *
     * @param after the id to start behind; empty for the first
     * @param limit how many at most
     */
    Listing list(String scope, String collection, String after, int limit);

    /**
     * What changed after {@code since}, in feed order; {@link ChangesPage#of} reads it from any
     * node's tables.
     *
     * @param since null for the start
     * @param maxBytes of batches to look through
     */
    Changes changes(String scope, @Nullable Cursor since, int maxBytes);

    /** Writes on behalf of a caller, and answers once that is durable here. */
    Outcome write(Write write);

    /** A document with its state. */
    record Found(DocumentId id, Document state) {}

    /**
     * Part of a collection.
     *
     * @param more whether there are more behind the last
     */
    record Listing(List<Found> found, boolean more) {}

    /** What there is behind a cursor. */
    sealed interface Changes {
        /**
         * Some of it.
         *
         * @param more whether there was more already
         */
        record Page(List<Changed> changed, Cursor cursor, boolean more) implements Changes {}

        /** The cursor is not of this node's feed, or not any more: start again without one. */
        record Unknown() implements Changes {}
    }

    /**
     * A document that a batch touched.
     *
     * @param dot the last operation of the batch on it
     * @param state as it is now; null where the page has no room for it
     * @param resume where to go on after this one; the batch comes again where there are more of it
     */
    record Changed(DocumentId id, Dot dot, @Nullable Document state, Cursor resume) {}

    /**
     * A write to one document.
     *
     * @param subject who asks for it, by the grant
     * @param key makes a repetition a no-op for ever
     * @param allowed whether what stands now is what the caller expects
     * @param changes what to do, given what stands now; both run in the transaction of the write
     * @param trace the trace id that the caller brought along, or null
     */
    record Write(
            String subject,
            String scope,
            DocumentId document,
            Optional<Key> key,
            Predicate<Document> allowed,
            Function<Document, List<Change>> changes,
            @Nullable Bytes trace) {}

    /**
     * A key of the caller's for its write.
     *
     * @param request the hash of all that the request asks for: another one is no repetition
     */
    record Key(String text, Bytes request) {
        /** The name of a write for ever: unique per subject, scope and key. */
        public Bytes name(String subject, String scope) {
            // A scope has no zero byte, a subject none either, and both are short.
            String name = subject + '\0' + scope + '\0' + text;
            return Sha256.of(Bytes.wrap(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
    }

    /** What became of a write. */
    sealed interface Outcome {
        /**
         * It is durable, now or from an earlier request with the same key.
         *
         * @param dot its last operation; empty where nothing had to be changed
         * @param state of the document now
         */
        record Written(Optional<Dot> dot, Durability durability, Document state)
                implements Outcome {}

        /** The key was used for something else. */
        record KeyReused() implements Outcome {}

        /** Not allowed by what stands now. */
        record Unexpected(Document state) implements Outcome {}

        /** There is no room now; nothing was done. */
        record Later(long pauseMillis) implements Outcome {}
    }
}
