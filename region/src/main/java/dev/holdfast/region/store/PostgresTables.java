package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.store.Row.OfDocument;
import dev.holdfast.region.store.Row.OfReplica;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on a region's PostgreSQL.
 *
 * <p>A transaction applies hundreds of operations, so it does not speak to the database for each:
 * {@link #prefetch} reads what they will need in a handful of statements, writes are kept here
 * until {@link #flush}, which is part of the transaction and sends one statement per table. What
 * was not prefetched is read when it is asked for, and remembered.
 *
 * <p>A transaction that writes locks each scope before it reads anything of it, so that what it
 * remembers cannot change meanwhile; several scopes at once in the order of their names. Not
 * thread-safe.
 */
final class PostgresTables implements RegionTables {
    private final Sql sql;
    private final boolean writing;
    private final FeedRows feed;
    private final HeadRows heads;
    private final MarkRows marks;
    private final DocumentRows documents;
    private final DueRows due;
    private final Schema schema;
    private final Cached<OfReplica, Intervals> contexts = new Cached<>();
    private final Cached<OfReplica, AuthorState> authors = new Cached<>();
    private final Cached<ReplicaId, Granted> grants = new Cached<>();

    /**
     * @param schema by which documents are shown
     * @param rows which documents are rows of the application's tables
     * @param writing whether scopes are locked
     */
    PostgresTables(Sql sql, Schema schema, TableScopes rows, boolean writing) {
        this.sql = sql;
        this.writing = writing;
        this.schema = schema;
        documents = new DocumentRows(sql, schema);
        due = new DueRows(sql, rows);
        feed = new FeedRows(sql);
        heads = new HeadRows(sql);
        marks = new MarkRows(sql);
    }

    @Override
    public void prefetch(List<Batch> batches, List<ReplicaId> authors) {
        TreeSet<String> scopes = new TreeSet<>();
        TreeSet<OfReplica> seen = new TreeSet<>();
        TreeSet<OfDocument> touched = new TreeSet<>();
        for (Batch batch : batches) {
            scopes.add(batch.scope());
            seen.add(new OfReplica(batch.scope(), batch.author()));
            for (Operation operation : batch.body().operations()) {
                touched.add(new OfDocument(batch.scope(), operation.document()));
                for (Edit edit : operation.edits()) {
                    for (Dot dot : edit.over())
                        seen.add(new OfReplica(batch.scope(), dot.replica()));
                }
            }
        }
        if (writing) feed.lock(scopes);
        if (!batches.isEmpty()) {
            prefetchContexts(List.copyOf(seen));
            documents.prefetch(List.copyOf(touched));
            heads.prefetch(batches);
            marks.prefetch(batches);
        }
        if (!authors.isEmpty()) prefetchGrants(new TreeSet<>(authors));
    }

    @Override
    public void prefetch(String scope, Collection<DocumentId> ids) {
        enter(scope);
        documents.prefetch(
                ids.stream().distinct().map(id -> new OfDocument(scope, id)).sorted().toList());
    }

    // The feed

    @Override
    public FeedHead lockFeed(String scope) {
        if (!writing) throw new IllegalStateException("a reader locks nothing");
        enter(scope);
        return feed.head(scope);
    }

    @Override
    public FeedHead feedHead(String scope) {
        enter(scope);
        return feed.head(scope);
    }

    @Override
    public @Nullable Bytes feedHash(String scope, long number) {
        enter(scope);
        flush();
        return feed.hash(scope, number);
    }

    @Override
    public List<FeedItem> feedAfter(String scope, long after, int maxBytes) {
        enter(scope);
        flush();
        return feed.after(scope, after, maxBytes);
    }

    @Override
    public Map<String, FeedHead> feedHeads(Collection<String> scopes) {
        flush();
        return feed.heads(scopes);
    }

    @Override
    public Set<ReplicaId> authorsAfter(String scope, long after, long upTo) {
        enter(scope);
        flush();
        return feed.authorsAfter(scope, after, upTo);
    }

    @Override
    public void appendToFeed(FeedItem item) {
        Batch batch = item.batch();
        feed.append(item);
        heads.learn(
                batch.scope(),
                batch.author(),
                new BatchHead(batch.first(), batch.last(), batch.hash(), batch.body().previous()));
    }

    @Override
    public @Nullable BatchHead batchFrom(String scope, ReplicaId replica, long first) {
        enter(scope);
        return heads.from(scope, replica, first);
    }

    @Override
    public @Nullable BatchHead batchTo(String scope, ReplicaId replica, long last) {
        enter(scope);
        return heads.to(scope, replica, last);
    }

    @Override
    public @Nullable BatchHead batchUpTo(String scope, ReplicaId replica, long seq) {
        enter(scope);
        return heads.upTo(scope, replica, seq);
    }

    // Contexts and documents

    @Override
    public Intervals context(String scope, ReplicaId replica) {
        enter(scope);
        Intervals intervals = contexts.get(new OfReplica(scope, replica), this::readContext);
        return intervals == null ? Intervals.NONE : intervals;
    }

    @Override
    public void putContext(String scope, ReplicaId replica, Intervals intervals) {
        contexts.put(new OfReplica(scope, replica), intervals);
    }

    @Override
    public Context context(String scope) {
        enter(scope);
        flush();
        Context context = new Context();
        sql.each(
                "SELECT replica, intervals FROM context WHERE scope = ?",
                row ->
                        context.put(
                                ReplicaId.of(Sql.bytes(row, 1)),
                                Intervals.decode(Sql.bytes(row, 2))),
                scope);
        return context;
    }

    @Override
    public Document document(String scope, DocumentId id) {
        enter(scope);
        return documents.get(new OfDocument(scope, id));
    }

    @Override
    public void putDocument(String scope, DocumentId id, Document document) {
        documents.put(new OfDocument(scope, id), document);
    }

    @Override
    public List<DocumentId> documents(String scope, String collection, String after, int limit) {
        enter(scope);
        flush();
        return documents.ids(scope, collection, after, limit);
    }

    @Override
    public List<EarlyMark> marks(String scope, Dot dot) {
        enter(scope);
        return marks.of(scope, dot);
    }

    @Override
    public void addMark(String scope, EarlyMark mark) {
        marks.add(scope, mark);
    }

    @Override
    public void removeMarks(String scope, Dot dot) {
        marks.remove(scope, dot);
    }

    // Authors

    @Override
    public @Nullable Granted granted(ReplicaId replica) {
        return grants.get(replica, key -> grantedIn(sql, key));
    }

    /** All that is kept of {@code replica}'s grants; null for none. */
    static @Nullable Granted grantedIn(Sql sql, ReplicaId replica) {
        List<SignedGrant> all =
                sql.list(
                        "SELECT bytes FROM author_grant WHERE replica = ? ORDER BY place",
                        row -> SignedGrant.decode(Sql.bytes(row, 1)),
                        replica.bytes());
        return all.isEmpty() ? null : new Granted(all);
    }

    @Override
    public void putGranted(Granted granted) {
        grants.put(granted.newest().replica(), granted);
    }

    @Override
    public @Nullable AuthorState author(String scope, ReplicaId replica) {
        enter(scope);
        return authors.get(
                new OfReplica(scope, replica),
                key ->
                        sql.one(
                                "SELECT next_seq, sealed_seq, sealed_hash, hlc FROM author"
                                        + " WHERE scope = ? AND replica = ?",
                                row ->
                                        new AuthorState(
                                                replica,
                                                row.getLong(1),
                                                row.getLong(2),
                                                Sql.bytes(row, 3),
                                                new Hlc(row.getLong(4))),
                                scope,
                                replica.bytes()));
    }

    @Override
    public void putAuthor(String scope, AuthorState state) {
        authors.put(new OfReplica(scope, state.replica()), state);
    }

    @Override
    public boolean hasAuthored(ReplicaId replica) {
        flush();
        return sql.one(
                        "SELECT 1 FROM author WHERE replica = ? LIMIT 1",
                        row -> true,
                        replica.bytes())
                != null;
    }

    @Override
    public @Nullable Remembered remembered(String subject, String scope, String key) {
        enter(scope);
        return sql.one(
                "SELECT request, replica, seq FROM idempotency"
                        + " WHERE subject = ? AND scope = ? AND key = ?",
                row -> {
                    byte[] replica = row.getBytes(2);
                    return new Remembered(
                            Sql.bytes(row, 1),
                            replica == null
                                    ? null
                                    : new Dot(ReplicaId.of(Bytes.wrap(replica)), row.getLong(3)));
                },
                subject,
                scope,
                key);
    }

    @Override
    public void remember(
            String subject, String scope, String key, Remembered write, long nowMillis) {
        Dot dot = write.dot();
        sql.run(
                "INSERT INTO idempotency (subject, scope, key, request, replica, seq, at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, to_timestamp(? / 1000.0))",
                subject,
                scope,
                key,
                write.request(),
                dot == null ? null : dot.replica().bytes(),
                dot == null ? null : dot.seq(),
                nowMillis);
    }

    // The quarantine

    @Override
    public void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis) {
        sql.run(
                "INSERT INTO quarantine (hash, scope, replica, first, last, bytes, code, reason,"
                        + " at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, to_timestamp(? / 1000.0))"
                        + " ON CONFLICT DO NOTHING",
                batch.hash(),
                batch.scope(),
                batch.author().bytes(),
                batch.first(),
                batch.last(),
                batch.encoded(),
                (long) code.code(),
                readable(reason),
                nowMillis);
    }

    // Other regions

    @Override
    public List<String> scopes(String after, int most) {
        return sql.list(
                """
                SELECT name FROM scope WHERE name > ? AND number > 0
                UNION
                SELECT scope FROM mirror_cursor WHERE scope > ?
                ORDER BY 1 LIMIT ?\
                """,
                row -> Sql.text(row, 1),
                after,
                after,
                (long) most);
    }

    @Override
    public @Nullable FeedHead followed(String scope, ReplicaId region) {
        return sql.one(
                "SELECT number, running FROM mirror_cursor WHERE scope = ? AND region = ?",
                row -> new FeedHead(row.getLong(1), Sql.bytes(row, 2)),
                scope,
                region.bytes());
    }

    @Override
    public void putFollowed(String scope, ReplicaId region, FeedHead place) {
        sql.run(
                """
                INSERT INTO mirror_cursor (scope, region, number, running) VALUES (?, ?, ?, ?)
                ON CONFLICT (scope, region) DO UPDATE
                SET number = excluded.number, running = excluded.running\
                """,
                scope,
                region.bytes(),
                place.number(),
                place.hash());
    }

    @Override
    public Map<ReplicaId, List<Span>> elsewhere(String scope, Collection<ReplicaId> authors) {
        Map<ReplicaId, List<Span>> all = new TreeMap<>();
        sql.each(
                """
                SELECT region, replica, first, last, hash FROM mirror_has
                WHERE scope = ? AND replica = ANY (?) ORDER BY region, replica, first\
                """,
                row ->
                        all.computeIfAbsent(
                                        ReplicaId.of(Sql.bytes(row, 1)), none -> new ArrayList<>())
                                .add(
                                        new Span(
                                                ReplicaId.of(Sql.bytes(row, 2)),
                                                row.getLong(3),
                                                row.getLong(4),
                                                Sql.bytes(row, 5))),
                scope,
                sql.bytes(List.copyOf(authors), ReplicaId::bytes));
        return all;
    }

    @Override
    public void putElsewhere(String scope, ReplicaId author, ReplicaId region, List<Span> spans) {
        sql.run(
                "DELETE FROM mirror_has WHERE scope = ? AND replica = ? AND region = ?",
                scope,
                author.bytes(),
                region.bytes());
        sql.run(
                """
                INSERT INTO mirror_has (scope, replica, region, first, last, hash)
                SELECT ?, ?, ?, u.* FROM unnest(?, ?, ?) AS u (first, last, hash)
                ON CONFLICT (scope, replica, region, first) DO UPDATE
                SET last = excluded.last, hash = excluded.hash,
                    said = nextval('mirror_said')\
                """,
                scope,
                author.bytes(),
                region.bytes(),
                sql.longs(spans, Span::from),
                sql.longs(spans, Span::to),
                sql.bytes(spans, Span::hash));
    }

    @Override
    public List<Said> said(long after, int most) {
        return sql.list(
                "SELECT said, scope, replica FROM mirror_has WHERE said > ? ORDER BY said LIMIT ?",
                row -> new Said(row.getLong(1), Sql.text(row, 2), ReplicaId.of(Sql.bytes(row, 3))),
                after,
                (long) most);
    }

    @Override
    public long lastSaid() {
        Long last = sql.one("SELECT max(said) FROM mirror_has", row -> row.getLong(1));
        return last == null ? 0 : last;
    }

    @Override
    public List<Rejection> quarantined(String scope, ReplicaId replica) {
        return sql.list(
                "SELECT first, last, hash, code, reason FROM quarantine"
                        + " WHERE scope = ? AND replica = ? ORDER BY number",
                row ->
                        new Rejection(
                                scope,
                                new Span(
                                        replica, row.getLong(1), row.getLong(2), Sql.bytes(row, 3)),
                                Rejection.Code.ofCode(row.getLong(4)),
                                Sql.text(row, 5)),
                scope,
                replica.bytes());
    }

    @Override
    public List<Rejection> latelyQuarantined(Collection<String> scopes, int most) {
        return sql.list(
                """
                SELECT scope, replica, first, last, hash, code, reason FROM quarantine
                WHERE number > (SELECT max(number) FROM quarantine) - ?
                    AND scope = ANY (?) AND replica IS NOT NULL
                ORDER BY number
                """,
                row ->
                        new Rejection(
                                Sql.text(row, 1),
                                new Span(
                                        ReplicaId.of(Sql.bytes(row, 2)),
                                        row.getLong(3),
                                        row.getLong(4),
                                        Sql.bytes(row, 5)),
                                Rejection.Code.ofCode(row.getLong(6)),
                                Sql.text(row, 7)),
                (long) most,
                sql.texts(List.copyOf(scopes), name -> name));
    }

    @Override
    public void quarantineMessage(String scope, Bytes body, String reason, long nowMillis) {
        sql.run(
                "INSERT INTO quarantine (hash, scope, bytes, code, reason, at)"
                        + " VALUES (?, ?, ?, ?, ?, to_timestamp(? / 1000.0))"
                        + " ON CONFLICT DO NOTHING",
                Sha256.of(body),
                Scope.isValid(scope) ? scope : null,
                body,
                (long) Rejection.Code.MALFORMED.code(),
                readable(reason),
                nowMillis);
    }

    @Override
    public long openQuarantine() {
        Long count =
                sql.one(
                        "SELECT count(*) FROM quarantine WHERE settled IS NULL",
                        row -> row.getLong(1));
        return count == null ? 0 : count;
    }

    /** Sends what was written to the database; the transaction's end calls it. */
    void flush() {
        if (!writing) return;
        feed.flush();
        due.flush(documents, schema);
        documents.flush(feed::head);
        flushContexts();
        marks.flush();
        flushGrants();
        flushAuthors();
    }

    /** Locks a scope before anything of it is read. */
    private void enter(String scope) {
        if (writing) feed.lock(List.of(scope));
    }

    private void prefetchContexts(List<OfReplica> keys) {
        sql.each(
                """
                SELECT c.scope, c.replica, c.intervals
                FROM unnest(?, ?) AS u (scope, replica)
                CROSS JOIN LATERAL (
                    SELECT * FROM context x
                    WHERE x.scope = u.scope AND x.replica = u.replica
                    OFFSET 0) AS c\
                """,
                row ->
                        contexts.loaded(
                                new OfReplica(Sql.text(row, 1), ReplicaId.of(Sql.bytes(row, 2))),
                                Intervals.decode(Sql.bytes(row, 3))),
                sql.texts(keys, OfReplica::scope),
                sql.bytes(keys, key -> key.replica().bytes()));
        contexts.missing(keys);
    }

    private @Nullable Intervals readContext(OfReplica key) {
        return sql.one(
                "SELECT intervals FROM context WHERE scope = ? AND replica = ?",
                row -> Intervals.decode(Sql.bytes(row, 1)),
                key.scope(),
                key.replica().bytes());
    }

    private void flushContexts() {
        List<OfReplica> keys = contexts.takeKeys(false);
        if (keys.isEmpty()) return;
        sql.run(
                """
                INSERT INTO context (scope, replica, intervals) SELECT * FROM unnest(?, ?, ?)
                ON CONFLICT (scope, replica) DO UPDATE SET intervals = excluded.intervals\
                """,
                sql.texts(keys, OfReplica::scope),
                sql.bytes(keys, key -> key.replica().bytes()),
                sql.bytes(keys, key -> contexts.row(key, "context").encoded()));
    }

    private void prefetchGrants(Collection<ReplicaId> replicas) {
        List<ReplicaId> keys = List.copyOf(replicas);
        List<SignedGrant> found =
                sql.list(
                        "SELECT bytes FROM author_grant WHERE replica = ANY (?) ORDER BY place",
                        row -> SignedGrant.decode(Sql.bytes(row, 1)),
                        sql.bytes(keys, ReplicaId::bytes));
        Granted.byReplica(found).forEach(grants::loaded);
        grants.missing(keys);
    }

    private void flushGrants() {
        List<ReplicaId> keys = grants.takeKeys(false);
        if (keys.isEmpty()) return;
        record Placed(SignedGrant grant, long place) {}
        List<Placed> rows = new ArrayList<>();
        for (ReplicaId key : keys) {
            List<SignedGrant> all = grants.row(key, "grant").all();
            for (int place = 0; place < all.size(); place++)
                rows.add(new Placed(all.get(place), place));
        }
        sql.run(
                "DELETE FROM author_grant WHERE replica = ANY (?)",
                sql.bytes(keys, ReplicaId::bytes));
        sql.run(
                "INSERT INTO author_grant (replica, place, bytes) SELECT * FROM unnest(?, ?, ?)",
                sql.bytes(rows, row -> row.grant().replica().bytes()),
                sql.longs(rows, Placed::place),
                sql.bytes(rows, row -> row.grant().encoded()));
    }

    private void flushAuthors() {
        List<OfReplica> keys = authors.takeKeys(false);
        if (keys.isEmpty()) return;
        List<AuthorState> states = new ArrayList<>();
        for (OfReplica key : keys) states.add(authors.row(key, "author"));
        sql.run(
                """
                INSERT INTO author (scope, replica, next_seq, sealed_seq, sealed_hash, hlc)
                SELECT * FROM unnest(?, ?, ?, ?, ?, ?)
                ON CONFLICT (scope, replica) DO UPDATE SET next_seq = excluded.next_seq,
                    sealed_seq = excluded.sealed_seq, sealed_hash = excluded.sealed_hash,
                    hlc = excluded.hlc\
                """,
                sql.texts(keys, OfReplica::scope),
                sql.bytes(states, state -> state.replica().bytes()),
                sql.longs(states, AuthorState::nextSeq),
                sql.longs(states, AuthorState::sealedSeq),
                sql.bytes(states, AuthorState::sealedHash),
                sql.longs(states, state -> state.clock().packed()));
    }

    /** A reason may quote an exception, and that anything. */
    private static String readable(String reason) {
        String printable = reason.replaceAll("\\p{Cntrl}", " ");
        return printable.substring(0, Math.min(printable.length(), 500));
    }
}
