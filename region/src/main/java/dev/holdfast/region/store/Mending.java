package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.store.Row.OfDocument;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a region's own rows in order where something else than operations changed them. It takes
 * nobody's word: all that it writes follows from what authors signed and the feed's running hash
 * vouches for.
 *
 * <ul>
 *   <li>A batch that was lost gets its place in the feed again where the running hashes before and
 *       after it prove that it was there.
 *   <li>A context gets the dots of the batches that are in the feed.
 *   <li>A document becomes what the batches that are kept make of it, if all of them are.
 * </ul>
 *
 * Under the scope's lock: batches, contexts and the documents that these are about in one
 * transaction, then other documents some at a time, so that whoever writes there waits for no more
 * than those. Thread-safe.
 */
public final class Mending {
    private static final int DOCUMENTS_AT_ONCE = 100;

    private final Database database;
    private final Schema schema;
    private final TableScopes rows;

    /**
     * @param schema decides what the readable columns show
     * @param rows which documents are rows of the application's tables, and bring their rows along
     */
    public Mending(Database database, Schema schema, TableScopes rows) {
        this.database = database;
        this.schema = schema;
        this.rows = rows;
    }

    /** What was put in order: batches, dots of contexts, documents. */
    public record Mended(int batches, long dots, int documents) {}

    /**
     * Puts a scope in order.
     *
     * @param lost batches that others keep, and that this region may have kept; their signatures
     *     were verified
     * @param unseen dots that are in the feed and not in the context
     * @param documents to be made anew, beside those that the former are about
     * @throws StoreException when the database failed; what is in order by then stays so
     */
    public Mended mend(String scope, List<Batch> lost, Context unseen, List<DocumentId> documents) {
        Set<DocumentId> touched = new LinkedHashSet<>();
        Mended mended =
                locked(
                        scope,
                        (sql, head) -> {
                            int batches = restore(sql, scope, head, lost);
                            long dots = see(sql, scope, unseen, touched);
                            int rebuilt = 0;
                            for (List<DocumentId> some : pieces(List.copyOf(touched)))
                                rebuilt += rebuild(sql, scope, head, some);
                            return new Mended(batches, dots, rebuilt);
                        });
        int rebuilt = mended.documents();
        for (List<DocumentId> some :
                pieces(documents.stream().filter(id -> !touched.contains(id)).toList())) {
            Work work = (sql, head) -> new Mended(0, 0, rebuild(sql, scope, head, some));
            rebuilt += locked(scope, work).documents();
        }
        return new Mended(mended.batches(), mended.dots(), rebuilt);
    }

    private static List<List<DocumentId>> pieces(List<DocumentId> documents) {
        List<List<DocumentId>> pieces = new ArrayList<>();
        for (int from = 0; from < documents.size(); from += DOCUMENTS_AT_ONCE)
            pieces.add(
                    documents.subList(from, Math.min(documents.size(), from + DOCUMENTS_AT_ONCE)));
        return pieces;
    }

    @FunctionalInterface
    private interface Work {
        Mended on(Sql sql, FeedHead head);
    }

    private Mended locked(String scope, Work work) {
        try {
            return database.transaction(connection -> {
                Sql sql = new Sql(connection);
                FeedHead head =
                        sql.one(
                                "SELECT number, hash FROM scope WHERE name = ? FOR UPDATE",
                                row -> new FeedHead(row.getLong(1), Sql.bytes(row, 2)),
                                scope);
                return head == null ? new Mended(0, 0, 0) : work.on(sql, head);
            });
        } catch (Sql.Failed e) {
            throw new StoreException(DatabaseFailure.of(e.failure()), "mending", e.failure());
        } catch (SQLException e) {
            throw new StoreException(DatabaseFailure.of(e), "mending", e);
        }
    }

    // Batches.

    private static int restore(Sql sql, String scope, FeedHead head, List<Batch> lost) {
        TreeMap<Long, Batch> placed = new TreeMap<>();
        for (Batch batch : lost) {
            Long number = place(sql, scope, batch);
            if (number != null) placed.put(number, batch);
        }
        int restored = 0;
        while (!placed.isEmpty()) {
            TreeMap<Long, Batch> row = new TreeMap<>();
            for (long at = placed.firstKey(); placed.containsKey(at); at++)
                row.put(at, Objects.requireNonNull(placed.remove(at)));
            restored += restoreRow(sql, scope, head, row);
        }
        return restored;
    }

    /** Where the operations say that their batch is; null where it is kept, or nothing says so. */
    private static @Nullable Long place(Sql sql, String scope, Batch batch) {
        Boolean kept =
                sql.one(
                        "SELECT true FROM batch WHERE scope = ? AND replica = ? AND last >= ?"
                                + " AND first <= ? LIMIT 1",
                        row -> true,
                        scope,
                        batch.author().bytes(),
                        batch.first(),
                        batch.last());
        if (kept != null) return null;
        List<Long> numbers =
                sql.list(
                        "SELECT DISTINCT number FROM operation"
                                + " WHERE scope = ? AND replica = ? AND seq BETWEEN ? AND ?",
                        row -> row.getLong(1),
                        scope,
                        batch.author().bytes(),
                        batch.first(),
                        batch.last());
        return numbers.size() == 1 ? numbers.getFirst() : null;
    }

    /** Batches that followed each other, if the running hashes around them say so. */
    private static int restoreRow(
            Sql sql, String scope, FeedHead head, SortedMap<Long, Batch> batches) {
        long first = batches.firstKey();
        FeedHead at =
                first == 1
                        ? FeedHead.START
                        : sql.one(
                                "SELECT number, running FROM batch WHERE scope = ? AND number = ?",
                                row -> new FeedHead(row.getLong(1), Sql.bytes(row, 2)),
                                scope,
                                first - 1);
        if (at == null) return 0;
        Map<Batch, FeedHead> heads = new LinkedHashMap<>();
        for (Batch batch : batches.values()) {
            at = at.next(batch.hash());
            heads.put(batch, at);
        }
        if (!isFollowed(sql, scope, head, at)) return 0;
        heads.forEach((batch, place) -> insert(sql, scope, place, batch));
        return heads.size();
    }

    private static boolean isFollowed(Sql sql, String scope, FeedHead head, FeedHead place) {
        if (place.number() == head.number()) return place.hash().equals(head.hash());
        Bytes[] next = {Bytes.EMPTY, Bytes.EMPTY};
        sql.each(
                "SELECT hash, running FROM batch WHERE scope = ? AND number = ?",
                row -> {
                    next[0] = Sql.bytes(row, 1);
                    next[1] = Sql.bytes(row, 2);
                },
                scope,
                place.number() + 1);
        return place.next(next[0]).hash().equals(next[1]);
    }

    private static void insert(Sql sql, String scope, FeedHead place, Batch batch) {
        sql.run(
                """
                INSERT INTO batch (scope, number, running, replica, first, last, hash, previous,
                    bytes, applied) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)\
                """,
                scope,
                place.number(),
                place.hash(),
                batch.author().bytes(),
                batch.first(),
                batch.last(),
                batch.hash(),
                batch.body().previous(),
                batch.encoded());
        for (Transaction transaction : batch.body().transactions()) {
            Bytes trace = transaction.traceId(scope);
            for (Operation operation : transaction.operations())
                sql.run(
                        """
                        INSERT INTO operation (scope, replica, seq, number, hlc, collection, id,
                            trace) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING\
                        """,
                        scope,
                        batch.author().bytes(),
                        operation.dot().seq(),
                        place.number(),
                        operation.hlc().packed(),
                        operation.collection(),
                        operation.id(),
                        trace);
        }
    }

    // Contexts.

    /** Adds to {@code touched} what the dots are about, since nobody knows how it stands. */
    private static long see(Sql sql, String scope, Context unseen, Set<DocumentId> touched) {
        long dots = 0;
        Context seen = Rebuilt.context(sql, scope);
        for (var author : unseen.replicas().entrySet()) {
            ReplicaId replica = author.getKey();
            Intervals kept = Intervals.NONE;
            for (int i = 0; i < author.getValue().count(); i++)
                kept =
                        kept.union(
                                kept(
                                        sql,
                                        scope,
                                        replica,
                                        author.getValue().from(i),
                                        author.getValue().to(i)));
            Intervals fresh = kept.minus(seen.of(replica));
            if (fresh.isEmpty()) continue;
            for (int i = 0; i < fresh.count(); i++) {
                dots += fresh.to(i) - fresh.from(i) + 1;
                sql.each(
                        "SELECT DISTINCT collection, id FROM operation"
                                + " WHERE scope = ? AND replica = ? AND seq BETWEEN ? AND ?",
                        row -> touched.add(new DocumentId(Sql.text(row, 1), Sql.text(row, 2))),
                        scope,
                        replica.bytes(),
                        fresh.from(i),
                        fresh.to(i));
            }
            sql.run(
                    """
                    INSERT INTO context (scope, replica, intervals) VALUES (?, ?, ?)
                    ON CONFLICT (scope, replica) DO UPDATE SET intervals = excluded.intervals\
                    """,
                    scope,
                    replica.bytes(),
                    seen.of(replica).union(fresh).encoded());
        }
        return dots;
    }

    /** What of these dots is in the feed. */
    private static Intervals kept(Sql sql, String scope, ReplicaId replica, long from, long to) {
        Intervals[] kept = {Intervals.NONE};
        sql.each(
                "SELECT first, last FROM batch WHERE scope = ? AND replica = ? AND last >= ?"
                        + " AND first <= ? ORDER BY first",
                row -> kept[0] = kept[0].with(row.getLong(1), row.getLong(2)),
                scope,
                replica.bytes(),
                from,
                to);
        return kept[0];
    }

    // Documents.

    /** None where it is not certain that all of their operations are kept. */
    private int rebuild(Sql sql, String scope, FeedHead head, List<DocumentId> documents) {
        Rebuilt anew = Rebuilt.of(sql, scope, documents);
        if (anew == null) return 0;
        int rebuilt = 0;
        DocumentRows mended = new DocumentRows(sql, schema);
        Map<DocumentId, Bytes> stored =
                Inspection.digests(sql, scope, documents, Inspection.Depth.SHOWN);
        for (DocumentId id : documents) {
            Bytes right = anew.digest(sql, id, schema, Inspection.Depth.SHOWN);
            if (stored.getOrDefault(id, Bytes.EMPTY).equals(right)) continue;
            mended.put(new OfDocument(scope, id), anew.document(id));
            rebuilt++;
        }
        new DueRows(sql, rows).flush(mended, schema);
        mended.flush(_ -> head);
        mark(sql, scope, documents, anew.marks());
        return rebuilt;
    }

    /** Marks follow from operations as documents do. */
    private static void mark(
            Sql sql, String scope, List<DocumentId> documents, List<EarlyMark> marks) {
        sql.run(
                "DELETE FROM early_mark WHERE scope = ?"
                        + " AND (collection, id) IN (SELECT * FROM unnest(?, ?))",
                scope,
                sql.texts(documents, DocumentId::collection),
                sql.texts(documents, DocumentId::id));
        MarkRows rows = new MarkRows(sql);
        for (EarlyMark mark : marks) rows.add(scope, mark);
        rows.flush();
    }
}
