package dev.holdfast.region.compare;

import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.region.store.Inspection;
import dev.holdfast.region.store.Mending;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Compares this region with a peer on the caller's thread: by digests of scopes first, closer where
 * they differ, again and again until all that was on its way has arrived or patience ends; and
 * mends what it is told to.
 *
 * <p>What a region lacks is sent to it, and goes through its log. What stands wrong in a region is
 * no matter of operations, since the contexts say that they were seen: that is made anew of what
 * the region keeps itself, by itself ({@link Mending}). So this region puts its own rows in order,
 * and of the peer's it says that they want it.
 */
public final class ComparisonDriver {
    private static final Duration PAUSE = Duration.ofMillis(500);

    /** Intervals that are asked for at once. */
    private static final int PIECE = 1_000;

    private static final int MOST_SCOPES = 100_000;

    /** Authors and documents that differ, of all scopes together. */
    private static final int MOST_FOUND = 20_000;

    /** Lost batches that are brought for one scope. */
    private static final int LOST_BYTES = 64 << 20;

    /**
     * A listener hears something after so long at the latest, or he would think nobody is there.
     */
    private static final Duration BEAT = Duration.ofSeconds(5);

    private final Map<Side, Asked> regions = new EnumMap<>(Side.class);
    private final Mending mending;
    private final Signed signed;
    private final Listener listener;
    private final Options options;
    private long heardNanos = System.nanoTime();

    /**
     * What is wanted.
     *
     * @param scope to be compared alone; empty for all that there are
     * @param repair whether to mend what can be mended
     * @param patience for what is on its way
     */
    public record Options(Optional<String> scope, boolean repair, Duration patience) {}

    /** What is told on the way. */
    public sealed interface Event {
        /** It goes on. */
        record Working() implements Event {}

        /** So many scopes have been looked into, of those whose digests differ. */
        record Looked(int scopes, int differing) implements Event {}

        /** What the sides still lack of what they did at the first look; it is waited for. */
        record Waiting(long here, long there) implements Event {}

        /** This region's rows were put in order. */
        record Mended(String scope, Mending.Mended mended) implements Event {}

        /** Operations were put into the log of a side. */
        record Sent(String scope, Side to, int batches) implements Event {}
    }

    /** Who is told; may give it up by an exception. */
    @FunctionalInterface
    public interface Listener {
        void heard(Event event) throws IOException, InterruptedException;
    }

    /**
     * What came of it.
     *
     * @param scopes that were compared
     * @param shown whether the readable columns were compared too: the schemas are the same
     * @param partial whether more differs than was looked at
     */
    public record Result(int scopes, boolean shown, boolean partial, List<Finding> findings) {
        /** Whether the two have the same. */
        public boolean isEqual() {
            return findings.isEmpty() && !partial;
        }
    }

    public ComparisonDriver(
            Asked here,
            Asked there,
            Mending mending,
            Signed signed,
            Options options,
            Listener listener) {
        regions.put(Side.HERE, beating(here));
        regions.put(Side.THERE, beating(there));
        this.mending = mending;
        this.signed = signed;
        this.options = options;
        this.listener = listener;
    }

    private Asked beating(Asked region) {
        return question -> {
            if (System.nanoTime() - heardNanos >= BEAT.toNanos()) tell(new Event.Working());
            return region.ask(question);
        };
    }

    private void tell(Event event) throws IOException, InterruptedException {
        heardNanos = System.nanoTime();
        listener.heard(event);
    }

    /**
     * Compares, and mends if told to.
     *
     * @throws IOException when one of the regions cannot be asked
     * @throws dev.holdfast.core.MalformedException when one answers what is no answer
     */
    public Result run() throws IOException, InterruptedException {
        Inspection.Depth depth = depth();
        Suspects suspects = suspects(depth);
        List<ScopeComparison> differing = new ArrayList<>();
        int looked = 0;
        int found = 0;
        for (String scope : suspects.differing()) {
            if (found >= MOST_FOUND) break;
            ScopeComparison comparison = ScopeComparison.begin(regions, scope, depth);
            found += comparison.size();
            if (!comparison.isEqual()) differing.add(comparison);
            tell(new Event.Looked(++looked, suspects.differing().size()));
        }
        boolean partial = looked < suspects.differing().size();
        settle(differing);
        if (options.repair() && !differing.isEmpty()) differing = repaired(differing, depth);
        List<Finding> findings = new ArrayList<>();
        for (ScopeComparison comparison : differing) {
            comparison.judge();
            findings.addAll(comparison.findings());
            partial |= comparison.isPartial();
        }
        return new Result(
                suspects.scopes(), depth == Inspection.Depth.SHOWN, partial, List.copyOf(findings));
    }

    /** Readable columns are the same only where documents are shown by the same rules. */
    private Inspection.Depth depth() throws IOException, InterruptedException {
        Question.Scopes asked = new Question.Scopes("", Inspection.Depth.NONE);
        Question.ScopesOf here = region(Side.HERE).ask(asked);
        Question.ScopesOf there = region(Side.THERE).ask(asked);
        if (here.node().equals(there.node()))
            throw new IOException("the peer is this region itself");
        return here.scopes().schema().equals(there.scopes().schema())
                ? Inspection.Depth.SHOWN
                : Inspection.Depth.STATE;
    }

    /** How many scopes there are, and those that may differ. */
    private record Suspects(int scopes, List<String> differing) {}

    private Suspects suspects(Inspection.Depth depth) throws IOException, InterruptedException {
        if (options.scope().isPresent()) {
            String scope = options.scope().get();
            Question.Feed end = new Question.Feed(scope, Limits.MAX_SEQ);
            if (region(Side.HERE).ask(end).head() + region(Side.THERE).ask(end).head() == 0)
                throw new IOException("neither region has anything of the scope " + scope);
            return new Suspects(1, List.of(scope));
        }
        Map<String, Inspection.ScopeFound> here = scopes(Side.HERE, depth);
        Map<String, Inspection.ScopeFound> there = scopes(Side.THERE, depth);
        TreeSet<String> all = new TreeSet<>(here.keySet());
        all.addAll(there.keySet());
        List<String> differing = new ArrayList<>();
        for (String name : all) {
            Inspection.ScopeFound mine = here.get(name);
            Inspection.ScopeFound theirs = there.get(name);
            boolean same =
                    mine != null
                            && theirs != null
                            && mine.digest().size() > 0
                            && mine.digest().equals(theirs.digest());
            if (!same) differing.add(name);
        }
        return new Suspects(all.size(), differing);
    }

    private Map<String, Inspection.ScopeFound> scopes(Side side, Inspection.Depth depth)
            throws IOException, InterruptedException {
        Map<String, Inspection.ScopeFound> scopes = new TreeMap<>();
        String after = "";
        do {
            Inspection.Scopes page = region(side).ask(new Question.Scopes(after, depth)).scopes();
            for (Inspection.ScopeFound found : page.found()) scopes.put(found.name(), found);
            if (scopes.size() > MOST_SCOPES)
                throw new IOException(
                        "there are more than "
                                + MOST_SCOPES
                                + " scopes: compare them by name, one after the other");
            after = page.next();
        } while (!after.isEmpty());
        return scopes;
    }

    /** Looks again until nothing changes any more, or patience ends; what is equal goes. */
    private void settle(List<ScopeComparison> differing) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + options.patience().toNanos();
        for (boolean first = true; !differing.isEmpty(); first = false) {
            long here = lacking(differing, Side.HERE);
            long there = lacking(differing, Side.THERE);
            if (here + there > 0) tell(new Event.Waiting(here, there));
            for (ScopeComparison comparison : differing) {
                if (first || !comparison.isSettled()) comparison.again();
            }
            differing.removeIf(ScopeComparison::isEqual);
            boolean over = System.nanoTime() - deadline >= 0;
            if (over || differing.stream().allMatch(ScopeComparison::isSettled)) return;
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
    }

    private static long lacking(List<ScopeComparison> differing, Side side) {
        return differing.stream().mapToLong(one -> one.operationsLacking(side)).sum();
    }

    // Mending.

    private List<ScopeComparison> repaired(List<ScopeComparison> differing, Inspection.Depth depth)
            throws IOException, InterruptedException {
        for (ScopeComparison comparison : differing) {
            mendHere(comparison);
            for (Side side : Side.values()) send(comparison, side);
        }
        List<ScopeComparison> again = new ArrayList<>();
        for (ScopeComparison comparison : differing) {
            ScopeComparison now = ScopeComparison.begin(regions, comparison.scope(), depth);
            if (!now.isEqual()) again.add(now);
        }
        settle(again);
        return again;
    }

    /** First: what is rebuilt must not have new operations upon what is wrong. */
    private void mendHere(ScopeComparison comparison) throws IOException, InterruptedException {
        AuthorsDifference authors = comparison.authors();
        List<Batch> lost = new ArrayList<>();
        int[] bytes = {0};
        each(
                comparison.scope(),
                Side.THERE,
                authors.unkept(Side.HERE),
                kept -> {
                    signed.check(kept);
                    for (Batch batch : kept.batches()) {
                        bytes[0] += batch.sizeBytes();
                        if (bytes[0] <= LOST_BYTES) lost.add(batch);
                    }
                    return bytes[0] <= LOST_BYTES;
                });
        Mending.Mended mended =
                mending.mend(
                        comparison.scope(),
                        lost,
                        authors.unseen(Side.HERE),
                        comparison.documentsToRebuild());
        if (mended.batches() + mended.dots() + mended.documents() > 0)
            tell(new Event.Mended(comparison.scope(), mended));
    }

    private void send(ScopeComparison comparison, Side to)
            throws IOException, InterruptedException {
        String scope = comparison.scope();
        int[] sent = {0};
        each(
                scope,
                to.other(),
                comparison.lacking(to),
                kept -> {
                    offer(to, scope, kept);
                    sent[0] += kept.batches().size();
                    return true;
                });
        if (sent[0] > 0) tell(new Event.Sent(scope, to, sent[0]));
    }

    private void offer(Side to, String scope, Inspection.Kept kept)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + options.patience().toNanos();
        while (true) {
            long pauseMillis = region(to).ask(new Question.Offer(scope, kept));
            if (pauseMillis == 0) return;
            if (System.nanoTime() - deadline >= 0)
                throw new IOException("the log of " + name(to) + " takes nothing now");
            TimeUnit.MILLISECONDS.sleep(Math.min(pauseMillis, 1_000));
        }
    }

    private static String name(Side side) {
        return side == Side.HERE ? "this region" : "the peer";
    }

    @FunctionalInterface
    private interface Taker {
        /** Answers whether it takes more. */
        boolean take(Inspection.Kept kept) throws IOException, InterruptedException;
    }

    /** Brings all batches with these dots that a side keeps, page by page. */
    private void each(String scope, Side from, Context dots, Taker taker)
            throws IOException, InterruptedException {
        Context left = new Context(dots);
        while (!left.isEmpty()) {
            Context piece = left.pieces(PIECE).getFirst();
            Inspection.Kept kept = region(from).ask(new Question.Fetch(scope, piece));
            Context without = new Context(left);
            for (Batch batch : kept.batches())
                take(without, batch.author(), Intervals.of(batch.first(), batch.last()));
            if (without.equals(left)) {
                // None of this piece is kept there.
                piece.replicas().forEach((replica, some) -> take(without, replica, some));
            } else if (!taker.take(kept)) return;
            left = without;
        }
    }

    private static void take(Context from, ReplicaId replica, Intervals dots) {
        from.put(replica, from.of(replica).minus(dots));
    }

    private Asked region(Side side) {
        return AuthorsDifference.get(regions, side);
    }
}
