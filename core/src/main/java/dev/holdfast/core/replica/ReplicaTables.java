package dev.holdfast.core.replica;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a node below a region: what a device and an edge store beyond {@link Tables}. The
 * outbox holds the batches that the node above has not yet confirmed as far as they must be
 * retained; on a device its own, at an edge those of everybody who pushed them here.
 */
public interface ReplicaTables extends Tables {
    /** Where this store's author stands; null before its first write in the scope. */
    @Nullable AuthorState author(String scope);

    void putAuthor(String scope, AuthorState state);

    /** Keeps a transaction of this store's author, and which documents its operations touch. */
    void addUnsealed(String scope, Unsealed unsealed);

    /** Replaces one with the same sequence numbers. */
    void replaceUnsealed(String scope, Unsealed unsealed);

    /**
     * The oldest ones after {@code afterSeq}, up to about {@code maxBytes} encoded (at least one,
     * if there is one).
     */
    List<Unsealed> unsealed(String scope, long afterSeq, int maxBytes);

    /** Forgets those up to {@code seq}: they are in a batch now. */
    void dropUnsealed(String scope, long seq);

    /** Where the batch of {@code replica} that begins with {@code first} stands in the feed. */
    @Nullable FeedHead placeOf(String scope, ReplicaId replica, long first);

    /** Puts a batch that is in the feed into the outbox. */
    void addToOutbox(FeedItem item, Durability level, long nowMillis);

    /**
     * What is in the outbox after {@code after} and up to {@code upTo} in feed order, about {@code
     * maxBytes} of it.
     */
    List<OutboxItem> outbox(String scope, long after, long upTo, int maxBytes);

    /** Which dots are in the outbox. */
    Context unconfirmed(String scope);

    /** Which of {@code replica}'s operations are in the outbox. */
    Intervals unconfirmed(String scope, ReplicaId replica);

    /** Bytes of batches in the outbox, of all scopes. */
    long outboxBytes();

    /**
     * Raises the level of the outbox's batches within {@code span} (its hash is checked by the
     * caller). Answers the documents whose durability this changed, as far as the store keeps track
     * of it.
     */
    Set<DocumentId> raise(String scope, Span span, Durability level);

    /** Takes batches within {@code span} out of the outbox: confirmed, or refused. */
    void dropFromOutbox(String scope, Span span);

    /** The scopes that this store holds anything of. */
    List<String> scopes();

    /** How far this node has followed the feed of the node above; null at the start. */
    @Nullable Cursor cursor(String scope);

    void putCursor(String scope, Cursor cursor);

    /**
     * Keeps a region's receipt about one replica, for the authors that ask for it later: per scope,
     * replica and level the one that reaches furthest. A receipt about several replicas is kept for
     * each.
     */
    void putWatermark(Receipt.Signed receipt);

    /** The receipts kept about {@code replica}. */
    List<Receipt.Signed> watermarks(String scope, ReplicaId replica);

    /** Keeps a refusal, in place of another of the same batch; answers whether that is news. */
    boolean addVerdict(Verdict verdict, long nowMillis);

    /** Those of {@code replica}'s batches, oldest first. */
    List<Verdict> verdicts(String scope, ReplicaId replica);

    /** Forgets what was kept of the refusal of {@code span}. */
    void dropVerdict(String scope, Span span);
}
