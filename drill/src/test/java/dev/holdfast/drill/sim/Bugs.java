package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.replica.Tables;
import dev.holdfast.core.replica.Unsealed;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.log.Log;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.RegionTables;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the planted bugs do. Each takes what the code gave to what it stands in for: the receiver,
 * if there was one, then the arguments. Public, since the code of other packages calls it.
 */
public final class Bugs {
    private Bugs() {}

    public static boolean skipTheContextCheck(Intervals seen, long from, long to) {
        return false;
    }

    public static List<Operation> halfABatchApplied(BatchBody body) {
        List<Operation> all = body.operations();
        return all.subList(0, (all.size() + 1) / 2);
    }

    /** As if somebody else had been quicker, for one hash in sixteen. */
    public static FeedHead feedNumberAllottedOutsideTheLock(Tables tables, String scope) {
        FeedHead head = tables.lockFeed(scope);
        if (head.number() == 0 || head.hash().at(0) % 16 != 0) return head;
        Bytes before = tables.feedHash(scope, head.number() - 1);
        return before == null ? head : new FeedHead(head.number() - 1, before);
    }

    public static Intervals forgetTheIntervalGap(Intervals seen, long from, long to) {
        return Intervals.of(1, Math.max(seen.max(), to));
    }

    public static @Nullable String gapTreatedAsAnError(
            Applier applier, Batch batch, Intervals seen) {
        boolean gap = batch.first() > 1 && !seen.contains(batch.first() - 1);
        return gap ? "the batch before it is missing" : null;
    }

    public static @Nullable String neighboursNotCompared(
            Applier applier, Batch batch, Intervals seen) {
        return null;
    }

    public static boolean forkTakenForADuplicate(Bytes known, Object other) {
        return true;
    }

    public static void forgetAnEarlyReplacedDot(Merge.Surroundings around, EarlyMark mark) {}

    public static int earlyMarkWithoutTheHlcRule(Hlc mark, Hlc operation) {
        return 1;
    }

    public static int replaceWithoutTheHlcRule(Hlc entry, Hlc by) {
        return -1;
    }

    public static void clockCorrectionNotApplied(Document document, Dot dot, Hlc reading) {}

    public static void forgetAnEarlyCorrection(Merge.Surroundings around, EarlyMark mark) {}

    @SuppressWarnings({"rawtypes", "unchecked"}) // it stands in for an erased call
    public static Comparator lwwTieBreakTurnedRound(Comparator first, Function then) {
        return first.thenComparing(then, Comparator.reverseOrder());
    }

    public static Map<Dot, Entry> deleteWinsIgnoresTheMark(Document document, Key key) {
        return Map.of();
    }

    public static boolean counterDeltaTwiceAtFold(List<?> folded, Object dot) {
        return true;
    }

    public static @Nullable AuthorState restartRestoresSeqFromWhatWasSealed(
            ReplicaTables tables, String scope) {
        AuthorState state = tables.author(scope);
        if (state == null) return null;
        return new AuthorState(
                state.replica(),
                state.sealedSeq() + 1,
                state.sealedSeq(),
                state.sealedHash(),
                state.clock());
    }

    public static void transactionSplitInTwo(ReplicaTables tables, String scope, Unsealed whole) {
        List<Operation> all = whole.transaction().operations();
        int half = (all.size() + 1) / 2;
        tables.addUnsealed(scope, new Unsealed(new Transaction(null, all.subList(0, half))));
        if (half < all.size())
            tables.addUnsealed(
                    scope, new Unsealed(new Transaction(null, all.subList(half, all.size()))));
    }

    public static boolean restampWhatReplacedOthers(
            Author author, String scope, Operation operation, long sealedSeq, Set<?> stays) {
        return true;
    }

    public static Hlc aClockIsPulled(Hlc other, Hlc bound) {
        return other;
    }

    public static boolean dropTheOutboxAtEdge(Durability level, Durability retainUntil) {
        return level.reaches(Durability.EDGE);
    }

    public static boolean receiptForOtherBytesBelieved(Bytes known, Object named) {
        return true;
    }

    public static List<Message.Watermark> anEdgeTellsItsOwnDevicesOnly(
            Session.Event.Looked looked) {
        return List.of();
    }

    /** {@code wondering} is of a class that only its package sees. */
    public static boolean askedOnceAndNeverAgain(
            Object wondering, String scope, Context about, long nowMillis) {
        return !about.isEmpty();
    }

    public static Outbox.Recorded thereByNumberOnly(Outbox outbox, Receipt receipt) {
        return new Outbox.Recorded(outbox.record(receipt).changed(), receipt.spans());
    }

    public static void refusalRemovesADot(ReplicaTables tables, String scope, Span span) {
        tables.dropFromOutbox(scope, span);
        Intervals seen = tables.context(scope, span.replica());
        tables.putContext(scope, span.replica(), seen.minus(Intervals.of(span.from(), span.to())));
    }

    public static boolean refusedWriteNotTold(ReplicaTables tables, Verdict verdict, long now) {
        return true;
    }

    public static Object refusalNotSent(Function<?, ?> refuse, Object refusal) {
        return List.of();
    }

    public static Grant.Role anEdgesRefusalIsFinal(Grant grant) {
        return Grant.Role.REGION;
    }

    public static void anEdgeForgetsWhatItTookIn(
            ReplicaTables tables, FeedItem item, Durability level, long now) {}

    public static List<Span> watermarkOffByOne(
            Tables tables, String scope, Set<ReplicaId> replicas) {
        return Opening.all(tables, scope, replicas).stream()
                .map(span -> new Span(span.replica(), span.from(), span.to() + 1, span.hash()))
                .toList();
    }

    public static long watermarkOverTheGap(Intervals intervals, int index) {
        return 1;
    }

    public static boolean resumeAtAnotherNodesCursor(ReplicaId node, Object other) {
        return true;
    }

    public static boolean resumeWithoutTheRunningHash(
            Tables tables, String scope, FeedHead place, FeedHead head) {
        return true;
    }

    public static boolean contextsTakenForEqual(Bytes mine, Object theirs) {
        return true;
    }

    public static boolean anEdgesAckAtAnyLevel(Durability level, Durability other) {
        return false;
    }

    public static Grant.Role anEdgesWatermarkBelieved(Grant grant) {
        return Grant.Role.REGION;
    }

    public static Object watermarksSignatureNotChecked(List<?> answers, int index) {
        return true;
    }

    public static Object signatureOfAPushNotChecked(List<?> answers, int index) {
        return true;
    }

    public static boolean signatureOfChangesNotChecked(List<?> answers, Object no) {
        return false;
    }

    public static @Nullable Rejection grantNotJudged(Batch batch, SignedGrant grant) {
        return null;
    }

    public static long aPauseLosesWhatWasOnItsWay(long after, long lowest) {
        return after;
    }

    public static long unboundedWindow(Object outgoing) {
        return 0;
    }

    public static int unboundedPagesAhead(Object feed) {
        return 0;
    }

    static void acknowledgeBeforeTheFlush(SimDisk disk, Runnable then) {
        then.run();
        disk.flushed(() -> {});
    }

    static void logCommittedBeforeTheDatabase(SimDisk disk, Runnable then) {
        then.run();
        disk.flushed(() -> {});
    }

    public static Context anEdgeSaysItHasWhatItDoesNotAnswerFor(Context pending, Context answered) {
        return pending;
    }

    public static void anEdgeAnswersNotAgain(
            Object intake, String scope, List<Batch> known, long nowMillis) {}

    public static AppendResult answerBeforeSendOk(Log log, List<LogRecord> records) {
        log.append(records);
        return new AppendResult.Stored();
    }

    public static long cursorKeptThoughTheLogDidNotTakeThePage(Object kept) {
        return 0;
    }

    public static boolean globalWithoutComparingHashes(Bytes known, Object other) {
        return true;
    }

    public static Map<ReplicaId, List<Span>> globalCountsTheOwnRegion(
            RegionTables tables, String scope, Collection<ReplicaId> authors) {
        Map<ReplicaId, List<Span>> said = new TreeMap<>(tables.elsewhere(scope, authors));
        said.put(authors.iterator().next(), Opening.all(tables, scope, Set.copyOf(authors)));
        return said;
    }

    public static Context aRegionIsTakenToHaveAll(
            Copies copies,
            RegionTables tables,
            String scope,
            ReplicaId region,
            Collection<ReplicaId> authors) {
        return tables.context(scope);
    }

    public static boolean aMirrorDropsWhatIsOfAKnownAuthor(RegionTables tables, Batch batch) {
        return !tables.context(batch.scope(), batch.author()).isEmpty();
    }

    public static void clocksNotCorrectedByTheRegion(Object item, Object ahead) {}

    public static Granted oneGrantOfAReplicaKept(Granted known, List<SignedGrant> later) {
        return new Granted(later);
    }

    public static boolean whatAnEdgeShowedTakenForTheBatch(Rejection.Code code) {
        return true;
    }
}
