package dev.holdfast.store;

import dev.holdfast.core.Bytes;
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
import dev.holdfast.core.schema.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables on one SQLite connection, whose transactions somebody else begins and ends.
 *
 * <p>What is kept, and how long, by rule:
 *
 * <ul>
 *   <li>heads of batches, contexts, documents, grants, early marks that still wait: for ever;
 *   <li>bytes of batches: by {@link Retention}; the feed is given out up to where they are missing;
 *   <li>the outbox: until an operation is confirmed as far as it must be, or refused; with it goes
 *       what says that its documents are pending;
 *   <li>unsealed transactions: until they are in a batch;
 *   <li>rejections: until the application drops them; the quarantine: for ever.
 * </ul>
 *
 * <p>Little is remembered between statements (scopes, the intervals of recent authors, where the
 * author stands, what the outbox holds), and all of it is forgotten when anything is rolled back:
 * {@link #forget()}. Not thread-safe.
 */
final class SqliteTables implements StoreTables, SuccessionTables {
    private static final String REPLICA = "store/replica";
    private static final String PREDECESSORS = "store/predecessors";
    private static final String APPLICATION = "application/";

    private final Sql sql;
    private final Retention retention;
    private final ScopeRows scopes;
    private final FeedRows feed;
    private final DocumentRows documents;
    private final ContextRows contexts;
    private final AuthorRows authors;
    private final OutboxRows outbox;
    private final RefusalRows refusals;
    private final NodeRows nodes;
    private final SetAsideRows setAside;
    private final Touched touched = new Touched();
    private @Nullable ReplicaId replica;
    private @Nullable Set<ReplicaId> predecessors;
    private long writtenBytes;

    /**
     * @param shown the schema by which documents are also kept as JSON, or null for not at all
     */
    SqliteTables(Sql sql, Retention retention, @Nullable Schema shown) {
        this.sql = sql;
        this.retention = retention;
        scopes = new ScopeRows(sql);
        feed = new FeedRows(sql, scopes);
        documents = new DocumentRows(sql, scopes, shown);
        contexts = new ContextRows(sql, scopes);
        authors = new AuthorRows(sql, scopes);
        outbox = new OutboxRows(sql, scopes);
        refusals = new RefusalRows(sql, scopes);
        nodes = new NodeRows(sql, scopes);
        setAside = new SetAsideRows(sql, scopes);
    }

    NodeRows nodes() {
        return nodes;
    }

    Sql sql() {
        return sql;
    }

    /** What was changed since it was last taken or forgotten. */
    Touched touched() {
        return touched;
    }

    /** The same as those are told who listen. */
    List<Committed> committed(Touched committed) {
        List<Committed> all = new ArrayList<>();
        committed
                .scopes()
                .forEach((scope, what) ->
                        all.add(
                                new Committed(
                                        scope,
                                        what.documents,
                                        what.every,
                                        scopes.head(scope),
                                        what.feed,
                                        what.outbox,
                                        what.unsealed)));
        return all;
    }

    /** Bytes of states and batches put since the start; rises only. */
    long writtenBytes() {
        return writtenBytes;
    }

    /** To be called after any rollback, and on a connection that does not write before each use. */
    void forget() {
        scopes.forget();
        contexts.forget();
        authors.forget();
        outbox.forget();
        setAside.forget();
        nodes.forget();
        touched.clear();
        replica = null;
        predecessors = null;
    }

    // The feed

    @Override
    public FeedHead lockFeed(String scope) {
        return scopes.head(scope); // the one writer holds the lock of the whole database
    }

    @Override
    public FeedHead feedHead(String scope) {
        return scopes.head(scope);
    }

    @Override
    public @Nullable Bytes feedHash(String scope, long number) {
        return feed.running(scope, number);
    }

    @Override
    public List<FeedItem> feedAfter(String scope, long after, int maxBytes) {
        return feed.after(scope, after, maxBytes);
    }

    @Override
    public void appendToFeed(FeedItem item) {
        String scope = item.batch().scope();
        boolean withBody = retention == Retention.ALL;
        feed.append(item, withBody);
        if (withBody) writtenBytes += item.batch().sizeBytes();
        touched.in(scope).feed = true;
        if (setAside.any()) new Succession(this).met(item.batch());
    }

    @Override
    public @Nullable BatchHead batchFrom(String scope, ReplicaId replica, long first) {
        return feed.from(scope, replica, first);
    }

    @Override
    public @Nullable BatchHead batchTo(String scope, ReplicaId replica, long last) {
        return feed.to(scope, replica, last);
    }

    @Override
    public @Nullable BatchHead batchUpTo(String scope, ReplicaId replica, long seq) {
        return feed.upTo(scope, replica, seq);
    }

    // Contexts and documents

    @Override
    public Intervals context(String scope, ReplicaId replica) {
        return contexts.of(scope, replica);
    }

    @Override
    public void putContext(String scope, ReplicaId replica, Intervals intervals) {
        contexts.put(scope, replica, intervals);
    }

    @Override
    public Context context(String scope) {
        return contexts.all(scope);
    }

    @Override
    public Document document(String scope, DocumentId id) {
        return documents.get(scope, id);
    }

    @Override
    public void putDocument(String scope, DocumentId id, Document document) {
        writtenBytes += documents.put(scope, id, document);
        touched.in(scope).add(List.of(id));
    }

    @Override
    public List<DocumentId> documents(String scope, String collection, String after, int limit) {
        return documents.ids(scope, collection, after, limit);
    }

    @Override
    public List<EarlyMark> marks(String scope, Dot dot) {
        return contexts.marks(scope, dot);
    }

    @Override
    public void addMark(String scope, EarlyMark mark) {
        contexts.addMark(scope, mark);
    }

    @Override
    public void removeMarks(String scope, Dot dot) {
        contexts.removeMarks(scope, dot);
    }

    // The author

    @Override
    public ReplicaId replica() {
        if (replica == null) {
            Bytes noted = nodes.note(REPLICA);
            if (noted == null) throw new IllegalStateException("a store without an author");
            replica = ReplicaId.of(noted);
        }
        return replica;
    }

    boolean hasReplica() {
        return nodes.note(REPLICA) != null;
    }

    void putReplica(ReplicaId next) {
        nodes.putNote(REPLICA, next.bytes());
        replica = next;
    }

    /** The authors that this store had before; their operations are its own as well. */
    Set<ReplicaId> predecessors() {
        Set<ReplicaId> known = predecessors;
        if (known != null) return known;
        Set<ReplicaId> found = new HashSet<>();
        Bytes noted = nodes.note(PREDECESSORS);
        for (int at = 0; noted != null && at < noted.size(); at += ReplicaId.BYTES) {
            found.add(ReplicaId.of(noted.slice(at, at + ReplicaId.BYTES)));
        }
        predecessors = found;
        return found;
    }

    void addPredecessor(ReplicaId old) {
        Bytes noted = nodes.note(PREDECESSORS);
        nodes.putNote(PREDECESSORS, (noted == null ? Bytes.EMPTY : noted).concat(old.bytes()));
        predecessors = null;
    }

    /** Whether sealing waits until it is known what became of operations that were set aside. */
    boolean isHeld(String scope) {
        return setAside.any(scope);
    }

    @Override
    public void setAside(String scope, Succession.SetAside kept) {
        setAside.add(scope, kept);
    }

    @Override
    public Succession.@Nullable SetAside setAside(String scope, Dot dot) {
        return setAside.of(scope, dot);
    }

    @Override
    public List<Succession.SetAside> setAside(String scope) {
        return setAside.all(scope);
    }

    @Override
    public void dropSetAside(String scope, ReplicaId replica, long from, long to) {
        setAside.drop(scope, replica, from, to);
    }

    @Override
    public @Nullable Unsealed unsealedWith(String scope, long seq) {
        return authors.unsealedWith(scope, seq);
    }

    @Override
    public void dropOwn(String scope, Operation operation) {
        authors.dropOwn(scope, operation);
        touched.in(scope).add(List.of(operation.document()));
    }

    @Override
    public void disown(OutboxItem item) {
        Span span = Span.of(item.batch());
        String scope = item.batch().scope();
        for (OutboxRows.Kept kept : outbox.within(scope, span)) {
            outbox.drop(scope, span.replica(), kept);
            feed.disown(kept.place());
            if (retention == Retention.OWN_UNCONFIRMED) feed.dropBody(kept.place());
        }
    }

    private boolean isOwn(String scope, ReplicaId author) {
        return authors.isOwn(scope, author) || predecessors().contains(author);
    }

    @Override
    public @Nullable AuthorState author(String scope) {
        return authors.state(scope);
    }

    @Override
    public void putAuthor(String scope, AuthorState state) {
        authors.putState(scope, state);
    }

    @Override
    public void addUnsealed(String scope, Unsealed unsealed) {
        writtenBytes += authors.add(scope, unsealed);
        touched.in(scope).unsealed = true;
    }

    @Override
    public void replaceUnsealed(String scope, Unsealed unsealed) {
        if (!authors.has(scope, unsealed)) {
            throw new IllegalStateException("no unsealed transaction has these numbers");
        }
        writtenBytes += authors.put(scope, unsealed);
        touched.in(scope).unsealed = true;
    }

    @Override
    public List<Unsealed> unsealed(String scope, long afterSeq, int maxBytes) {
        return authors.unsealed(scope, afterSeq, maxBytes);
    }

    @Override
    public void dropUnsealed(String scope, long seq) {
        authors.dropUnsealed(scope, seq);
    }

    // The outbox

    @Override
    public @Nullable FeedHead placeOf(String scope, ReplicaId replica, long first) {
        return feed.placeOf(scope, replica, first);
    }

    @Override
    public void addToOutbox(FeedItem item, Durability level, long nowMillis) {
        Batch batch = item.batch();
        outbox.add(item, level, nowMillis);
        if (retention == Retention.OWN_UNCONFIRMED) {
            feed.putBody(batch.scope(), item.head().number(), batch);
            writtenBytes += batch.sizeBytes();
        }
        touched.in(batch.scope()).outbox = true;
        if (isOwn(batch.scope(), batch.author())) {
            touched.in(batch.scope()).add(documentsOf(batch));
        }
    }

    @Override
    public List<OutboxItem> outbox(String scope, long after, long upTo, int maxBytes) {
        return outbox.items(scope, after, upTo, maxBytes);
    }

    @Override
    public Context unconfirmed(String scope) {
        return outbox.unconfirmed(scope);
    }

    @Override
    public Intervals unconfirmed(String scope, ReplicaId replica) {
        return outbox.unconfirmed(scope, replica);
    }

    @Override
    public long outboxBytes() {
        return outbox.bytes();
    }

    /** Answers documents of this store's own batches only; a node does not show others' levels. */
    @Override
    public Set<DocumentId> raise(String scope, Span span, Durability level) {
        Set<DocumentId> raised = new HashSet<>();
        boolean own = isOwn(scope, span.replica());
        boolean any = false;
        for (OutboxRows.Kept kept : outbox.within(scope, span)) {
            if (kept.level().reaches(level)) continue;
            any = true;
            if (own) raised.addAll(documentsAt(kept.place()));
        }
        if (any) outbox.raise(scope, span, level);
        if (!raised.isEmpty()) touched.in(scope).add(raised);
        return raised;
    }

    @Override
    public void dropFromOutbox(String scope, Span span) {
        boolean own = isOwn(scope, span.replica());
        for (OutboxRows.Kept kept : outbox.within(scope, span)) {
            if (own) {
                Batch batch = feed.body(kept.place());
                if (batch != null) {
                    authors.dropOwn(scope, batch);
                    touched.in(scope).add(documentsOf(batch));
                }
            }
            outbox.drop(scope, span.replica(), kept);
            if (retention == Retention.OWN_UNCONFIRMED) feed.dropBody(kept.place());
        }
    }

    @Override
    public Optional<Durability> pending(String scope, DocumentId id) {
        return outbox.pending(scope, id);
    }

    @Override
    public Optional<Durability> pending(String scope, ReplicaId author, long first, long last) {
        AuthorState state = authors.state(scope);
        boolean unsealed =
                state != null && state.replica().equals(author) && last > state.sealedSeq();
        return unsealed
                ? Optional.of(Durability.DEVICE)
                : outbox.pending(scope, author, first, last);
    }

    @Override
    public Backlog backlog() {
        return outbox.backlog().and(authors.backlog());
    }

    @Override
    public List<DocumentId> pendingDocuments(String scope, DocumentId after, int limit) {
        return authors.pending(scope, after, limit);
    }

    // Refusals

    /** Must come before its batch leaves the outbox: that is where its documents are found. */
    @Override
    public boolean addVerdict(Verdict verdict, long nowMillis) {
        Rejection rejection = verdict.rejection();
        Set<DocumentId> documents = new HashSet<>();
        if (isOwn(rejection.scope(), rejection.span().replica())) {
            for (OutboxRows.Kept kept : outbox.within(rejection.scope(), rejection.span())) {
                documents.addAll(documentsAt(kept.place()));
            }
        }
        if (!refusals.add(verdict, nowMillis, documents)) return false;
        touched.in(rejection.scope()).add(documents);
        return true;
    }

    @Override
    public List<Verdict> verdicts(String scope, ReplicaId replica) {
        return refusals.verdicts(scope, replica);
    }

    @Override
    public List<Rejection> rejections(String scope, DocumentId id) {
        return refusals.of(scope, id);
    }

    @Override
    public List<Rejection> rejections(String scope) {
        return refusals.of(scope);
    }

    @Override
    public List<DocumentId> rejectedDocuments(String scope, Span span) {
        return refusals.documents(scope, span);
    }

    @Override
    public void dropVerdict(String scope, Span span) {
        touched.in(scope).add(refusals.drop(scope, span));
    }

    @Override
    public void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis) {
        refusals.quarantine(batch, code, reason, nowMillis);
        writtenBytes += batch.sizeBytes();
    }

    @Override
    public List<Rejection> quarantined(String scope, ReplicaId replica) {
        return refusals.quarantined(scope, replica);
    }

    @Override
    public boolean settle(Bytes hash, String by, String why, long atMillis) {
        return refusals.settle(hash, atMillis, by, why);
    }

    @Override
    public boolean reopen(Bytes hash) {
        return refusals.settle(hash, null, null, null);
    }

    // Other nodes

    @Override
    public List<String> scopes() {
        return scopes.names();
    }

    @Override
    public @Nullable Cursor cursor(String scope) {
        return nodes.cursor(scope);
    }

    @Override
    public void putCursor(String scope, Cursor cursor) {
        nodes.putCursor(scope, cursor);
    }

    @Override
    public void putWatermark(Receipt.Signed receipt) {
        nodes.putWatermark(receipt);
    }

    @Override
    public List<Receipt.Signed> watermarks(String scope, ReplicaId replica) {
        return nodes.watermarks(scope, replica);
    }

    @Override
    public @Nullable Granted granted(ReplicaId replica) {
        return nodes.granted(replica);
    }

    @Override
    public void putGranted(Granted granted) {
        nodes.putGranted(granted);
    }

    @Override
    public Optional<Bytes> note(String name) {
        return Optional.ofNullable(nodes.note(APPLICATION + name));
    }

    @Override
    public void putNote(String name, Bytes value) {
        nodes.putNote(APPLICATION + name, value);
    }

    private Collection<DocumentId> documentsAt(long place) {
        Batch batch = feed.body(place);
        return batch == null ? List.of() : documentsOf(batch);
    }

    private static Collection<DocumentId> documentsOf(Batch batch) {
        List<DocumentId> documents = new ArrayList<>();
        for (Operation operation : batch.body().operations()) documents.add(operation.document());
        return documents;
    }
}
