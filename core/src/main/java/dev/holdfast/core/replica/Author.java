package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.HlcClock;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes for one replica, in transactions of its own store. A write is applied to the documents and
 * kept unsealed at once; it is cut into a signed batch only when it is about to leave, so that a
 * backlog travels in large batches and what never left can still be stamped anew.
 *
 * <p>Sealing takes two transactions, since a signature may come later: {@link #draft} reads, the
 * caller signs, {@link #seal} writes and is the last moment before the bytes may leave. Not
 * thread-safe; made for one transaction.
 */
public final class Author {
    private final ReplicaTables tables;
    private final ReplicaId replica;
    private final Schema schema;

    public Author(ReplicaTables tables, ReplicaId replica, Schema schema) {
        this.tables = tables;
        this.replica = replica;
        this.schema = schema;
    }

    /**
     * What a write became.
     *
     * @param first the first sequence number, and 0 with {@code last} 0 where nothing had to be
     *     changed
     */
    public record Written(long first, long last, Set<DocumentId> documents) {
        public static final Written NOTHING = new Written(0, 0, Set.of());

        public boolean isNothing() {
            return last == 0;
        }
    }

    /**
     * Writes a transaction: per document, the changes in their order.
     *
     * @param trace a trace id brought along, or null
     * @throws MalformedException when it is over a limit; nothing was written then
     */
    public Written write(
            String scope,
            Map<DocumentId, List<Change>> changes,
            @Nullable Bytes trace,
            long nowMillis) {
        AuthorState state = state(scope);
        HlcClock clock = new HlcClock(state.clock());
        long confirmed = firstUnconfirmed(scope) - 1;
        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        List<Operation> operations = new ArrayList<>();
        long seq = state.nextSeq();
        for (var entry : changes.entrySet()) {
            DocumentId id = entry.getKey();
            Document document = tables.document(scope, id);
            Drafting drafting =
                    new Drafting(
                            document,
                            schema.collection(id.collection()),
                            dot -> dot.replica().equals(replica) && dot.seq() <= confirmed);
            entry.getValue().forEach(drafting::add);
            List<Edit> edits = drafting.edits();
            if (edits.isEmpty()) continue;
            Hlc after = Drafting.newestReplaced(document, edits).next();
            // Only this operation goes past what it replaces; the clock is not pulled beyond the
            // drift.
            clock.observe(after, nowMillis);
            Hlc reading = Hlc.max(clock.tick(nowMillis), after);
            operations.add(
                    new Operation(
                            new Dot(replica, seq++), reading, id.collection(), id.id(), edits));
            documents.put(id, document);
        }
        if (operations.isEmpty()) return Written.NOTHING;
        Transaction transaction = new Transaction(trace, operations);
        requireFits(scope, transaction);
        keep(scope, state.wrote(seq, clock.last()), transaction, documents);
        return new Written(operations.get(0).dot().seq(), seq - 1, documents.keySet());
    }

    /** The next batch to sign, of the oldest unsealed transactions; null if there is none. */
    public Batch.@Nullable Draft draft(String scope) {
        AuthorState state = tables.author(scope);
        if (state == null) return null;
        List<Transaction> transactions = new ArrayList<>();
        int operations = 0;
        for (Unsealed unsealed :
                tables.unsealed(scope, state.sealedSeq(), Limits.BATCH_BYTES / 2)) {
            operations += unsealed.transaction().operations().size();
            if (operations > Limits.OPERATIONS_PER_BATCH) break;
            transactions.add(unsealed.transaction());
        }
        if (transactions.isEmpty()) return null;
        return Batch.draft(
                new BatchBody(
                        scope, replica, state.sealedSeq() + 1, state.sealedHash(), transactions));
    }

    /**
     * Makes a signed draft part of the feed and of the outbox. Answers null, having done nothing,
     * if it no longer follows the newest batch: somebody sealed, or stamped anew, since it was
     * drafted.
     */
    public @Nullable FeedItem seal(Batch batch, long nowMillis) {
        AuthorState state = state(batch.scope());
        Batch.Draft now = draft(batch.scope());
        boolean follows =
                batch.first() == state.sealedSeq() + 1
                        && batch.body().previous().equals(state.sealedHash())
                        && now != null
                        && sameStart(now.body(), batch.body());
        if (!follows) return null;
        FeedItem item = new FeedItem(tables.lockFeed(batch.scope()).next(batch.hash()), batch);
        tables.appendToFeed(item);
        tables.addToOutbox(item, Durability.DEVICE, nowMillis);
        tables.dropUnsealed(batch.scope(), batch.last());
        tables.putAuthor(batch.scope(), state.sealed(batch.last(), batch.hash()));
        return item;
    }

    /**
     * Brings back to {@code regionMillis}, a time signed by a region, what a clock that ran ahead
     * had stamped: unsealed operations anew, and sealed ones that nobody confirmed yet by a
     * correction. Answers how many operations were corrected.
     */
    public int heal(String scope, long regionMillis) {
        AuthorState state = tables.author(scope);
        if (state == null) return 0;
        int healed = restamp(scope, state, regionMillis);
        state = state(scope);
        HlcClock clock = new HlcClock(state.clock());
        clock.healed(regionMillis);
        tables.putAuthor(scope, state.wrote(state.nextSeq(), clock.last()));
        Map<DocumentId, List<Dot>> ahead = sealedAhead(scope, regionMillis);
        if (ahead.isEmpty()) return healed;
        correct(scope, ahead, regionMillis);
        return healed + ahead.values().stream().mapToInt(List::size).sum();
    }

    /**
     * Writes clock corrections, one operation per document: {@code dots} shall be shown as of
     * {@code readingMillis}.
     */
    public Written correct(String scope, Map<DocumentId, List<Dot>> dots, long readingMillis) {
        AuthorState state = state(scope);
        HlcClock clock = new HlcClock(state.clock());
        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        List<Operation> operations = new ArrayList<>();
        long seq = state.nextSeq();
        Value reading = new Value.Int(Hlc.of(readingMillis, 0).packed());
        for (var entry : dots.entrySet()) {
            DocumentId id = entry.getKey();
            List<Dot> some = entry.getValue().stream().limit(Limits.OVER_PER_EDIT).toList();
            operations.add(
                    new Operation(
                            new Dot(replica, seq++),
                            clock.tick(readingMillis),
                            id.collection(),
                            id.id(),
                            List.of(Edit.put(Key.clock(), reading, some))));
            documents.put(id, tables.document(scope, id));
        }
        keep(scope, state.wrote(seq, clock.last()), new Transaction(null, operations), documents);
        return new Written(state.nextSeq(), seq - 1, documents.keySet());
    }

    private AuthorState state(String scope) {
        AuthorState state = tables.author(scope);
        return state == null ? AuthorState.fresh(replica) : state;
    }

    private void keep(
            String scope,
            AuthorState state,
            Transaction transaction,
            Map<DocumentId, Document> documents) {
        new Applier.ScopeMerge(tables, scope, replica, tables.context(scope, replica))
                .merge(transaction.operations(), documents);
        documents.forEach((id, document) -> tables.putDocument(scope, id, document));
        tables.addUnsealed(scope, new Unsealed(transaction));
        tables.putAuthor(scope, state);
    }

    private long firstUnconfirmed(String scope) {
        var unconfirmed = tables.unconfirmed(scope).of(replica);
        if (!unconfirmed.isEmpty()) return unconfirmed.from(0);
        AuthorState state = tables.author(scope);
        return state == null ? 1 : state.sealedSeq() + 1;
    }

    private int restamp(String scope, AuthorState state, long regionMillis) {
        Hlc bound = Hlc.of(regionMillis + Limits.DRIFT_MILLIS, 0);
        Hlc before = Hlc.ZERO;
        int count = 0;
        long after = state.sealedSeq();
        while (true) {
            List<Unsealed> page = tables.unsealed(scope, after, Limits.BATCH_BYTES);
            if (page.isEmpty()) break;
            for (Unsealed unsealed : page) {
                List<Operation> stamped = new ArrayList<>();
                boolean changed = false;
                for (Operation operation : unsealed.transaction().operations()) {
                    Hlc reading = Hlc.max(before.next(), Hlc.min(operation.hlc(), bound));
                    boolean moves = operation.hlc().compareTo(bound) > 0;
                    if (moves) {
                        before = reading;
                        changed = true;
                        count++;
                        Document document = tables.document(scope, operation.document());
                        document.restamp(operation.dot(), reading);
                        tables.putDocument(scope, operation.document(), document);
                    }
                    stamped.add(moves ? operation.at(reading) : operation);
                }
                if (changed) {
                    tables.replaceUnsealed(
                            scope,
                            new Unsealed(new Transaction(unsealed.transaction().trace(), stamped)));
                }
                after = unsealed.last();
            }
        }
        return count;
    }

    private Map<DocumentId, List<Dot>> sealedAhead(String scope, long regionMillis) {
        Map<DocumentId, List<Dot>> ahead = new LinkedHashMap<>();
        long number = 0;
        while (true) {
            List<OutboxItem> page =
                    tables.outbox(scope, number, Long.MAX_VALUE, Limits.BATCH_BYTES);
            if (page.isEmpty()) return ahead;
            for (OutboxItem item : page) {
                number = item.number();
                if (!item.batch().author().equals(replica)) continue;
                for (Operation operation : item.batch().body().operations()) {
                    boolean isAhead = operation.hlc().millis() > regionMillis + Limits.DRIFT_MILLIS;
                    var entries = tables.document(scope, operation.document());
                    if (isAhead && showsAhead(entries, operation.dot(), regionMillis)) {
                        ahead.computeIfAbsent(operation.document(), id -> new ArrayList<>())
                                .add(operation.dot());
                    }
                }
            }
        }
    }

    private static boolean showsAhead(Document document, Dot dot, long regionMillis) {
        for (Key key : document.keys()) {
            var entry = document.at(key).get(dot);
            if (entry != null && entry.shown().millis() > regionMillis + Limits.DRIFT_MILLIS)
                return true;
        }
        return false;
    }

    private void requireFits(String scope, Transaction transaction) {
        Operation first = transaction.operations().get(0);
        Bytes hash =
                first.dot().seq() == 1 ? Bytes.EMPTY : Bytes.wrap(new byte[BatchBody.HASH_BYTES]);
        // Throws where it is over a limit: nothing is ever split, so what fits alone must fit.
        Batch.draft(new BatchBody(scope, replica, first.dot().seq(), hash, List.of(transaction)));
    }

    /** Whether the draft of now begins with the very operations of {@code signed}. */
    private static boolean sameStart(BatchBody now, BatchBody signed) {
        return now.transactions().size() >= signed.transactions().size()
                && now.transactions()
                        .subList(0, signed.transactions().size())
                        .equals(signed.transactions());
    }
}
