package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Tables;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a region stores beyond {@link Tables}, in one transaction: where its own authors stand, what
 * idempotency keys wrote, messages that are none, what other regions have. PostgreSQL and, for the
 * simulator, memory implement it.
 */
public interface RegionTables extends Tables {
    /**
     * Reads at once what applying these batches will ask for, and locks their scopes. What is
     * missed is read when it is asked for; so this is for speed, and may do nothing.
     */
    void prefetch(List<Batch> batches, List<ReplicaId> authors);

    /** Reads these documents at once; for speed, and may do nothing. */
    default void prefetch(String scope, Collection<DocumentId> documents) {}

    /** Where one of this region's authors stands in a scope; null before its first write there. */
    @Nullable AuthorState author(String scope, ReplicaId replica);

    void putAuthor(String scope, AuthorState state);

    /** Whether {@code replica} has written here as one of this region's authors, in any scope. */
    boolean hasAuthored(ReplicaId replica);

    /** What an idempotency key wrote; null if it is new. */
    @Nullable Remembered remembered(String subject, String scope, String key);

    void remember(String subject, String scope, String key, Remembered write, long nowMillis);

    /** Documents of a collection by id after {@code after}, those that exist for a reader. */
    List<DocumentId> documents(String scope, String collection, String after, int limit);

    /** The heads of those of these scopes that there is anything of. */
    Map<String, FeedHead> feedHeads(Collection<String> scopes);

    /** Who wrote what came into the feed after {@code after}, up to {@code upTo}. */
    Set<ReplicaId> authorsAfter(String scope, long after, long upTo);

    /**
     * Keeps a message of the log that is no message, with the reason; a repetition changes nothing.
     *
     * @param scope as its property says, which may be anything
     */
    void quarantineMessage(String scope, Bytes body, String reason, long nowMillis);

    /** Of the newest {@code most} that came into quarantine, the batches of these scopes. */
    List<Rejection> latelyQuarantined(Collection<String> scopes, int most);

    /** Batches and messages in quarantine that nobody has settled, of all scopes. */
    long openQuarantine();

    /**
     * The first {@code most} of the scopes after {@code after} that there is anything of, or that
     * are {@link #followed} elsewhere, by name.
     */
    List<String> scopes(String after, int most);

    /** How far this region has followed the feed of another one; null at the start. */
    @Nullable FeedHead followed(String scope, ReplicaId region);

    void putFollowed(String scope, ReplicaId region, FeedHead place);

    /**
     * What other regions last said that they have applied of these authors: by region, all that it
     * has of those that it said anything of.
     */
    Map<ReplicaId, List<Span>> elsewhere(String scope, Collection<ReplicaId> authors);

    /**
     * Keeps what another region says that it has applied of one author, in place of what it said of
     * that before.
     */
    void putElsewhere(String scope, ReplicaId author, ReplicaId region, List<Span> spans);

    /**
     * The first {@code most} of the words of other regions after {@code after}. Numbers that are
     * given out at the same time may become visible in another order.
     */
    List<Said> said(long after, int most);

    /** The number of the newest word of another region; 0 before the first. */
    long lastSaid();

    /**
     * That another region said something of an author.
     *
     * @param number greater than of all that was said long before
     */
    record Said(long number, String scope, ReplicaId author) {}

    /**
     * What a request under an idempotency key became.
     *
     * @param request the hash of what was asked
     * @param dot of the last operation; null where nothing had to be changed
     */
    record Remembered(Bytes request, @Nullable Dot dot) {}
}
