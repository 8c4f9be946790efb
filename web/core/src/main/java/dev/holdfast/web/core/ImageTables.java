package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.replica.SuccessionTables;
import dev.holdfast.core.replica.Unsealed;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One transaction on an {@link Image}, which makes these. */
final class ImageTables implements SuccessionTables {
    private final Image image;
    private final TreeMap<String, Image.Touched> touched = new TreeMap<>();
    private final Set<ReplicaId> own;
    private boolean closed;

    ImageTables(Image image) {
        this.image = image;
        this.own = image.own();
    }

    void close() {
        closed = true;
    }

    Map<String, Image.Touched> touched() {
        return touched;
    }

    // The feed

    @Override
    public FeedHead lockFeed(String scope) {
        return feedHead(scope);
    }

    @Override
    public FeedHead feedHead(String scope) {
        return in(scope).head.rows.getOrDefault(Forms.ONLY, FeedHead.START);
    }

    @Override
    public @Nullable Bytes feedHash(String scope, long number) {
        if (number == 0) return FeedHead.START.hash();
        FeedHead head = feedHead(scope);
        return head.number() == number ? head.hash() : null;
    }

    /** Nothing: the bytes of what others wrote are not kept. */
    @Override
    public List<FeedItem> feedAfter(String scope, long after, int maxBytes) {
        return List.of();
    }

    @Override
    public void appendToFeed(FeedItem item) {
        Batch batch = item.batch();
        ScopeImage in = in(batch.scope());
        BatchHead head =
                new BatchHead(batch.first(), batch.last(), batch.hash(), batch.body().previous());
        in.head.put(Forms.ONLY, item.head());
        in.heads.put(new Dot(batch.author(), batch.first()), head);
        in.headsByLast.put(new Dot(batch.author(), batch.last()), head);
        if (!in.setAside.rows.isEmpty()) new Succession(this).met(batch);
    }

    @Override
    public @Nullable BatchHead batchFrom(String scope, ReplicaId replica, long first) {
        return in(scope).heads.rows.get(new Dot(replica, first));
    }

    @Override
    public @Nullable BatchHead batchTo(String scope, ReplicaId replica, long last) {
        return in(scope).headsByLast.rows.get(new Dot(replica, last));
    }

    @Override
    public @Nullable BatchHead batchUpTo(String scope, ReplicaId replica, long seq) {
        var found = in(scope).heads.rows.floorEntry(new Dot(replica, seq));
        return found != null && found.getKey().replica().equals(replica) ? found.getValue() : null;
    }

    /** Asked only by a node that takes in what others push. */
    @Override
    public @Nullable FeedHead placeOf(String scope, ReplicaId replica, long first) {
        throw new UnsupportedOperationException("a device takes in no pushes");
    }

    // Contexts and documents

    @Override
    public Intervals context(String scope, ReplicaId replica) {
        return in(scope).context.rows.getOrDefault(replica, Intervals.NONE);
    }

    @Override
    public void putContext(String scope, ReplicaId replica, Intervals intervals) {
        in(scope).context.put(replica, intervals.isEmpty() ? null : intervals);
    }

    @Override
    public Context context(String scope) {
        return contextOf(in(scope).context);
    }

    @Override
    public Document document(String scope, DocumentId id) {
        Bytes state = in(scope).documents.rows.get(id);
        return state == null ? new Document() : Document.decode(state);
    }

    @Override
    public void putDocument(String scope, DocumentId id, Document document) {
        in(scope).documents.put(id, document.isEmpty() ? null : document.encoded());
        touch(scope).documents.add(id);
    }

    /** The documents of a collection in which something stands, in the order of their ids. */
    List<DocumentId> documents(String scope, String collection) {
        List<DocumentId> found = new ArrayList<>();
        DocumentId from = new DocumentId(collection, "");
        for (DocumentId id : in(scope).documents.rows.tailMap(from, true).keySet()) {
            if (!id.collection().equals(collection)) break;
            found.add(id);
        }
        return found;
    }

    /** How many documents of the scope have anything in them. */
    int documentCount(String scope) {
        return in(scope).documents.rows.size();
    }

    @Override
    public List<EarlyMark> marks(String scope, Dot dot) {
        return in(scope).marks.rows.getOrDefault(dot, List.of());
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
        in(scope).marks.put(mark.dot(), List.copyOf(kept));
    }

    @Override
    public void removeMarks(String scope, Dot dot) {
        if (!marks(scope, dot).isEmpty()) in(scope).marks.put(dot, null);
    }

    // The author

    @Override
    public @Nullable AuthorState author(String scope) {
        return in(scope).author.rows.get(Forms.ONLY);
    }

    @Override
    public void putAuthor(String scope, AuthorState state) {
        in(scope).author.put(Forms.ONLY, state);
    }

    @Override
    public void addUnsealed(String scope, Unsealed unsealed) {
        ScopeImage in = in(scope);
        put(in, scope, unsealed);
        in.addOwn(unsealed.transaction().operations());
    }

    @Override
    public void replaceUnsealed(String scope, Unsealed unsealed) {
        ScopeImage in = in(scope);
        Forms.Written before = in.unsealed.rows.get(unsealed.first());
        if (before == null || before.unsealed().last() != unsealed.last())
            throw new IllegalStateException("no unsealed transaction has these numbers");
        put(in, scope, unsealed);
    }

    private void put(ScopeImage in, String scope, Unsealed unsealed) {
        in.unsealed.put(unsealed.first(), new Forms.Written(unsealed, unsealed.encoded(scope)));
        touch(scope).grew = true;
    }

    @Override
    public List<Unsealed> unsealed(String scope, long afterSeq, int maxBytes) {
        List<Unsealed> oldest = new ArrayList<>();
        long bytes = 0;
        for (Forms.Written kept : in(scope).unsealed.rows.tailMap(afterSeq, false).values()) {
            bytes += kept.encoded().size();
            if (bytes > maxBytes && !oldest.isEmpty()) break;
            oldest.add(kept.unsealed());
        }
        return oldest;
    }

    @Override
    public void dropUnsealed(String scope, long seq) {
        Table<Long, Forms.Written> unsealed = in(scope).unsealed;
        for (long first : List.copyOf(unsealed.rows.headMap(seq, true).keySet()))
            unsealed.put(first, null);
    }

    // The outbox

    @Override
    public void addToOutbox(FeedItem item, Durability level, long nowMillis) {
        Batch batch = item.batch();
        long number = item.head().number();
        ScopeImage in = in(batch.scope());
        in.outbox.put(number, new OutboxItem(number, batch, level, nowMillis));
        in.outboxByFirst.put(new Dot(batch.author(), batch.first()), number);
        Intervals known = unconfirmed(batch.scope(), batch.author());
        in.unconfirmed.put(batch.author(), known.with(batch.first(), batch.last()));
        Image.Touched what = touch(batch.scope());
        what.grew = true;
        if (isOwn(batch)) what.documents.addAll(documentsOf(batch));
    }

    @Override
    public List<OutboxItem> outbox(String scope, long after, long upTo, int maxBytes) {
        List<OutboxItem> items = new ArrayList<>();
        if (upTo <= after) return items;
        long bytes = 0;
        for (OutboxItem item : in(scope).outbox.rows.subMap(after, false, upTo, true).values()) {
            bytes += item.batch().sizeBytes();
            if (bytes > maxBytes && !items.isEmpty()) break;
            items.add(item);
        }
        return items;
    }

    @Override
    public Context unconfirmed(String scope) {
        return contextOf(in(scope).unconfirmed);
    }

    @Override
    public Intervals unconfirmed(String scope, ReplicaId replica) {
        return in(scope).unconfirmed.rows.getOrDefault(replica, Intervals.NONE);
    }

    @Override
    public long outboxBytes() {
        long sum = 0;
        for (ScopeImage scope : image.scopes.values())
            for (OutboxItem item : scope.outbox.rows.values()) sum += item.batch().sizeBytes();
        return sum;
    }

    @Override
    public Set<DocumentId> raise(String scope, Span span, Durability level) {
        Set<DocumentId> raised = new HashSet<>();
        ScopeImage in = in(scope);
        for (OutboxItem item : within(in, span)) {
            if (item.level().reaches(level)) continue;
            in.outbox.put(
                    item.number(),
                    new OutboxItem(item.number(), item.batch(), level, item.sinceMillis()));
            if (isOwn(item.batch())) raised.addAll(documentsOf(item.batch()));
        }
        if (!raised.isEmpty()) touch(scope).documents.addAll(raised);
        return raised;
    }

    @Override
    public void dropFromOutbox(String scope, Span span) {
        ScopeImage in = in(scope);
        for (OutboxItem item : within(in, span)) {
            Batch batch = item.batch();
            in.outbox.put(item.number(), null);
            in.outboxByFirst.put(new Dot(batch.author(), batch.first()), null);
            confirmed(in, batch);
            if (!isOwn(batch)) continue;
            in.dropOwn(batch.body().operations());
            touch(scope).documents.addAll(documentsOf(batch));
        }
    }

    private static void confirmed(ScopeImage in, Batch batch) {
        Intervals left =
                in.unconfirmed
                        .rows
                        .getOrDefault(batch.author(), Intervals.NONE)
                        .minus(Intervals.of(batch.first(), batch.last()));
        in.unconfirmed.put(batch.author(), left.isEmpty() ? null : left);
    }

    /**
     * How far the least of this device's own operations on a document has got; null once all of
     * them are as durable as they must be, or refused for good.
     */
    @Nullable Durability pending(String scope, DocumentId id) {
        ScopeImage in = in(scope);
        Durability least = null;
        ScopeImage.OwnWrite first = new ScopeImage.OwnWrite(id, new Dot(new ReplicaId(0, 0), 1));
        for (ScopeImage.OwnWrite write : in.own.rows.tailMap(first, true).keySet()) {
            if (!write.document().equals(id)) break;
            Durability level = level(in, write.dot());
            if (least == null || least.reaches(level)) least = level;
            if (least == Durability.DEVICE) break;
        }
        return least;
    }

    /** The same of the operations from one sequence number to another. */
    @Nullable Durability pending(String scope, long first, long last) {
        AuthorState state = author(scope);
        if (state != null && last > state.sealedSeq()) return Durability.DEVICE;
        ScopeImage in = in(scope);
        Dot start = in.outboxByFirst.rows.floorKey(new Dot(image.self(), first));
        Dot from = start == null ? new Dot(image.self(), first) : start;
        Durability least = null;
        for (long number :
                in.outboxByFirst
                        .rows
                        .subMap(from, true, new Dot(image.self(), last), true)
                        .values()) {
            OutboxItem item = in.outbox.rows.get(number);
            if (item == null || item.batch().last() < first) continue;
            if (least == null || least.reaches(item.level())) least = item.level();
        }
        return least;
    }

    private static Durability level(ScopeImage in, Dot dot) {
        var found = in.outboxByFirst.rows.floorEntry(dot);
        if (found == null || !found.getKey().replica().equals(dot.replica()))
            return Durability.DEVICE;
        OutboxItem item = in.outbox.rows.get(found.getValue());
        return item == null || item.batch().last() < dot.seq() ? Durability.DEVICE : item.level();
    }

    /**
     * What no other node is known to have.
     *
     * @param oldestMillis when the first of it was written or sealed; 0 for none
     */
    record Backlog(long operations, long bytes, long oldestMillis) {
        Backlog and(long more, long moreBytes, long sinceMillis) {
            long oldest = oldestMillis == 0 ? sinceMillis : Math.min(oldestMillis, sinceMillis);
            return new Backlog(operations + more, bytes + moreBytes, oldest);
        }
    }

    Backlog backlog() {
        Backlog sum = new Backlog(0, 0, 0);
        for (ScopeImage scope : image.scopes.values()) {
            for (OutboxItem item : scope.outbox.rows.values()) {
                if (item.level() != Durability.DEVICE) continue;
                Batch batch = item.batch();
                long operations = batch.last() - batch.first() + 1;
                sum = sum.and(operations, batch.sizeBytes(), item.sinceMillis());
            }
            for (Forms.Written kept : scope.unsealed.rows.values()) {
                List<Operation> operations = kept.unsealed().transaction().operations();
                sum =
                        sum.and(
                                operations.size(),
                                kept.encoded().size(),
                                operations.get(0).hlc().millis());
            }
        }
        return sum;
    }

    // Succession

    @Override
    public void disown(OutboxItem item) {
        Batch batch = item.batch();
        ScopeImage in = in(batch.scope());
        Dot first = new Dot(batch.author(), batch.first());
        in.outbox.put(item.number(), null);
        in.outboxByFirst.put(first, null);
        in.heads.put(first, null);
        in.headsByLast.put(new Dot(batch.author(), batch.last()), null);
        confirmed(in, batch);
    }

    @Override
    public void dropOwn(String scope, Operation operation) {
        in(scope).dropOwn(operation);
        touch(scope).documents.add(operation.document());
    }

    @Override
    public @Nullable Unsealed unsealedWith(String scope, long seq) {
        var found = in(scope).unsealed.rows.floorEntry(seq);
        Unsealed unsealed = found == null ? null : found.getValue().unsealed();
        return unsealed == null || unsealed.last() < seq ? null : unsealed;
    }

    @Override
    public void setAside(String scope, Succession.SetAside kept) {
        in(scope).setAside.put(kept.operation().dot(), kept);
    }

    @Override
    public Succession.@Nullable SetAside setAside(String scope, Dot dot) {
        return in(scope).setAside.rows.get(dot);
    }

    @Override
    public List<Succession.SetAside> setAside(String scope) {
        List<Succession.SetAside> all = new ArrayList<>(in(scope).setAside.rows.values());
        all.sort((a, b) -> Long.compare(a.newSeq(), b.newSeq()));
        return all;
    }

    @Override
    public void dropSetAside(String scope, ReplicaId replica, long from, long to) {
        Table<Dot, Succession.SetAside> setAside = in(scope).setAside;
        Dot first = new Dot(replica, from);
        Dot last = new Dot(replica, to);
        for (Dot dot : List.copyOf(setAside.rows.subMap(first, true, last, true).keySet()))
            setAside.put(dot, null);
    }

    /** Whether sealing waits until it is known what became of operations that were set aside. */
    boolean isHeld(String scope) {
        return !in(scope).setAside.rows.isEmpty();
    }

    // Refusals

    /** Must come before its batch leaves the outbox: that is where its documents are found. */
    @Override
    public boolean addVerdict(Verdict verdict, long nowMillis) {
        Span span = verdict.rejection().span();
        String scope = verdict.rejection().scope();
        ScopeImage in = in(scope);
        Dot first = new Dot(span.replica(), span.from());
        Forms.Refusal known = in.refusals.rows.get(first);
        if (known != null && known.verdict().equals(verdict)) return false;
        Set<DocumentId> documents = new TreeSet<>();
        if (known != null) documents.addAll(known.documents());
        for (OutboxItem item : within(in, span))
            if (isOwn(item.batch())) documents.addAll(documentsOf(item.batch()));
        in.refusals.put(first, new Forms.Refusal(verdict, nowMillis, List.copyOf(documents)));
        touch(scope).documents.addAll(documents);
        return true;
    }

    /** In the order of their sequence numbers. */
    @Override
    public List<Verdict> verdicts(String scope, ReplicaId replica) {
        List<Verdict> verdicts = new ArrayList<>();
        for (Forms.Refusal refusal : refusals(scope, replica)) verdicts.add(refusal.verdict());
        return verdicts;
    }

    List<Forms.Refusal> refusals(String scope, ReplicaId replica) {
        return List.copyOf(
                in(scope)
                        .refusals
                        .rows
                        .subMap(new Dot(replica, 1), true, new Dot(replica, Limits.MAX_SEQ), true)
                        .values());
    }

    @Override
    public void dropVerdict(String scope, Span span) {
        Table<Dot, Forms.Refusal> refusals = in(scope).refusals;
        Dot first = new Dot(span.replica(), span.from());
        Forms.Refusal known = refusals.rows.get(first);
        if (known == null) return;
        refusals.put(first, null);
        touch(scope).documents.addAll(known.documents());
    }

    @Override
    public void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis) {
        requireOpen();
        if (image.quarantine.rows.containsKey(batch.hash())) return;
        image.quarantine.put(batch.hash(), new Forms.Quarantined(batch, code, reason, nowMillis));
    }

    @Override
    public List<Rejection> quarantined(String scope, ReplicaId replica) {
        requireOpen();
        List<Rejection> found = new ArrayList<>();
        for (Forms.Quarantined kept : image.quarantine.rows.values()) {
            Batch batch = kept.batch();
            if (batch.scope().equals(scope) && batch.author().equals(replica))
                found.add(Admission.refuse(batch, kept.code(), kept.reason()));
        }
        return found;
    }

    // Other nodes

    @Override
    public List<String> scopes() {
        requireOpen();
        List<String> names = new ArrayList<>();
        for (var entry : image.scopes.entrySet()) {
            ScopeImage in = entry.getValue();
            boolean held =
                    !in.author.rows.isEmpty()
                            || !in.cursor.rows.isEmpty()
                            || !in.head.rows.isEmpty();
            if (held) names.add(entry.getKey());
        }
        return names;
    }

    @Override
    public @Nullable Cursor cursor(String scope) {
        return in(scope).cursor.rows.get(Forms.ONLY);
    }

    @Override
    public void putCursor(String scope, Cursor cursor) {
        in(scope).cursor.put(Forms.ONLY, cursor);
    }

    @Override
    public void putWatermark(Receipt.Signed receipt) {
        ScopeImage in = in(receipt.receipt().scope());
        for (Span span : receipt.receipt().spans()) {
            ReplicaId replica = span.replica();
            var about = new Forms.Reach(replica, receipt.receipt().level());
            Receipt.Signed known = in.watermarks.rows.get(about);
            if (known == null || furthest(known, replica) <= furthest(receipt, replica))
                in.watermarks.put(about, receipt);
            if (!own.contains(replica)) touch(receipt.receipt().scope()).heard = true;
        }
    }

    @Override
    public List<Receipt.Signed> watermarks(String scope, ReplicaId replica) {
        return List.copyOf(
                in(scope)
                        .watermarks
                        .rows
                        .subMap(
                                new Forms.Reach(replica, Durability.DEVICE),
                                true,
                                new Forms.Reach(replica, Durability.GLOBAL),
                                true)
                        .values());
    }

    @Override
    public @Nullable Granted granted(ReplicaId replica) {
        requireOpen();
        return image.grants.rows.get(replica);
    }

    @Override
    public void putGranted(Granted granted) {
        requireOpen();
        image.grants.put(granted.newest().replica(), granted);
    }

    /** A value that the page keeps beside its documents, such as what it has answered to whom. */
    @Nullable Bytes note(String name) {
        requireOpen();
        return image.notes.rows.get(name);
    }

    void putNote(String name, @Nullable Bytes value) {
        requireOpen();
        image.notes.put(name, value);
    }

    List<String> noteNames() {
        requireOpen();
        return List.copyOf(image.notes.rows.keySet());
    }

    private ScopeImage in(String scope) {
        requireOpen();
        return image.scope(scope);
    }

    private Image.Touched touch(String scope) {
        return touched.computeIfAbsent(scope, none -> new Image.Touched());
    }

    private boolean isOwn(Batch batch) {
        return own.contains(batch.author());
    }

    private static List<OutboxItem> within(ScopeImage in, Span span) {
        List<OutboxItem> found = new ArrayList<>();
        Dot from = new Dot(span.replica(), span.from());
        Dot to = new Dot(span.replica(), span.to());
        for (long number : in.outboxByFirst.rows.subMap(from, true, to, true).values()) {
            OutboxItem item = in.outbox.rows.get(number);
            if (item != null && item.batch().last() <= span.to()) found.add(item);
        }
        return found;
    }

    private static Set<DocumentId> documentsOf(Batch batch) {
        Set<DocumentId> documents = new TreeSet<>();
        for (Operation operation : batch.body().operations()) documents.add(operation.document());
        return documents;
    }

    private static long furthest(Receipt.Signed receipt, ReplicaId replica) {
        long furthest = 0;
        for (Span span : receipt.receipt().spans())
            if (span.replica().equals(replica)) furthest = Math.max(furthest, span.to());
        return furthest;
    }

    private static Context contextOf(Table<ReplicaId, Intervals> intervals) {
        Context context = new Context();
        intervals.rows.forEach(context::put);
        return context;
    }

    private void requireOpen() {
        if (closed) throw new IllegalStateException("this transaction is over");
    }
}
