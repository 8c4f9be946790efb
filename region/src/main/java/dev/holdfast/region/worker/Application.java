package dev.holdfast.region.worker;

import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionTables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a group of batches in one transaction: apply each, quarantine forks, correct
 * clocks that ran ahead, find out what there is to tell.
 */
final class Application {
    private final RegionAuthor author;
    private final boolean home;

    Application(RegionAuthor author, boolean home) {
        this.author = author;
        this.home = home;
    }

    /**
     * A batch from the log.
     *
     * @param grants of its author; null where the record had none, which an honest ingest never
     *     writes
     * @param receivedMillis when the region took it in
     */
    record Item(Batch batch, @Nullable Granted grants, long receivedMillis) {
        int operations() {
            return (int) (batch.last() - batch.first() + 1);
        }
    }

    record Applied(List<News> news, int operations, int quarantined) {}

    /** What a scope's clocks were judged by. */
    private record Received(String scope, long millis) implements Comparable<Received> {
        @Override
        public int compareTo(Received other) {
            int order = scope.compareTo(other.scope);
            return order != 0 ? order : Long.compare(millis, other.millis);
        }
    }

    private static final class Touched {
        final Set<ReplicaId> authors = new TreeSet<>();
        final List<Rejection> refused = new ArrayList<>();
        boolean grew;
    }

    Applied apply(RegionTables tables, List<Item> group, long nowMillis) {
        tables.prefetch(
                group.stream().map(Item::batch).toList(),
                group.stream().map(item -> item.batch().author()).distinct().toList());
        Applier applier = new Applier(tables);
        Map<String, Touched> scopes = new TreeMap<>();
        Map<Received, List<Operation>> ahead = new TreeMap<>();
        int operations = 0;
        int quarantined = 0;
        for (Item item : group) {
            Batch batch = item.batch();
            Touched touched = scopes.computeIfAbsent(batch.scope(), none -> new Touched());
            switch (applier.apply(batch)) {
                case Applier.Outcome.Applied applied -> {
                    operations += item.operations();
                    touched.grew = true;
                    touched.authors.add(batch.author());
                    if (item.grants() != null) tables.addGranted(item.grants());
                    if (home) noteAhead(item, ahead);
                }
                // Told again: whoever sends again has not heard.
                case Applier.Outcome.Duplicate duplicate -> touched.authors.add(batch.author());
                case Applier.Outcome.Forked forked -> {
                    quarantined++;
                    tables.quarantine(batch, Rejection.Code.FORK, forked.reason(), nowMillis);
                    touched.refused.add(
                            Admission.refuse(batch, Rejection.Code.FORK, forked.reason()));
                }
            }
        }
        ahead.forEach((received, late) -> correct(tables, received, late, nowMillis));
        return new Applied(news(tables, scopes), operations, quarantined);
    }

    /** Quarantines a batch that could not be applied. */
    Applied refuse(
            RegionTables tables, Item item, Rejection.Code code, String reason, long nowMillis) {
        Batch batch = item.batch();
        tables.quarantine(batch, code, reason, nowMillis);
        // The author need not know our faults' details, only that this is kept aside.
        Rejection told = Admission.refuse(batch, code, "it could not be applied");
        return new Applied(List.of(new News(batch.scope(), null, List.of(), List.of(told))), 0, 1);
    }

    private static void noteAhead(Item item, Map<Received, List<Operation>> ahead) {
        long bound = item.receivedMillis() + Limits.DRIFT_MILLIS;
        for (Operation operation : item.batch().body().operations()) {
            if (operation.hlc().millis() <= bound) continue;
            ahead.computeIfAbsent(
                            new Received(item.batch().scope(), item.receivedMillis()),
                            none -> new ArrayList<>())
                    .add(operation);
        }
    }

    /**
     * After the whole group, since the author's own correction often comes with it: what that has
     * healed needs no other.
     */
    private void correct(
            RegionTables tables, Received received, List<Operation> late, long nowMillis) {
        Map<DocumentId, List<Dot>> dots = new LinkedHashMap<>();
        for (Operation operation : late) {
            Document document = tables.document(received.scope(), operation.document());
            if (showsAhead(document, operation.dot(), received.millis() + Limits.DRIFT_MILLIS))
                dots.computeIfAbsent(operation.document(), none -> new ArrayList<>())
                        .add(operation.dot());
        }
        if (!dots.isEmpty())
            author.correct(tables, received.scope(), dots, received.millis(), nowMillis);
    }

    private static boolean showsAhead(Document document, Dot dot, long boundMillis) {
        for (Key key : document.keys()) {
            Entry entry = document.at(key).get(dot);
            if (entry != null && entry.shown().millis() > boundMillis) return true;
        }
        return false;
    }

    private static List<News> news(RegionTables tables, Map<String, Touched> scopes) {
        List<News> news = new ArrayList<>();
        scopes.forEach((scope, touched) -> {
            news.add(
                    new News(
                            scope,
                            touched.grew ? tables.feedHead(scope) : null,
                            Opening.all(tables, scope, touched.authors),
                            touched.refused));
        });
        return news;
    }
}
