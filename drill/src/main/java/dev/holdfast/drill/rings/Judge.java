package dev.holdfast.drill.rings;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.schema.View;
import dev.holdfast.drill.clinic.ClinicData;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares what people were told with what the stores hold once everything is quiet. It asks no
 * node for its opinion.
 *
 * @param demands what must have happened
 * @param replicas the stores of devices and edge, by name
 */
record Judge(
        Demands demands,
        Ledger ledger,
        Evidence evidence,
        Map<String, StoreImage> replicas,
        RegionImage region) {
    /** What outlives what befalls whom. */
    private static final Map<Durability, String> KEPT =
            new EnumMap<>(
                    Map.of(
                            Durability.DEVICE,
                            "a write saved on a device outlives %s of the device",
                            Durability.EDGE,
                            "a write safe at the edge outlives %s of the edge",
                            Durability.REGION,
                            "a write safe in the cloud outlives %s of region, broker and database",
                            Durability.APPLIED,
                            "a write in the record outlives the same"));

    /** The figures beside the guarantees. */
    record Counts(
            long acknowledged,
            long found,
            long lost,
            long appliedTwice,
            long contested,
            long conflictsKept) {}

    List<Guarantee> guarantees() {
        List<Guarantee> all = new ArrayList<>(evidence.seen());
        all.add(
                new Guarantee(
                        "links were really cut",
                        evidence.cuts() > 0,
                        evidence.cuts() + " cuts, nothing got through"));
        KEPT.forEach((level, name) -> {
            if (demands.kills().contains(level))
                all.add(kept(level, name.replace("%s", demands.blow().one())));
        });
        all.add(nothingLost());
        all.add(nothingTwice());
        all.add(oneContent());
        if (demands.contests()) all.add(conflictsKept());
        all.add(sameBytes());
        all.add(
                new Guarantee(
                        "a watermark never runs ahead of the database",
                        evidence.watermarks() > 0 && evidence.ahead() == 0,
                        evidence.ahead() + " of " + evidence.watermarks() + " ahead"));
        if (demands.refusals()) all.add(refusalsTold());
        return all;
    }

    Counts counts() {
        Set<Dot> found = foundDots();
        long acknowledged = 0;
        long there = 0;
        for (Ledger.Saved saved : standing()) {
            acknowledged++;
            if (found.contains(saved.dot())) there++;
        }
        return new Counts(
                acknowledged,
                there,
                acknowledged - there,
                appliedTwice(),
                contested().size(),
                conflictsKeptCount());
    }

    private Guarantee kept(Durability level, String name) {
        Evidence.Kept kept = evidence.kept(level);
        String figure =
                kept.kills()
                        + " "
                        + demands.blow().many()
                        + ", "
                        + kept.missing()
                        + " of "
                        + kept.acknowledged()
                        + " missing";
        return new Guarantee(
                name, kept.kills() > 0 && kept.acknowledged() > 0 && kept.missing() == 0, figure);
    }

    private Guarantee nothingLost() {
        Counts counts = counts();
        return new Guarantee(
                "every acknowledged write is in PostgreSQL",
                counts.acknowledged() > 0 && counts.lost() == 0,
                counts.found()
                        + " of "
                        + counts.acknowledged()
                        + " found, "
                        + counts.lost()
                        + " lost");
    }

    private Guarantee nothingTwice() {
        long twice = appliedTwice();
        return new Guarantee(
                "a write has one effect, however often it was sent",
                twice == 0 && !expectedVisits().isEmpty(),
                twice
                        + " applied twice, "
                        + expectedVisits().size()
                        + " counters right to the unit");
    }

    private Guarantee oneContent() {
        List<StoreImage> stores = new ArrayList<>(replicas.values());
        stores.add(region.store());
        return Contents.judge(stores, ledger.reused());
    }

    /**
     * Rows and batches that tell of an operation again, and counters that are not the sum of what
     * was added to them.
     */
    private long appliedTwice() {
        long repeated = (long) region.operations().size() - foundDots().size();
        long overlapping = Math.max(0, region.inBatches() - foundDots().size());
        long counters = 0;
        Map<DocumentId, Long> expected = expectedVisits();
        Set<DocumentId> all = new TreeSet<>(expected.keySet());
        region.store().documents().keySet().stream()
                .filter(id -> id.collection().equals("patients"))
                .forEach(all::add);
        for (DocumentId id : all) {
            if (visits(id) != expected.getOrDefault(id, 0L)) counters++;
        }
        return repeated + overlapping + counters;
    }

    private long visits(DocumentId id) {
        Bytes state = region.store().documents().get(id);
        return state == null ? 0 : View.sum(Document.decode(state), Key.counter(ClinicData.VISITS));
    }

    /**
     * Per counter, what the operations that are in the database added. Of those whose author was
     * killed before it could say "saved", what it had said that it would do.
     */
    private Map<DocumentId, Long> expectedVisits() {
        Map<Dot, Ledger.Saved> told = new HashMap<>();
        for (Ledger.Saved saved : ledger.saved()) told.put(saved.dot(), saved);
        List<Ledger.Begun> unfinished = new ArrayList<>(ledger.unfinished());
        Set<Object> devices = new HashSet<>(ledger.replicas().values());
        Map<DocumentId, Long> expected = new HashMap<>();
        Set<Dot> seen = new HashSet<>();
        for (RegionImage.Row row : region.operations()) {
            if (!seen.add(row.dot())) continue;
            Ledger.Saved saved = told.get(row.dot());
            if (saved != null) {
                if (saved.visits() != 0) expected.merge(row.document(), saved.visits(), Long::sum);
            } else if (devices.contains(row.dot().replica())) {
                unfinished.stream()
                        .filter(begun -> begun.document().equals(row.document()))
                        .findFirst()
                        .ifPresent(begun -> {
                            unfinished.remove(begun);
                            if (begun.visits() != 0)
                                expected.merge(row.document(), begun.visits(), Long::sum);
                        });
            }
        }
        return expected;
    }

    private Guarantee conflictsKept() {
        long kept = conflictsKeptCount();
        long all = contested().size();
        return new Guarantee(
                "of two concurrent values both stay readable",
                all > 0 && kept == all,
                kept + " of " + all + " values readable in PostgreSQL");
    }

    /** Values are unlike each other, so that finding one is finding that one. */
    private long conflictsKeptCount() {
        return contested().stream()
                .filter(saved ->
                        region.shown()
                                .getOrDefault(saved.document(), "")
                                .contains("\"" + saved.value() + "\""))
                .count();
    }

    private List<Ledger.Saved> contested() {
        return ledger.saved().stream().filter(Ledger.Saved::isContested).toList();
    }

    private Guarantee sameBytes() {
        String name = "equal contexts, equal documents, byte for byte";
        Set<Dot> refused = ledger.refused().keySet();
        Set<DocumentId> refusedDocuments = new HashSet<>();
        for (Ledger.Saved saved : ledger.saved()) {
            if (refused.contains(saved.dot())) refusedDocuments.add(saved.document());
        }
        long compared = 0;
        long different = 0;
        List<String> behind = new ArrayList<>();
        for (var each : replicas.entrySet()) {
            Context context = Dots.minus(each.getValue().context(), ledger.refusedDots());
            if (!context.equals(region.store().context())) behind.add(each.getKey());
            Set<DocumentId> ids = new TreeSet<>(region.store().documents().keySet());
            ids.addAll(each.getValue().documents().keySet());
            ids.removeAll(refusedDocuments);
            for (DocumentId id : ids) {
                compared++;
                Bytes here = each.getValue().documents().get(id);
                if (!region.store().documents().containsKey(id)
                        || !region.store().documents().get(id).equals(here)) different++;
            }
        }
        String figure =
                different
                        + " of "
                        + compared
                        + " differ on "
                        + String.join(", ", replicas.keySet())
                        + " and region";
        if (!behind.isEmpty())
            figure += "; the contexts of " + String.join(", ", behind) + " are not the region's";
        return new Guarantee(name, compared > 0 && different == 0 && behind.isEmpty(), figure);
    }

    private Guarantee refusalsTold() {
        Set<Dot> found = foundDots();
        long told = 0;
        long forbidden = 0;
        long applied = 0;
        for (Ledger.Saved saved : ledger.saved()) {
            boolean isForbidden = saved.document().collection().equals(DeviceMain.FORBIDDEN);
            boolean isRefused = ledger.refused().containsKey(saved.dot());
            if (isForbidden) forbidden++;
            if (isForbidden && isRefused) told++;
            // Whatever is refused without being forbidden was taken from its author.
            if (isForbidden == isRefused ? isForbidden && found.contains(saved.dot()) : isRefused)
                applied++;
        }
        return new Guarantee(
                "what is refused is told to its author, and is nowhere",
                forbidden > 0 && told == forbidden && applied == 0,
                told + " of " + forbidden + " told, " + applied + " judged wrongly");
    }

    /** What must be in the database: saved, and not refused. */
    private List<Ledger.Saved> standing() {
        Set<Dot> refused = ledger.refused().keySet();
        return ledger.saved().stream().filter(saved -> !refused.contains(saved.dot())).toList();
    }

    private Set<Dot> foundDots() {
        Set<Dot> found = new HashSet<>();
        region.operations().forEach(row -> found.add(row.dot()));
        return found;
    }
}
