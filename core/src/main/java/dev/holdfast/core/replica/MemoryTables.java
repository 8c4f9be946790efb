package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.codec.Utf8;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on a {@link MemoryStore}, which makes these. Documents are kept as their bytes,
 * so that no caller shares a state that another changes, and every state has been through its
 * encoding. Nothing is ever dropped by retention: the feed is whole, and every batch head is known.
 */
public final class MemoryTables implements ReplicaTables {
    /** What is read where there is no such scope; never changed. */
    private static final MemoryScope NONE = new MemoryScope();

    private final MemoryStore store;
    private final TreeMap<String, Touched> touched = new TreeMap<>();
    private boolean closed;

    /** A batch that could not be applied. */
    public record Quarantined(Batch batch, Rejection.Code code, String reason, long atMillis) {}

    /** What the transaction has changed in a scope so far. */
    private static final class Touched {
        final Set<DocumentId> documents = new TreeSet<>();
        boolean feed;
        boolean outbox;
        boolean unsealed;
    }

    MemoryTables(MemoryStore store) {
        this.store = store;
    }

    void close() {
        closed = true;
    }

    List<MemoryStore.Committed> committed() {
        List<MemoryStore.Committed> changes = new ArrayList<>();
        touched.forEach((scope, what) ->
                changes.add(
                        new MemoryStore.Committed(
                                scope, what.documents, what.feed, what.outbox, what.unsealed)));
        return changes;
    }

    /**
     * Notes how to take back a change to what the caller keeps beside these tables, so that it
     * stands or falls with this transaction.
     */
    public void beside(Runnable takeBack) {
        requireOpen();
        store.noteUndo(takeBack);
    }

    /** The documents of a scope in which something stands, in order. */
    public List<DocumentId> documents(String scope) {
        return List.copyOf(seen(scope).documents.keySet());
    }

    /** What was quarantined, in the order of hashes. */
    public List<Quarantined> quarantined() {
        requireOpen();
        return List.copyOf(store.quarantined.values());
    }

    @Override
    public FeedHead lockFeed(String scope) {
        return feedHead(scope);
    }

    @Override
    public FeedHead feedHead(String scope) {
        var newest = seen(scope).feed.lastEntry();
        return newest == null ? FeedHead.START : newest.getValue().head();
    }

    @Override
    public @Nullable Bytes feedHash(String scope, long number) {
        if (number == 0) return FeedHead.START.hash();
        FeedItem item = seen(scope).feed.get(number);
        return item == null ? null : item.head().hash();
    }

    @Override
    public List<FeedItem> feedAfter(String scope, long after, int maxBytes) {
        List<FeedItem> items = new ArrayList<>();
        long bytes = 0;
        for (FeedItem item : seen(scope).feed.tailMap(after, false).values()) {
            bytes += item.batch().sizeBytes();
            if (bytes > maxBytes && !items.isEmpty()) break;
            items.add(item);
        }
        return items;
    }

    @Override
    public void appendToFeed(FeedItem item) {
        Batch batch = item.batch();
        if (item.head().number() != feedHead(batch.scope()).number() + 1) {
            throw new IllegalStateException("feed numbers follow each other");
        }
        MemoryScope scope = changed(batch.scope());
        BatchHead head =
                new BatchHead(batch.first(), batch.last(), batch.hash(), batch.body().previous());
        put(scope.feed, item.head().number(), item);
        put(scope.headsByFirst, new Dot(batch.author(), batch.first()), head);
        put(scope.headsByLast, new Dot(batch.author(), batch.last()), head);
        touched(batch.scope()).feed = true;
    }

    @Override
    public Intervals context(String scope, ReplicaId replica) {
        return seen(scope).context.getOrDefault(replica, Intervals.NONE);
    }

    @Override
    public void putContext(String scope, ReplicaId replica, Intervals intervals) {
        put(changed(scope).context, replica, intervals.isEmpty() ? null : intervals);
    }

    @Override
    public Context context(String scope) {
        return contextOf(seen(scope).context);
    }

    @Override
    public Document document(String scope, DocumentId id) {
        Bytes state = seen(scope).documents.get(id);
        return state == null ? new Document() : Document.decode(state);
    }

    @Override
    public void putDocument(String scope, DocumentId id, Document document) {
        put(changed(scope).documents, id, document.isEmpty() ? null : document.encoded());
        touched(scope).documents.add(id);
    }

    @Override
    public List<EarlyMark> marks(String scope, Dot dot) {
        return seen(scope).marks.getOrDefault(dot, List.of());
    }

    @Override
    public void addMark(String scope, EarlyMark mark) {
        List<EarlyMark> kept = new ArrayList<>();
        for (EarlyMark other : marks(scope, mark.dot())) {
            boolean same =
                    other.document().equals(mark.document()) && other.key().equals(mark.key());
            if (same && !mark.strongerThan(other)) return;
            if (!same) kept.add(other);
        }
        kept.add(mark);
        put(changed(scope).marks, mark.dot(), List.copyOf(kept));
    }

    @Override
    public void removeMarks(String scope, Dot dot) {
        if (!marks(scope, dot).isEmpty()) put(changed(scope).marks, dot, null);
    }

    @Override
    public @Nullable BatchHead batchFrom(String scope, ReplicaId replica, long first) {
        return seen(scope).headsByFirst.get(new Dot(replica, first));
    }

    @Override
    public @Nullable BatchHead batchTo(String scope, ReplicaId replica, long last) {
        return seen(scope).headsByLast.get(new Dot(replica, last));
    }

    @Override
    public @Nullable BatchHead batchUpTo(String scope, ReplicaId replica, long seq) {
        var found = seen(scope).headsByFirst.floorEntry(new Dot(replica, seq));
        return found != null && found.getKey().replica().equals(replica) ? found.getValue() : null;
    }

    @Override
    public @Nullable Granted granted(ReplicaId replica) {
        requireOpen();
        return store.grants.get(replica);
    }

    @Override
    public void putGranted(Granted granted) {
        put(store.grants, granted.newest().replica(), granted);
    }

    @Override
    public void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis) {
        if (store.quarantined.containsKey(batch.hash())) return;
        put(store.quarantined, batch.hash(), new Quarantined(batch, code, reason, nowMillis));
    }

    @Override
    public List<Rejection> quarantined(String scope, ReplicaId replica) {
        requireOpen();
        return store.quarantined.values().stream()
                .filter(kept -> kept.batch().scope().equals(scope))
                .filter(kept -> kept.batch().author().equals(replica))
                .map(kept -> Admission.refuse(kept.batch(), kept.code(), kept.reason()))
                .toList();
    }

    @Override
    public @Nullable AuthorState author(String scope) {
        requireOpen();
        return store.authors.get(scope);
    }

    @Override
    public void putAuthor(String scope, AuthorState state) {
        put(store.authors, scope, state);
    }

    @Override
    public void addUnsealed(String scope, Unsealed unsealed) {
        MemoryScope.Kept kept = new MemoryScope.Kept(unsealed, sizeBytes(unsealed));
        put(changed(scope).unsealed, unsealed.first(), kept);
        touched(scope).unsealed = true;
    }

    @Override
    public void replaceUnsealed(String scope, Unsealed unsealed) {
        MemoryScope.Kept before = seen(scope).unsealed.get(unsealed.first());
        if (before == null || before.unsealed().last() != unsealed.last()) {
            throw new IllegalStateException("no unsealed transaction has these numbers");
        }
        addUnsealed(scope, unsealed);
    }

    @Override
    public List<Unsealed> unsealed(String scope, long afterSeq, int maxBytes) {
        List<Unsealed> oldest = new ArrayList<>();
        long bytes = 0;
        for (MemoryScope.Kept kept : seen(scope).unsealed.tailMap(afterSeq, false).values()) {
            bytes += kept.sizeBytes();
            if (bytes > maxBytes && !oldest.isEmpty()) break;
            oldest.add(kept.unsealed());
        }
        return oldest;
    }

    @Override
    public void dropUnsealed(String scope, long seq) {
        NavigableMap<Long, MemoryScope.Kept> unsealed = changed(scope).unsealed;
        for (long first : List.copyOf(unsealed.headMap(seq, true).keySet())) {
            put(unsealed, first, null);
        }
    }

    @Override
    public @Nullable FeedHead placeOf(String scope, ReplicaId replica, long first) {
        for (FeedItem item : seen(scope).feed.values()) {
            Batch batch = item.batch();
            if (batch.author().equals(replica) && batch.first() == first) return item.head();
        }
        return null;
    }

    @Override
    public void addToOutbox(FeedItem item, Durability level, long nowMillis) {
        Batch batch = item.batch();
        long number = item.head().number();
        MemoryScope scope = changed(batch.scope());
        put(scope.outbox, number, new OutboxItem(number, batch, level, nowMillis));
        put(scope.outboxByFirst, new Dot(batch.author(), batch.first()), number);
        Intervals unconfirmed = scope.unconfirmed.getOrDefault(batch.author(), Intervals.NONE);
        put(scope.unconfirmed, batch.author(), unconfirmed.with(batch.first(), batch.last()));
        addOutboxBytes(batch.scope(), batch.sizeBytes());
        Touched what = touched(batch.scope());
        what.outbox = true;
        what.documents.addAll(documentsOf(batch));
    }

    @Override
    public List<OutboxItem> outbox(String scope, long after, long upTo, int maxBytes) {
        List<OutboxItem> items = new ArrayList<>();
        if (upTo <= after) return items;
        long bytes = 0;
        for (OutboxItem item : seen(scope).outbox.subMap(after, false, upTo, true).values()) {
            bytes += item.batch().sizeBytes();
            if (bytes > maxBytes && !items.isEmpty()) break;
            items.add(item);
        }
        return items;
    }

    @Override
    public Context unconfirmed(String scope) {
        return contextOf(seen(scope).unconfirmed);
    }

    @Override
    public Intervals unconfirmed(String scope, ReplicaId replica) {
        return seen(scope).unconfirmed.getOrDefault(replica, Intervals.NONE);
    }

    @Override
    public long outboxBytes() {
        requireOpen();
        long sum = 0;
        for (long bytes : store.outboxBytes.values()) sum += bytes;
        return sum;
    }

    @Override
    public Set<DocumentId> raise(String scope, Span span, Durability level) {
        Set<DocumentId> raised = new TreeSet<>();
        MemoryScope in = changed(scope);
        for (OutboxItem item : within(in, span)) {
            if (item.level().reaches(level)) continue;
            put(
                    in.outbox,
                    item.number(),
                    new OutboxItem(item.number(), item.batch(), level, item.sinceMillis()));
            raised.addAll(documentsOf(item.batch()));
        }
        if (!raised.isEmpty()) touched(scope).documents.addAll(raised);
        return raised;
    }

    @Override
    public void dropFromOutbox(String scope, Span span) {
        MemoryScope in = changed(scope);
        for (OutboxItem item : within(in, span)) {
            Batch batch = item.batch();
            put(in.outbox, item.number(), null);
            put(in.outboxByFirst, new Dot(batch.author(), batch.first()), null);
            Intervals left =
                    in.unconfirmed
                            .getOrDefault(batch.author(), Intervals.NONE)
                            .minus(Intervals.of(batch.first(), batch.last()));
            put(in.unconfirmed, batch.author(), left.isEmpty() ? null : left);
            addOutboxBytes(scope, -batch.sizeBytes());
            touched(scope).documents.addAll(documentsOf(batch));
        }
    }

    @Override
    public List<String> scopes() {
        requireOpen();
        Set<String> names = new TreeSet<>(store.scopes.keySet());
        names.addAll(store.authors.keySet());
        names.addAll(store.cursors.keySet());
        return List.copyOf(names);
    }

    @Override
    public @Nullable Cursor cursor(String scope) {
        requireOpen();
        return store.cursors.get(scope);
    }

    @Override
    public void putCursor(String scope, Cursor cursor) {
        put(store.cursors, scope, cursor);
    }

    @Override
    public void putWatermark(Receipt.Signed receipt) {
        MemoryScope scope = changed(receipt.receipt().scope());
        for (Span span : receipt.receipt().spans()) {
            ReplicaId replica = span.replica();
            var about = new MemoryScope.Reach(replica, receipt.receipt().level());
            Receipt.Signed known = scope.watermarks.get(about);
            if (known == null || furthest(known, replica) <= furthest(receipt, replica)) {
                put(scope.watermarks, about, receipt);
            }
        }
    }

    @Override
    public List<Receipt.Signed> watermarks(String scope, ReplicaId replica) {
        return List.copyOf(
                seen(scope)
                        .watermarks
                        .subMap(
                                new MemoryScope.Reach(replica, Durability.DEVICE),
                                true,
                                new MemoryScope.Reach(replica, Durability.GLOBAL),
                                true)
                        .values());
    }

    @Override
    public boolean addVerdict(Verdict verdict, long nowMillis) {
        Span span = verdict.rejection().span();
        Dot first = new Dot(span.replica(), span.from());
        MemoryScope scope = changed(verdict.rejection().scope());
        if (verdict.equals(scope.verdicts.get(first))) return false;
        put(scope.verdicts, first, verdict);
        return true;
    }

    /** In the order of their sequence numbers. */
    @Override
    public List<Verdict> verdicts(String scope, ReplicaId replica) {
        return List.copyOf(
                seen(scope)
                        .verdicts
                        .subMap(new Dot(replica, 1), true, end(replica), true)
                        .values());
    }

    @Override
    public void dropVerdict(String scope, Span span) {
        put(changed(scope).verdicts, new Dot(span.replica(), span.from()), null);
    }

    private void addOutboxBytes(String scope, long bytes) {
        put(store.outboxBytes, scope, store.outboxBytes.getOrDefault(scope, 0L) + bytes);
    }

    private static long furthest(Receipt.Signed receipt, ReplicaId replica) {
        long furthest = 0;
        for (Span span : receipt.receipt().spans()) {
            if (span.replica().equals(replica)) furthest = Math.max(furthest, span.to());
        }
        return furthest;
    }

    private static List<OutboxItem> within(MemoryScope scope, Span span) {
        List<OutboxItem> found = new ArrayList<>();
        Dot from = new Dot(span.replica(), span.from());
        Dot to = new Dot(span.replica(), span.to());
        for (long number : scope.outboxByFirst.subMap(from, true, to, true).values()) {
            OutboxItem item = scope.outbox.get(number);
            if (item != null && item.batch().last() <= span.to()) found.add(item);
        }
        return found;
    }

    private static Set<DocumentId> documentsOf(Batch batch) {
        Set<DocumentId> documents = new TreeSet<>();
        for (Operation operation : batch.body().operations()) documents.add(operation.document());
        return documents;
    }

    private static Context contextOf(Map<ReplicaId, Intervals> intervals) {
        Context context = new Context();
        intervals.forEach(context::put);
        return context;
    }

    private static Dot end(ReplicaId replica) {
        return new Dot(replica, Limits.MAX_SEQ);
    }

    /** Rather more than it takes in a batch, so that what is promised to fit does fit. */
    private static int sizeBytes(Unsealed unsealed) {
        int bytes = 32;
        for (Operation operation : unsealed.transaction().operations()) {
            bytes += 32 + Utf8.length(operation.collection()) + Utf8.length(operation.id());
            for (Edit edit : operation.edits()) {
                bytes += 16 + Utf8.length(edit.key().path()) + edit.key().element().size();
                bytes += 32 * edit.over().size();
                if (edit.payload() != null) bytes += CborWriter.encode(edit.payload()).size();
            }
        }
        return bytes;
    }

    /** The scope for reading. */
    private MemoryScope seen(String name) {
        requireOpen();
        MemoryScope scope = store.scopes.get(name);
        return scope == null ? NONE : scope;
    }

    private MemoryScope changed(String name) {
        requireOpen();
        MemoryScope scope = store.scopes.get(name);
        if (scope != null) return scope;
        MemoryScope made = new MemoryScope();
        put(store.scopes, name, made);
        return made;
    }

    private Touched touched(String scope) {
        return touched.computeIfAbsent(scope, none -> new Touched());
    }

    /** The one way in which anything changes: puts, or with null removes, and can be undone. */
    private <K, V> void put(Map<K, V> map, K key, @Nullable V value) {
        requireOpen();
        V before = value == null ? map.remove(key) : map.put(key, value);
        store.noteUndo(() -> {
            if (before == null) map.remove(key);
            else map.put(key, before);
        });
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException("this transaction is over");
    }
}
