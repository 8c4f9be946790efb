package dev.holdfast.region.store;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.replica.Unsealed;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A region's tables as its author wants them. A region answers to nobody above, so its outbox is
 * empty and what it wrote is confirmed by being there; and it seals in the transaction that writes,
 * so that unsealed transactions live only here. Not thread-safe.
 */
final class AuthoringTables extends ForwardingTables implements ReplicaTables {
    private final RegionTables tables;
    private final ReplicaId replica;
    private final List<Unsealed> unsealed = new ArrayList<>();

    AuthoringTables(RegionTables tables, ReplicaId replica) {
        this.tables = tables;
        this.replica = replica;
    }

    @Override
    RegionTables inner() {
        return tables;
    }

    @Override
    public @Nullable AuthorState author(String scope) {
        return tables.author(scope, replica);
    }

    @Override
    public void putAuthor(String scope, AuthorState state) {
        tables.putAuthor(scope, state);
    }

    @Override
    public void addUnsealed(String scope, Unsealed transaction) {
        unsealed.add(transaction);
    }

    @Override
    public void replaceUnsealed(String scope, Unsealed transaction) {
        unsealed.replaceAll(kept -> kept.first() == transaction.first() ? transaction : kept);
    }

    @Override
    public List<Unsealed> unsealed(String scope, long afterSeq, int maxBytes) {
        // One at a time: large ones, such as corrections, are not to meet in one batch.
        return unsealed.stream().filter(kept -> kept.first() > afterSeq).limit(1).toList();
    }

    @Override
    public void dropUnsealed(String scope, long seq) {
        unsealed.removeIf(kept -> kept.last() <= seq);
    }

    // Nothing goes up from here.

    @Override
    public @Nullable FeedHead placeOf(String scope, ReplicaId replica, long first) {
        return null;
    }

    @Override
    public void addToOutbox(FeedItem item, Durability level, long nowMillis) {}

    @Override
    public List<OutboxItem> outbox(String scope, long after, long upTo, int maxBytes) {
        return List.of();
    }

    @Override
    public Context unconfirmed(String scope) {
        return new Context();
    }

    @Override
    public Intervals unconfirmed(String scope, ReplicaId replica) {
        return Intervals.NONE;
    }

    @Override
    public long outboxBytes() {
        return 0;
    }

    @Override
    public Set<DocumentId> raise(String scope, Span span, Durability level) {
        return Set.of();
    }

    @Override
    public void dropFromOutbox(String scope, Span span) {}

    @Override
    public @Nullable Cursor cursor(String scope) {
        return null;
    }

    @Override
    public List<Receipt.Signed> watermarks(String scope, ReplicaId about) {
        return List.of();
    }

    @Override
    public List<Verdict> verdicts(String scope, ReplicaId about) {
        return List.of();
    }

    @Override
    public List<String> scopes() {
        throw noSuchThing();
    }

    @Override
    public void putCursor(String scope, Cursor cursor) {
        throw noSuchThing();
    }

    @Override
    public void putWatermark(Receipt.Signed receipt) {
        throw noSuchThing();
    }

    @Override
    public boolean addVerdict(Verdict verdict, long nowMillis) {
        throw noSuchThing();
    }

    @Override
    public void dropVerdict(String scope, Span span) {
        throw noSuchThing();
    }

    private static UnsupportedOperationException noSuchThing() {
        return new UnsupportedOperationException("a region has no node above it");
    }
}
