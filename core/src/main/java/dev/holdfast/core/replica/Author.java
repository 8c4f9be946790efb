package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.merge.Merge;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
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
    /** What a batch holds, of more than one transaction. */
    private static final int SEALED_BYTES = Limits.BATCH_BYTES / 2;

    /** Bounds on one transaction of clock corrections: operations, and the dots they name. */
    private static final int CORRECTIONS = 1_000;

    private static final int CORRECTED = 10_000;

    /** Of a document that somebody saw: what is not there was replaced, and nothing is to come. */
    private static final Merge.Surroundings ALL_SEEN =
            new Merge.Surroundings() {
                @Override
                public boolean seen(Dot dot) {
                    return true;
                }

                @Override
                public List<EarlyMark> marks(Dot dot) {
                    return List.of();
                }

                @Override
                public void addMark(EarlyMark mark) {}
            };

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
        return write(scope, changes, Map.of(), trace, nowMillis);
    }

    /**
     * The same for changes that were made without having seen all that stands here: they replace
     * what their maker saw, and stand beside the rest.
     *
     * @param seen documents as the maker of the changes saw them, where that is not what stands;
     *     they get this write as well
     */
    public Written write(
            String scope,
            Map<DocumentId, List<Change>> changes,
            Map<DocumentId, Document> seen,
            @Nullable Bytes trace,
            long nowMillis) {
        AuthorState state = state(scope);
        HlcClock clock = new HlcClock(state.clock());
        Predicate<Dot> foldable = foldable(scope);
        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        List<Operation> operations = new ArrayList<>();
        long seq = state.nextSeq();
        for (var entry : changes.entrySet()) {
            DocumentId id = entry.getKey();
            Document document = tables.document(scope, id);
            Drafting drafting =
                    new Drafting(
                            seen.getOrDefault(id, document),
                            schema.collection(id.collection()),
                            foldable);
            entry.getValue().forEach(drafting::add);
            List<List<Edit>> wanted = drafting.operations();
            if (wanted.isEmpty()) continue;
            Hlc after = drafting.newestReplaced().next();
            // Only this operation goes past what it replaces; the clock is not pulled beyond the
            // drift.
            clock.observe(after, nowMillis);
            for (List<Edit> edits : wanted) {
                Dot dot = new Dot(replica, seq++);
                Hlc reading = Hlc.max(clock.tick(nowMillis), after);
                reading = Hlc.max(reading, newestMark(scope, dot).next());
                operations.add(new Operation(dot, reading, id.collection(), id.id(), edits));
            }
            documents.put(id, document);
        }
        if (operations.isEmpty()) return Written.NOTHING;
        Transaction transaction = new Transaction(trace, operations);
        requireFits(scope, transaction);
        for (Operation operation : operations) {
            Document saw = seen.get(operation.document());
            if (saw != null) Merge.apply(operation, saw, ALL_SEEN);
        }
        keep(scope, state.wrote(seq, clock.last()), transaction, documents);
        return new Written(operations.get(0).dot().seq(), seq - 1, documents.keySet());
    }

    /**
     * The next batch to sign, of the oldest unsealed transactions; null if there is none.
     *
     * @param granted under which it will be sent: a transaction that none of them allows is sealed
     *     alone, so that its refusal takes no other with it. Null where there is none yet
     * @param bytes that the batch has at most, if more than one transaction is in it
     */
    public Batch.@Nullable Draft draft(String scope, @Nullable Granted granted, int bytes) {
        AuthorState state = tables.author(scope);
        if (state == null) return null;
        List<Transaction> transactions = new ArrayList<>();
        int operations = 0;
        for (Unsealed unsealed :
                tables.unsealed(scope, state.sealedSeq(), Math.min(bytes, SEALED_BYTES))) {
            Transaction transaction = unsealed.transaction();
            boolean allowed = granted == null || granted.allows(scope, transaction);
            operations += transaction.operations().size();
            boolean joins = allowed && operations <= Limits.OPERATIONS_PER_BATCH;
            if (!joins && !transactions.isEmpty()) break;
            transactions.add(transaction);
            if (!allowed) break;
        }
        if (transactions.isEmpty()) return null;
        return Batch.draft(
                new BatchBody(
                        scope, replica, state.sealedSeq() + 1, state.sealedHash(), transactions));
    }

    /** The same, as large as batches are made, for a store that has no grant yet. */
    public Batch.@Nullable Draft draft(String scope) {
        return draft(scope, null, SEALED_BYTES);
    }

    /**
     * Makes a signed draft part of the feed and of the outbox. Answers null, having done nothing,
     * if it no longer follows the newest batch: somebody sealed, or stamped anew, since it was
     * drafted.
     */
    public @Nullable FeedItem seal(Batch batch, long nowMillis) {
        AuthorState state = state(batch.scope());
        boolean follows =
                batch.first() == state.sealedSeq() + 1
                        && batch.body().previous().equals(state.sealedHash())
                        && areOldest(batch.scope(), state, batch.body().transactions());
        if (!follows) return null;
        FeedItem item = new FeedItem(tables.lockFeed(batch.scope()).next(batch.hash()), batch);
        tables.appendToFeed(item);
        tables.addToOutbox(item, Durability.DEVICE, nowMillis);
        tables.dropUnsealed(batch.scope(), batch.last());
        for (Operation operation : batch.body().operations())
            tables.removeMarks(batch.scope(), operation.dot());
        tables.putAuthor(batch.scope(), state.sealed(batch.last(), batch.hash()));
        return item;
    }

    /**
     * Brings back to {@code regionMillis}, a time signed by a region, what a clock that ran ahead
     * had stamped: unsealed operations anew where they may, and others that nobody confirmed yet by
     * a correction. Answers how many operations were healed.
     */
    public int heal(String scope, long regionMillis) {
        AuthorState state = tables.author(scope);
        if (state == null) return 0;
        Map<DocumentId, List<Dot>> ahead = sealedAhead(scope, regionMillis);
        int stamped = restamp(scope, state, regionMillis, ahead);
        HlcClock clock = new HlcClock(state.clock());
        clock.healed(regionMillis);
        tables.putAuthor(scope, state.wrote(state.nextSeq(), clock.last()));
        correct(scope, ahead, regionMillis);
        int corrected = 0;
        for (List<Dot> dots : ahead.values()) corrected += dots.size();
        return stamped + corrected;
    }

    /**
     * Writes clock corrections: {@code dots} shall be shown as of {@code readingMillis}. Many are
     * spread over several transactions, each of which fits in a batch.
     */
    public Written correct(String scope, Map<DocumentId, List<Dot>> dots, long readingMillis) {
        AuthorState state = state(scope);
        HlcClock clock = new HlcClock(state.clock());
        Map<DocumentId, Document> documents = new LinkedHashMap<>();
        List<Operation> operations = new ArrayList<>();
        int named = 0;
        long seq = state.nextSeq();
        Value reading = new Value.Int(Hlc.at(readingMillis).packed());
        for (var entry : dots.entrySet()) {
            DocumentId id = entry.getKey();
            for (int from = 0; from < entry.getValue().size(); from += Limits.OVER_PER_EDIT) {
                int to = Math.min(entry.getValue().size(), from + Limits.OVER_PER_EDIT);
                List<Dot> some = entry.getValue().subList(from, to);
                if (operations.size() == CORRECTIONS || named + some.size() > CORRECTED) {
                    Transaction full = new Transaction(null, operations);
                    keep(scope, state.wrote(seq, clock.last()), full, documents);
                    documents.clear();
                    operations.clear();
                    named = 0;
                }
                Dot dot = new Dot(replica, seq++);
                List<Edit> edits = List.of(Edit.put(Key.clock(), reading, some));
                Hlc now = clock.tick(readingMillis);
                operations.add(new Operation(dot, now, id.collection(), id.id(), edits));
                documents.computeIfAbsent(id, missing -> tables.document(scope, missing));
                named += some.size();
            }
        }
        if (operations.isEmpty()) return Written.NOTHING;
        Transaction last = new Transaction(null, operations);
        keep(scope, state.wrote(seq, clock.last()), last, documents);
        return new Written(state.nextSeq(), seq - 1, Set.copyOf(dots.keySet()));
    }

    /**
     * The greatest reading of those who claim to have replaced {@code dot} before it was written.
     * They saw a copy of this store, or want to kill what comes: either way it must stand here and
     * everywhere, so it goes past them.
     */
    private Hlc newestMark(String scope, Dot dot) {
        Hlc newest = Hlc.ZERO;
        for (EarlyMark mark : tables.marks(scope, dot)) {
            if (mark.key().kind() != Key.CLOCK) newest = Hlc.max(newest, mark.hlc());
        }
        return newest;
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
        new Applier.ScopeMerge(
                        tables,
                        scope,
                        replica,
                        tables.context(scope, replica),
                        (own, dot) -> dot.replica().equals(replica))
                .merge(transaction.operations(), documents);
        documents.forEach((id, document) -> tables.putDocument(scope, id, document));
        tables.addUnsealed(scope, new Unsealed(transaction));
        tables.putAuthor(scope, state);
    }

    /**
     * Own entries before every one that may still be lost, or was refused; looked up when asked.
     */
    private Predicate<Dot> foldable(String scope) {
        long[] first = {0};
        return dot -> {
            if (!dot.replica().equals(replica)) return false;
            if (first[0] == 0) first[0] = firstUnconfirmed(scope);
            return dot.seq() < first[0];
        };
    }

    private long firstUnconfirmed(String scope) {
        AuthorState state = tables.author(scope);
        long first = state == null ? 1 : state.sealedSeq() + 1;
        var unconfirmed = tables.unconfirmed(scope).of(replica);
        if (!unconfirmed.isEmpty()) first = Math.min(first, unconfirmed.from(0));
        for (Verdict refused : tables.verdicts(scope, replica)) {
            first = Math.min(first, refused.rejection().span().from());
        }
        return first;
    }

    /**
     * Stamps unsealed operations anew, in their order. One that replaced what others may have too
     * must stay after that, or it would replace it here and nowhere else; and one that others claim
     * to have replaced must not fall below their readings, or it would stand here and nowhere else.
     * Such a one goes into {@code ahead}, to be corrected, and so does whatever of our own builds
     * on it.
     */
    private int restamp(
            String scope, AuthorState state, long regionMillis, Map<DocumentId, List<Dot>> ahead) {
        Hlc bound = Hlc.at(regionMillis + Limits.DRIFT_MILLIS);
        Hlc before = Hlc.ZERO;
        Set<Long> stays = new HashSet<>();
        int count = 0;
        long after = state.sealedSeq();
        while (true) {
            List<Unsealed> page = tables.unsealed(scope, after, Limits.BATCH_BYTES);
            if (page.isEmpty()) return count;
            for (Unsealed unsealed : page) {
                List<Operation> stamped = new ArrayList<>();
                boolean changed = false;
                for (Operation operation : unsealed.transaction().operations()) {
                    Operation now = operation;
                    Dot dot = operation.dot();
                    if (!isAhead(operation.hlc(), regionMillis)) {
                        before = Hlc.max(before, operation.hlc());
                    } else if (isMovable(scope, operation, state.sealedSeq(), stays)) {
                        before = Hlc.max(before.next(), bound);
                        now = operation.at(before);
                        changed = true;
                        count++;
                        Document document = tables.document(scope, operation.document());
                        document.restamp(dot, before);
                        tables.putDocument(scope, operation.document(), document);
                    } else {
                        stays.add(dot.seq());
                        addIfShownAhead(scope, operation, regionMillis, ahead);
                    }
                    stamped.add(now);
                }
                if (changed) {
                    tables.replaceUnsealed(
                            scope,
                            new Unsealed(new Transaction(unsealed.transaction().trace(), stamped)));
                }
                after = unsealed.last();
            }
        }
    }

    private boolean isMovable(String scope, Operation operation, long sealedSeq, Set<Long> stays) {
        if (!tables.marks(scope, operation.dot()).isEmpty()) return false;
        for (Edit edit : operation.edits()) {
            for (Dot over : edit.over()) {
                boolean movable =
                        over.replica().equals(replica)
                                && over.seq() > sealedSeq
                                && !stays.contains(over.seq());
                if (!movable) return false;
            }
        }
        return true;
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
                    if (isAhead(operation.hlc(), regionMillis))
                        addIfShownAhead(scope, operation, regionMillis, ahead);
                }
            }
        }
    }

    private void addIfShownAhead(
            String scope,
            Operation operation,
            long regionMillis,
            Map<DocumentId, List<Dot>> ahead) {
        DocumentId id = operation.document();
        Document document = tables.document(scope, id);
        for (Key key : document.keys()) {
            Entry entry = document.at(key).get(operation.dot());
            if (entry == null || !isAhead(entry.shown(), regionMillis)) continue;
            ahead.computeIfAbsent(id, none -> new ArrayList<>()).add(operation.dot());
            return;
        }
    }

    private static boolean isAhead(Hlc reading, long regionMillis) {
        return reading.millis() > regionMillis + Limits.DRIFT_MILLIS;
    }

    private void requireFits(String scope, Transaction transaction) {
        Operation first = transaction.operations().get(0);
        Bytes hash =
                first.dot().seq() == 1 ? Bytes.EMPTY : Bytes.wrap(new byte[BatchBody.HASH_BYTES]);
        // Throws where it is over a limit: nothing is ever split, so what fits alone must fit.
        Batch.draft(new BatchBody(scope, replica, first.dot().seq(), hash, List.of(transaction)));
    }

    /** Whether the oldest unsealed transactions are the very ones that were signed. */
    private boolean areOldest(String scope, AuthorState state, List<Transaction> signed) {
        List<Unsealed> oldest = tables.unsealed(scope, state.sealedSeq(), SEALED_BYTES);
        if (oldest.size() < signed.size()) return false;
        for (int i = 0; i < signed.size(); i++)
            if (!oldest.get(i).transaction().equals(signed.get(i))) return false;
        return true;
    }
}
