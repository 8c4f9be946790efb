package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a region has, in pages and by digests, so that two regions can be compared. It goes
 * by the rows as they stand and believes none of them for the sake of another: what was changed
 * behind the region's back is what it is to find. Reads only; each answer is of one moment.
 * Thread-safe.
 */
public final class Inspection {
    /** Documents, or authors, in one digest. */
    public static final int RANGE = 10_000;

    private static final int AUTHORS = 1_000;
    private static final int LINKS = 1_000;
    private static final int LISTED = 1_000;
    private static final int PASSED = 2_000;
    private static final int SCOPES = 1_000;

    /** Documents and batches that are read for one page of scopes' digests. */
    private static final int ROWS_PER_PAGE = 50_000;

    /** What a document is, and with that what a person sees of it. */
    static final String STATE = "sha256(state)";

    static final String SHOWN =
            "sha256(state || convert_to(concat(chr(1), fields::text, chr(1), conflicts::text),"
                    + " 'UTF8'))";

    /** Before every document. */
    public static final DocumentId START = new DocumentId("", "");

    private final Database database;
    private final Schema schema;

    /**
     * @param schema decides what the readable columns should show
     */
    public Inspection(Database database, Schema schema) {
        this.database = database;
        this.schema = schema;
    }

    /** Part of an answer that may go on after its last item. */
    public record Page<T>(List<T> items, boolean more) {}

    /**
     * A scope.
     *
     * @param number of its feed's head
     * @param digest of all its authors and documents; no bytes where it is too large for one, or
     *     none was asked for
     */
    public record ScopeFound(String name, long number, Bytes digest) {}

    /**
     * A batch in the feed.
     *
     * @param appliedMillis when it was applied; negative where that is not known
     */
    public record Passed(
            long number, ReplicaId replica, long first, long last, long appliedMillis) {}

    /**
     * What is here of an author.
     *
     * @param context the dots that were seen
     * @param chain the digest of the batches that are kept; no bytes where there are none
     */
    public record Known(ReplicaId replica, Intervals context, Bytes chain) {}

    /** A batch in its author's chain. */
    public record Link(long first, long last, Bytes hash) {}

    /**
     * Some of an author's batches, and what was seen of the author at that moment.
     *
     * @param last where the batches end before what was asked for, the number that the last of them
     *     begins with; else 0
     * @param seen all dots of the author
     * @param unseen dots of these batches that were not seen
     * @param unkept dots among and before these batches that were seen, and are in no batch
     * @param digest of the batches
     * @param links the batches in their order, if they were asked for
     */
    public record Chain(
            long last,
            Intervals seen,
            Intervals unseen,
            Intervals unkept,
            Bytes digest,
            List<Link> links) {}

    /** A document, and its SHA-256. */
    public record Listed(DocumentId id, Bytes digest) {}

    /** An operation on a document. */
    public record Touched(DocumentId id, Dot dot) {}

    /**
     * Some of the scopes, by name, with the database's time.
     *
     * @param schema the digest of the schema by which documents are shown
     * @param next the name after which there may be more; empty where there are none
     */
    public record Scopes(long nowMillis, Bytes schema, List<ScopeFound> found, String next) {}

    /** What is looked at of documents. */
    public enum Depth {
        /** Nothing. */
        NONE(0),
        /** Their states. */
        STATE(1),
        /** With them the readable columns, which are the same where the schemas are. */
        SHOWN(2);

        private final int code;

        Depth(int code) {
            this.code = code;
        }

        /** What stands for it in a question. */
        public int code() {
            return code;
        }

        String sql() {
            return this == SHOWN ? Inspection.SHOWN : Inspection.STATE;
        }
    }

    /** The scopes after {@code after}, with digests of all that is in them unless NONE. */
    public Scopes scopes(String after, Depth depth) {
        return read(sql -> {
            List<ScopeFound> found =
                    sql.list(
                            "SELECT name, number FROM scope WHERE name > ? AND number > 0"
                                    + " ORDER BY name LIMIT ?",
                            row -> new ScopeFound(Sql.text(row, 1), row.getLong(2), Bytes.EMPTY),
                            after,
                            SCOPES);
            long now = now(sql);
            String next = found.size() == SCOPES ? found.getLast().name() : "";
            Bytes shown = schema(sql);
            if (depth == Depth.NONE) return new Scopes(now, shown, found, next);
            List<ScopeFound> digested = new ArrayList<>();
            int room = ROWS_PER_PAGE;
            for (ScopeFound scope : found) {
                if (room <= 0) return new Scopes(now, shown, digested, digested.getLast().name());
                int rows = size(sql, scope.name());
                Bytes digest = rows > RANGE ? Bytes.EMPTY : digest(sql, scope.name(), depth);
                digested.add(new ScopeFound(scope.name(), scope.number(), digest));
                room -= 10 + rows;
            }
            return new Scopes(now, shown, digested, next);
        });
    }

    /** The batches of the feed after {@code after}, and its head. */
    public record Feed(long head, long nowMillis, List<Passed> passed) {}

    /** What of a feed comes after a place in it. */
    public Feed feed(String scope, long after) {
        return read(sql -> {
            List<Passed> passed =
                    sql.list(
                            "SELECT number, replica, first, last,"
                                    + " coalesce((extract(epoch FROM applied) * 1000)::int8, -1)"
                                    + " FROM batch WHERE scope = ? AND number > ?"
                                    + " ORDER BY number LIMIT ?",
                            row ->
                                    new Passed(
                                            row.getLong(1),
                                            ReplicaId.of(Sql.bytes(row, 2)),
                                            row.getLong(3),
                                            row.getLong(4),
                                            row.getLong(5)),
                            scope,
                            after,
                            PASSED);
            Long head =
                    sql.one(
                            "SELECT number FROM scope WHERE name = ?",
                            row -> row.getLong(1),
                            scope);
            return new Feed(head == null ? 0 : head, now(sql), passed);
        });
    }

    /** What of these batches' dots was not seen here, by author. */
    public Context lacking(String scope, Context dots) {
        return read(sql -> {
            Context lacking = new Context(dots);
            sql.each(
                    "SELECT replica, intervals FROM context WHERE scope = ? AND replica = ANY (?)",
                    row -> {
                        ReplicaId replica = ReplicaId.of(Sql.bytes(row, 1));
                        Intervals seen = Intervals.decode(Sql.bytes(row, 2));
                        lacking.put(replica, lacking.of(replica).minus(seen));
                    },
                    scope,
                    sql.bytes(List.copyOf(dots.replicas().keySet()), ReplicaId::bytes));
            return lacking;
        });
    }

    /** Authors of a scope in the order of their ids, after one or from the first. */
    public Page<Known> authors(String scope, @Nullable ReplicaId after) {
        return read(sql -> authors(sql, scope, after));
    }

    /**
     * The batches of an author that begin after {@code after} and not after {@code upTo}: the first
     * thousands of them.
     */
    public Chain chain(String scope, ReplicaId replica, long after, long upTo, boolean listed) {
        return read(sql -> {
            List<Link> links =
                    sql.list(
                            "SELECT first, last, hash FROM batch WHERE scope = ? AND replica = ?"
                                    + " AND first > ? AND first <= ? ORDER BY first LIMIT ?",
                            row -> new Link(row.getLong(1), row.getLong(2), Sql.bytes(row, 3)),
                            scope,
                            replica.bytes(),
                            after,
                            upTo,
                            LINKS);
            Long before =
                    sql.one(
                            "SELECT last FROM batch WHERE scope = ? AND replica = ? AND first <= ?"
                                    + " ORDER BY first DESC LIMIT 1",
                            row -> row.getLong(1),
                            scope,
                            replica.bytes(),
                            after);
            boolean full = links.size() == LINKS;
            Intervals seen = context(sql, scope, replica);
            Intervals covered = Intervals.NONE;
            CborWriter chain = new CborWriter(links.size() * 48 + 8).array(links.size());
            for (Link link : links) {
                covered = covered.with(link.first(), link.last());
                chain.array(3).integer(link.first()).integer(link.last()).bytes(link.hash());
            }
            // What comes after these batches belongs to the next, unless there are none.
            long from = before == null ? 1 : before + 1;
            long end = full || upTo < Limits.MAX_SEQ ? covered.max() : Limits.MAX_SEQ;
            Intervals among =
                    from > end ? Intervals.NONE : seen.minus(seen.minus(Intervals.of(from, end)));
            return new Chain(
                    full ? links.getLast().first() : 0,
                    seen,
                    covered.minus(seen),
                    among.minus(covered),
                    Sha256.of(chain.toBytes()),
                    listed ? links : List.of());
        });
    }

    /**
     * A range of documents.
     *
     * @param last the last that it covers, where it ends before what was asked for; else null
     * @param digest of all of them
     */
    public record Range(@Nullable DocumentId last, Bytes digest) {}

    /**
     * The digest of the documents after {@code after} and up to {@code upTo}, or to the end: of the
     * first {@link #RANGE} of them.
     */
    public Range range(String scope, DocumentId after, @Nullable DocumentId upTo, Depth depth) {
        return read(sql -> {
            List<Listed> all = documents(sql, scope, after, upTo, RANGE, depth);
            return new Range(all.size() == RANGE ? all.getLast().id() : null, digest(all));
        });
    }

    /** The same documents, each by itself. */
    public Page<Listed> documents(
            String scope, DocumentId after, @Nullable DocumentId upTo, Depth depth) {
        return read(sql -> {
            List<Listed> page = documents(sql, scope, after, upTo, LISTED, depth);
            return new Page<>(page, page.size() == LISTED);
        });
    }

    /**
     * How a document stands.
     *
     * @param stored its SHA-256; no bytes where it is not there
     * @param rebuilt the SHA-256 of what the batches that are kept make of it; no bytes of a
     *     document that they leave empty; null where that was not asked or cannot be known
     */
    public record State(Bytes stored, @Nullable Bytes rebuilt) {}

    /**
     * How these documents stand, in their order.
     *
     * @param rebuilt whether to make them anew of the batches as well, which takes long
     */
    public List<State> states(
            String scope, List<DocumentId> documents, Depth depth, boolean rebuilt) {
        return read(sql -> {
            Map<DocumentId, Bytes> stored = digests(sql, scope, documents, depth);
            Rebuilt anew = rebuilt ? Rebuilt.of(sql, scope, documents) : null;
            List<State> states = new ArrayList<>();
            for (DocumentId id : documents)
                states.add(
                        new State(
                                stored.getOrDefault(id, Bytes.EMPTY),
                                anew == null ? null : anew.digest(sql, id, schema, depth)));
            return states;
        });
    }

    /** Of those of these documents that are there. */
    static Map<DocumentId, Bytes> digests(
            Sql sql, String scope, List<DocumentId> documents, Depth depth) {
        Map<DocumentId, Bytes> digests = new HashMap<>();
        sql.each(
                "SELECT collection, id, "
                        + depth.sql()
                        + " FROM unnest(?, ?) AS u (collection, id)"
                        + " JOIN document USING (collection, id) WHERE scope = ?",
                row -> digests.put(id(row), Sql.bytes(row, 3)),
                sql.texts(documents, DocumentId::collection),
                sql.texts(documents, DocumentId::id),
                scope);
        return digests;
    }

    /** Which of these dots are about one of these documents, as far as they are kept here. */
    public List<Touched> touching(String scope, Context dots, List<DocumentId> documents) {
        record Some(ReplicaId replica, long from, long to) {}
        List<Some> spans = new ArrayList<>();
        dots.replicas()
                .forEach((replica, intervals) -> {
                    for (int i = 0; i < intervals.count(); i++)
                        spans.add(new Some(replica, intervals.from(i), intervals.to(i)));
                });
        return read(sql ->
                sql.list(
                        """
                        SELECT o.collection, o.id, o.replica, o.seq
                        FROM unnest(?, ?, ?) AS u (replica, start, stop)
                        JOIN operation o ON o.scope = ? AND o.replica = u.replica
                            AND o.seq BETWEEN u.start AND u.stop
                        WHERE (o.collection, o.id) IN (SELECT * FROM unnest(?, ?))
                        LIMIT ?\
                        """,
                        row ->
                                new Touched(
                                        id(row),
                                        new Dot(ReplicaId.of(Sql.bytes(row, 3)), row.getLong(4))),
                        sql.bytes(spans, span -> span.replica().bytes()),
                        sql.longs(spans, Some::from),
                        sql.longs(spans, Some::to),
                        scope,
                        sql.texts(documents, DocumentId::collection),
                        sql.texts(documents, DocumentId::id),
                        RANGE));
    }

    /** Batches with the grants of their authors. */
    public record Kept(List<Batch> batches, List<SignedGrant> grants) {}

    /**
     * Batches that hold any of these dots, up to about {@code maxBytes}, and at least one if there
     * is one.
     */
    public Kept batches(String scope, Context dots, int maxBytes) {
        return read(sql -> {
            List<Batch> batches = new ArrayList<>();
            Set<SignedGrant> grants = new LinkedHashSet<>();
            int[] bytes = {0};
            for (var wanted : dots.replicas().entrySet()) {
                ReplicaId replica = wanted.getKey();
                Intervals of = wanted.getValue();
                for (int i = 0; i < of.count(); i++) {
                    long at = of.from(i);
                    while (at <= of.to(i) && bytes[0] < maxBytes) {
                        Batch batch =
                                sql.one(
                                        "SELECT bytes FROM batch WHERE scope = ? AND replica = ?"
                                                + " AND last >= ? AND first <= ? AND bytes IS NOT"
                                                + " NULL ORDER BY last LIMIT 1",
                                        row -> Batch.decode(Sql.bytes(row, 1)),
                                        scope,
                                        replica.bytes(),
                                        at,
                                        of.to(i));
                        if (batch == null) break;
                        if (batches.isEmpty() || bytes[0] + batch.sizeBytes() <= maxBytes)
                            batches.add(batch);
                        bytes[0] += batch.sizeBytes();
                        at = batch.last() + 1;
                    }
                }
            }
            for (Batch batch : batches) {
                Granted granted = PostgresTables.grantedIn(sql, batch.author());
                if (granted != null) grants.add(granted.judging(batch));
            }
            return new Kept(batches, List.copyOf(grants));
        });
    }

    /** How far each scope of another region's feeds has been followed, by name. */
    public Map<String, Long> followed(ReplicaId region) {
        return read(sql -> {
            Map<String, Long> places = new HashMap<>();
            sql.each(
                    "SELECT scope, number FROM mirror_cursor WHERE region = ?",
                    row -> places.put(Sql.text(row, 1), row.getLong(2)),
                    region.bytes());
            return places;
        });
    }

    /** How many batches and documents there are, as far as it matters. */
    private static int size(Sql sql, String scope) {
        Long rows =
                sql.one(
                        """
                        SELECT (SELECT count(*) FROM
                                    (SELECT 1 FROM batch WHERE scope = ? LIMIT ?) AS few)
                            + (SELECT count(*) FROM
                                    (SELECT 1 FROM document WHERE scope = ? LIMIT ?) AS few)\
                        """,
                        row -> row.getLong(1),
                        scope,
                        RANGE + 1,
                        scope,
                        RANGE + 1);
        return rows == null ? 0 : rows.intValue();
    }

    private static Bytes schema(Sql sql) {
        Bytes schema =
                sql.one(
                        "SELECT sha256(convert_to(value, 'UTF8')) FROM node WHERE name = ?",
                        row -> Sql.bytes(row, 1),
                        Reshown.NOTE);
        return schema == null ? Bytes.EMPTY : schema;
    }

    private static Bytes digest(Sql sql, String scope, Depth depth) {
        Sha256 digest = new Sha256();
        ReplicaId after = null;
        Page<Known> page;
        do {
            page = authors(sql, scope, after);
            for (Known known : page.items()) {
                digest.update(known.replica().bytes())
                        .update(known.context().encoded())
                        .update(known.chain());
                after = known.replica();
            }
        } while (page.more());
        return digest.update(digest(documents(sql, scope, START, null, RANGE + 1, depth))).digest();
    }

    private static Page<Known> authors(Sql sql, String scope, @Nullable ReplicaId after) {
        Bytes from = after == null ? Bytes.EMPTY : after.bytes();
        TreeMap<ReplicaId, Intervals> contexts = new TreeMap<>();
        sql.each(
                "SELECT replica, intervals FROM context WHERE scope = ? AND replica > ?"
                        + " ORDER BY replica LIMIT ?",
                row ->
                        contexts.put(
                                ReplicaId.of(Sql.bytes(row, 1)),
                                Intervals.decode(Sql.bytes(row, 2))),
                scope,
                from,
                AUTHORS);
        TreeMap<ReplicaId, Bytes> chains = new TreeMap<>();
        sql.each(
                """
                SELECT replica, sha256(string_agg(
                    int8send(first) || int8send(last) || hash, ''::bytea ORDER BY first))
                FROM batch WHERE scope = ? AND replica > ?
                GROUP BY replica ORDER BY replica LIMIT ?\
                """,
                row -> chains.put(ReplicaId.of(Sql.bytes(row, 1)), Sql.bytes(row, 2)),
                scope,
                from,
                AUTHORS);
        // Either list may end before the other: what is after its end is for the next page.
        ReplicaId end = null;
        for (TreeMap<ReplicaId, ?> list : List.of(contexts, chains)) {
            if (list.size() == AUTHORS && (end == null || list.lastKey().compareTo(end) < 0))
                end = list.lastKey();
        }
        TreeSet<ReplicaId> replicas = new TreeSet<>(contexts.keySet());
        replicas.addAll(chains.keySet());
        List<Known> known = new ArrayList<>();
        for (ReplicaId replica : end == null ? replicas : replicas.headSet(end, true))
            known.add(
                    new Known(
                            replica,
                            contexts.getOrDefault(replica, Intervals.NONE),
                            chains.getOrDefault(replica, Bytes.EMPTY)));
        return new Page<>(known, end != null);
    }

    private static List<Listed> documents(
            Sql sql,
            String scope,
            DocumentId after,
            @Nullable DocumentId upTo,
            int most,
            Depth depth) {
        String end = upTo == null ? "" : " AND (collection, id) <= (?, ?)";
        List<Object> parameters = new ArrayList<>(List.of(scope, after.collection(), after.id()));
        if (upTo != null) parameters.addAll(List.of(upTo.collection(), upTo.id()));
        parameters.add(most);
        return sql.list(
                "SELECT collection, id, "
                        + depth.sql()
                        + " FROM document WHERE scope = ? AND (collection, id) > (?, ?)"
                        + end
                        + " ORDER BY collection, id LIMIT ?",
                row -> new Listed(id(row), Sql.bytes(row, 3)),
                parameters.toArray());
    }

    private static Bytes digest(List<Listed> documents) {
        CborWriter out = new CborWriter(documents.size() * 64 + 8).array(documents.size());
        for (Listed document : documents)
            out.array(3)
                    .text(document.id().collection())
                    .text(document.id().id())
                    .bytes(document.digest());
        return Sha256.of(out.toBytes());
    }

    private static Intervals context(Sql sql, String scope, ReplicaId replica) {
        Intervals context =
                sql.one(
                        "SELECT intervals FROM context WHERE scope = ? AND replica = ?",
                        row -> Intervals.decode(Sql.bytes(row, 1)),
                        scope,
                        replica.bytes());
        return context == null ? Intervals.NONE : context;
    }

    private static long now(Sql sql) {
        Long now =
                sql.one(
                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8",
                        row -> row.getLong(1));
        return now == null ? 0 : now;
    }

    private static DocumentId id(ResultSet row) throws SQLException {
        return new DocumentId(Sql.text(row, 1), Sql.text(row, 2));
    }

    private <T> T read(Function<Sql, T> work) {
        return RegionStore.snapshot(database, "comparing", work);
    }
}
