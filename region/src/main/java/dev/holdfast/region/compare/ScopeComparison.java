package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.region.store.Inspection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compares one scope of two regions that go on working. Knows no time: whoever owns it looks again
 * and again, until it {@link #isSettled} or patience ends.
 *
 * <ul>
 *   <li>Two regions are never read at the same moment, so that what is on its way shows as lacking.
 *       What counts is what was lacking at the first look and still is.
 *   <li>Documents are compared by digests of ranges, then each by itself. One that differs is
 *       explained by an operation on it that a side lacks; then it is no news.
 *   <li>A document is corrupt once it was read twice, with the same difference, and what the
 *       regions had seen in between does not explain it: had an operation been on its way at the
 *       first reading, its coming would have changed the document until the second.
 * </ul>
 *
 * Not thread-safe.
 */
final class ScopeComparison {
    private static final int MOST_DOCUMENTS = 10_000;
    private static final int DOTS_TOLD = 10;

    /** Intervals in one question: with the documents' names it fits a message. */
    private static final int PIECE = 5_000;

    private final Map<Side, Asked> regions;
    private final String scope;
    private final Inspection.Depth depth;
    private final Map<DocumentId, Candidate> candidates = new LinkedHashMap<>();
    private final Map<Side, Context> lacking = new EnumMap<>(Side.class);
    private AuthorsDifference authors;
    private boolean partial;

    /** A document that differed when it was last read. */
    private static final class Candidate {
        final Map<Side, Bytes> digests = new EnumMap<>(Side.class);
        final Map<Side, List<Dot>> lacking = new EnumMap<>(Side.class);

        /** By what its owner's own disorder, or a copied key, explains. */
        boolean contested;

        boolean corrupt;
        Finding.Fault fault = Finding.Fault.UNKNOWN;

        boolean isExplained() {
            return contested || !lacking.isEmpty();
        }
    }

    private ScopeComparison(
            Map<Side, Asked> regions,
            String scope,
            Inspection.Depth depth,
            AuthorsDifference authors) {
        this.regions = regions;
        this.scope = scope;
        this.depth = depth;
        this.authors = authors;
        for (Side side : Side.values()) lacking.put(side, new Context(authors.lacking(side)));
    }

    /** The first look at all of it. */
    static ScopeComparison begin(Map<Side, Asked> regions, String scope, Inspection.Depth depth)
            throws IOException, InterruptedException {
        ScopeComparison comparison =
                new ScopeComparison(regions, scope, depth, AuthorsDifference.of(regions, scope));
        comparison.findDocuments();
        comparison.explain(Map.of());
        return comparison;
    }

    String scope() {
        return scope;
    }

    AuthorsDifference authors() {
        return authors;
    }

    /** Whether nothing differed at the last look, or all of it was on its way. */
    boolean isEqual() {
        return isSettled()
                && !partial
                && candidates.isEmpty()
                && authors.forked().isEmpty()
                && isEmpty(authors::unseen)
                && isEmpty(authors::unkept)
                && isEmpty(this::lacking);
    }

    private boolean isEmpty(Function<Side, Context> of) {
        for (Side side : Side.values()) if (!of.apply(side).isEmpty()) return false;
        return true;
    }

    /** Whether another look would show nothing else, unless somebody does something. */
    boolean isSettled() {
        return isEmpty(this::lacking)
                && candidates.values().stream().allMatch(one -> one.corrupt || one.contested);
    }

    /** What a side lacked at the first look, and still does. */
    Context lacking(Side side) {
        return AuthorsDifference.get(lacking, side);
    }

    long operationsLacking(Side side) {
        long count = 0;
        for (Intervals intervals : lacking(side).replicas().values()) {
            for (int i = 0; i < intervals.count(); i++)
                count += intervals.to(i) - intervals.from(i) + 1;
        }
        return count;
    }

    /** About how much was found, for whoever must bound it. */
    int size() {
        int authorsFound = authors.forked().intervals();
        for (Side side : Side.values())
            authorsFound +=
                    authors.lacking(side).intervals()
                            + authors.unseen(side).intervals()
                            + authors.unkept(side).intervals();
        return candidates.size() + authorsFound;
    }

    /** Whether there is more than was looked at. */
    boolean isPartial() {
        return partial || authors.isPartial();
    }

    /** Looks at what differed. */
    void again() throws IOException, InterruptedException {
        authors = AuthorsDifference.of(regions, scope);
        for (Side side : Side.values())
            lacking.put(side, common(lacking(side), authors.lacking(side)));
        Map<DocumentId, Map<Side, Bytes>> before = new HashMap<>();
        for (List<DocumentId> some : pages(List.copyOf(candidates.keySet()), Question.DOCUMENTS)) {
            Map<Side, List<Inspection.State>> states = states(some, false);
            for (int i = 0; i < some.size(); i++) {
                DocumentId id = some.get(i);
                Bytes here = AuthorsDifference.get(states, Side.HERE).get(i).stored();
                Bytes there = AuthorsDifference.get(states, Side.THERE).get(i).stored();
                Candidate candidate = candidate(id);
                before.put(id, Map.copyOf(candidate.digests));
                if (here.equals(there)) candidates.remove(id);
                candidate.digests.put(Side.HERE, here);
                candidate.digests.put(Side.THERE, there);
            }
        }
        explain(before);
    }

    /** Finds out whose fault it is that documents are corrupt. To be called once it is settled. */
    void judge() throws IOException, InterruptedException {
        List<DocumentId> corrupt = new ArrayList<>();
        candidates.forEach((id, one) -> {
            if (one.corrupt) corrupt.add(id);
        });
        for (List<DocumentId> some : pages(corrupt, Question.REBUILT)) {
            Map<Side, List<Inspection.State>> states = states(some, true);
            for (int i = 0; i < some.size(); i++) {
                boolean here = isWrong(AuthorsDifference.get(states, Side.HERE).get(i));
                boolean there = isWrong(AuthorsDifference.get(states, Side.THERE).get(i));
                candidate(some.get(i)).fault =
                        here && there
                                ? Finding.Fault.BOTH
                                : here
                                        ? Finding.Fault.HERE
                                        : there ? Finding.Fault.THERE : Finding.Fault.UNKNOWN;
            }
        }
    }

    private static boolean isWrong(Inspection.State state) {
        Bytes rebuilt = state.rebuilt();
        return rebuilt != null && !rebuilt.equals(state.stored());
    }

    /** In what the two differ. */
    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (Side side : Side.values()) {
            lacking(side)
                    .replicas()
                    .forEach((author, dots) ->
                            findings.add(new Finding.Lacking(scope, side, author, dots)));
            authors.unseen(side)
                    .replicas()
                    .forEach((author, dots) ->
                            findings.add(new Finding.Unseen(scope, side, author, dots)));
            authors.unkept(side)
                    .replicas()
                    .forEach((author, dots) ->
                            findings.add(new Finding.Unkept(scope, side, author, dots)));
        }
        authors.forked()
                .replicas()
                .forEach((author, dots) -> findings.add(new Finding.Forked(scope, author, dots)));
        candidates.forEach((id, one) -> {
            if (one.isExplained())
                findings.add(new Finding.Explained(scope, id, Map.copyOf(one.lacking)));
            else if (one.corrupt) findings.add(new Finding.Corrupt(scope, id, one.fault));
            else findings.add(new Finding.Undecided(scope, id));
        });
        return findings;
    }

    // Documents.

    /**
     * By ranges as large as the side that compares has them, or smaller where the other has more.
     */
    private void findDocuments() throws IOException, InterruptedException {
        Asked here = AuthorsDifference.get(regions, Side.HERE);
        Asked there = AuthorsDifference.get(regions, Side.THERE);
        DocumentId after = Inspection.START;
        boolean more = true;
        while (more && !partial) {
            Inspection.Range mine = here.ask(new Question.Range(scope, after, null, depth));
            DocumentId upTo = mine.last();
            Inspection.Range theirs = there.ask(new Question.Range(scope, after, upTo, depth));
            if (theirs.last() != null && !theirs.last().equals(upTo)) {
                upTo = theirs.last();
                mine = here.ask(new Question.Range(scope, after, upTo, depth));
            }
            if (!mine.digest().equals(theirs.digest())) find(after, upTo);
            more = upTo != null;
            if (upTo != null) after = upTo;
        }
    }

    private void find(DocumentId after, @Nullable DocumentId upTo)
            throws IOException, InterruptedException {
        Map<DocumentId, Bytes> here = listed(Side.HERE, after, upTo);
        Map<DocumentId, Bytes> there = listed(Side.THERE, after, upTo);
        TreeSet<DocumentId> all = new TreeSet<>(here.keySet());
        all.addAll(there.keySet());
        for (DocumentId id : all) {
            Bytes mine = here.getOrDefault(id, Bytes.EMPTY);
            Bytes theirs = there.getOrDefault(id, Bytes.EMPTY);
            if (mine.equals(theirs)) continue;
            if (candidates.size() == MOST_DOCUMENTS) {
                partial = true;
                return;
            }
            Candidate candidate = new Candidate();
            candidate.digests.put(Side.HERE, mine);
            candidate.digests.put(Side.THERE, theirs);
            candidates.put(id, candidate);
        }
    }

    private Map<DocumentId, Bytes> listed(Side side, DocumentId after, @Nullable DocumentId upTo)
            throws IOException, InterruptedException {
        Map<DocumentId, Bytes> all = new TreeMap<>();
        DocumentId from = after;
        // Twice what a range holds: it may have grown meanwhile, and the rest is for another time.
        for (boolean more = true; more && all.size() < 2 * Inspection.RANGE; ) {
            Inspection.Page<Inspection.Listed> page =
                    AuthorsDifference.get(regions, side)
                            .ask(new Question.Documents(scope, from, upTo, depth));
            for (Inspection.Listed listed : page.items()) all.put(listed.id(), listed.digest());
            more = page.more() && !page.items().isEmpty();
            if (more) from = page.items().getLast().id();
        }
        return all;
    }

    private Map<Side, List<Inspection.State>> states(List<DocumentId> some, boolean rebuilt)
            throws IOException, InterruptedException {
        Map<Side, List<Inspection.State>> states = new EnumMap<>(Side.class);
        for (Side side : Side.values())
            states.put(
                    side,
                    AuthorsDifference.get(regions, side)
                            .ask(new Question.States(scope, some, depth, rebuilt)));
        return states;
    }

    // What explains them.

    /**
     * Asks which of the operations in which the sides differ are about the documents that differ.
     *
     * @param before the digests that the documents had at the look before; none at the first
     */
    private void explain(Map<DocumentId, Map<Side, Bytes>> before)
            throws IOException, InterruptedException {
        candidates
                .values()
                .forEach(one -> {
                    one.lacking.clear();
                    one.contested = false;
                });
        for (List<DocumentId> some : pages(List.copyOf(candidates.keySet()), Question.DOCUMENTS)) {
            for (Side side : Side.values()) {
                touching(
                        side.other(),
                        authors.lacking(side),
                        some,
                        (one, dot) -> {
                            List<Dot> dots =
                                    one.lacking.computeIfAbsent(side, _ -> new ArrayList<>());
                            if (dots.size() < DOTS_TOLD) dots.add(dot);
                        });
                touching(side, authors.unseen(side), some, (one, dot) -> one.contested = true);
                touching(side, authors.forked(), some, (one, dot) -> one.contested = true);
            }
        }
        candidates.forEach((id, one) ->
                one.corrupt = !one.isExplained() && one.digests.equals(before.get(id)));
    }

    private void touching(
            Side side, Context dots, List<DocumentId> documents, BiConsumer<Candidate, Dot> told)
            throws IOException, InterruptedException {
        for (Context piece : dots.pieces(PIECE)) {
            for (Inspection.Touched touched :
                    AuthorsDifference.get(regions, side)
                            .ask(new Question.Touching(scope, piece, documents))) {
                Candidate one = candidates.get(touched.id());
                if (one != null) told.accept(one, touched.dot());
            }
        }
    }

    /** Documents that this region may make anew of its batches. */
    List<DocumentId> documentsToRebuild() {
        List<DocumentId> documents = new ArrayList<>();
        candidates.forEach((id, one) -> {
            if (one.contested || one.corrupt) documents.add(id);
        });
        return documents;
    }

    private Candidate candidate(DocumentId id) {
        Candidate candidate = candidates.get(id);
        if (candidate == null) throw new IllegalStateException("no candidate: " + id);
        return candidate;
    }

    private static Context common(Context one, Context other) {
        Context both = new Context();
        one.replicas()
                .forEach((replica, dots) ->
                        both.put(replica, dots.minus(dots.minus(other.of(replica)))));
        return both;
    }

    private static <T> List<List<T>> pages(List<T> all, int size) {
        List<List<T>> pages = new ArrayList<>();
        for (int from = 0; from < all.size(); from += size)
            pages.add(all.subList(from, Math.min(all.size(), from + size)));
        return pages;
    }
}
