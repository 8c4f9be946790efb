package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One transaction's view of what a node stores of its scopes: the port that SQLite (device, edge),
 * PostgreSQL (region) and memory (simulator) implement, so that one {@link Applier} serves them
 * all.
 *
 * <p>Everything done through one of these becomes durable together or not at all, and reads see the
 * transaction's own writes. Failures of the storage throw the implementation's unchecked exception.
 * Not thread-safe, and not to be used after its transaction.
 */
public interface Tables {
    /**
     * The head of the scope's feed. Locks the scope for the rest of the transaction, so that feed
     * numbers are committed in their order.
     */
    FeedHead lockFeed(String scope);

    /** The head as last committed or written here, without the lock. */
    FeedHead feedHead(String scope);

    /** The running hash once {@code number} batches were applied; null if that is not known. */
    @Nullable Bytes feedHash(String scope, long number);

    /**
     * Batches in feed order after {@code after}, up to about {@code maxBytes} of them (at least
     * one, if there is one). Where a batch's bytes were dropped by retention the list ends before
     * it.
     */
    List<FeedItem> feedAfter(String scope, long after, int maxBytes);

    /** Appends a batch to the feed and to what is known of its author's chain. */
    void appendToFeed(FeedItem item);

    Intervals context(String scope, ReplicaId replica);

    void putContext(String scope, ReplicaId replica, Intervals intervals);

    /** The whole context of a scope; for comparing, not for the path of a write. */
    Context context(String scope);

    /** A copy of the document's state that the caller may change; empty if there is none. */
    Document document(String scope, DocumentId id);

    /** Puts a state in place; an empty one removes the document. */
    void putDocument(String scope, DocumentId id, Document document);

    /** Marks that wait for {@code dot}; mostly none, and quick to say so. */
    List<EarlyMark> marks(String scope, Dot dot);

    /** Keeps a mark, unless one for the same dot, document and key is there that is stronger. */
    void addMark(String scope, EarlyMark mark);

    void removeMarks(String scope, Dot dot);

    /** The batch of {@code replica} whose first operation is {@code first}. */
    @Nullable BatchHead batchFrom(String scope, ReplicaId replica, long first);

    /** The batch of {@code replica} whose last operation is {@code last}. */
    @Nullable BatchHead batchTo(String scope, ReplicaId replica, long last);

    /**
     * Of the batches of {@code replica} that begin at {@code seq} or before, the one that begins
     * last: where any holds {@code seq}, it is this one.
     */
    @Nullable BatchHead batchUpTo(String scope, ReplicaId replica, long seq);

    /** The grants under which {@code replica} wrote; null if none is known. */
    @Nullable Granted granted(ReplicaId replica);

    /** Puts these in the place of those that were known of their replica. */
    void putGranted(Granted granted);

    /** The grant of {@code replica} that was given last; null if none is known. */
    default @Nullable SignedGrant grant(ReplicaId replica) {
        Granted granted = granted(replica);
        return granted == null ? null : granted.newest();
    }

    /** Has {@code grant} be the one that its replica goes by from now on. */
    default void putGrant(SignedGrant grant) {
        Granted before = granted(grant.replica());
        boolean isNews = before == null || !before.newest().equals(grant);
        if (isNews) putGranted(before == null ? Granted.of(grant) : before.ledBy(grant));
    }

    /** Adds to what is known of the replica; nothing is written where that is no news. */
    default void addGranted(Granted later) {
        Granted before = granted(later.newest().replica());
        Granted after = before == null ? later : before.with(later);
        if (!after.equals(before)) putGranted(after);
    }

    /** The same with a single one. */
    default void addGrant(SignedGrant grant) {
        addGranted(Granted.of(grant));
    }

    /**
     * Keeps what could not be applied, with the reason; a repetition of the same batch changes
     * nothing.
     */
    void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis);

    /** The refusals of {@code replica}'s batches that are in quarantine, in a fixed order. */
    List<Rejection> quarantined(String scope, ReplicaId replica);
}
