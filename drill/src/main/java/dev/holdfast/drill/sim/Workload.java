package dev.holdfast.drill.sim;

import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.schema.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What persons write, and what they must see at once when they did. */
final class Workload {
    static final String THINGS = "things";
    static final String FORGED = "forged";
    private static final String NOTES = "notes";
    private static final String COUNTERS = "counters";
    private static final String NOT_ALLOWED = "audit";
    static final List<String> COLLECTIONS = List.of(THINGS, NOTES, COUNTERS, FORGED);

    /** What is left when the right to write notes was taken away. */
    static final List<String> WITHOUT_NOTES = List.of(THINGS, COUNTERS, FORGED);

    static final int FIELDS = 3;
    private static final int DOCUMENTS = 4;
    private static final int PHOTO_CHARS = 120_000;

    /** A write of one transaction; one change a document. */
    record Write(String scope, Map<DocumentId, List<Change>> changes, boolean forbidden) {
        long increment(DocumentId id) {
            return change(id) instanceof Change.Increment increment ? increment.by() : 0;
        }

        private @Nullable Change change(DocumentId id) {
            List<Change> all = changes.get(id);
            return all == null ? null : all.getFirst();
        }
    }

    private Workload() {}

    static String document(Random dice) {
        return "d" + dice.nextInt(DOCUMENTS);
    }

    static String field(Random dice) {
        return "f" + dice.nextInt(FIELDS);
    }

    static Write draw(Random dice, Topology.Person person) {
        String scope = person.scopes().get(dice.nextInt(person.scopes().size()));
        boolean forbidden = dice.nextInt(100) == 0;
        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
        for (int i = dice.nextInt(5) == 0 ? 3 : 1; i > 0; i--) {
            String collection =
                    forbidden
                            ? NOT_ALLOWED
                            : List.of(COUNTERS, THINGS, NOTES, THINGS).get(dice.nextInt(4));
            DocumentId id = new DocumentId(collection, document(dice));
            Change change =
                    person.photographs() && dice.nextInt(2) == 0
                            ? new Change.Put("photo", photo(dice))
                            : change(id, dice);
            if (collection.equals(COUNTERS)) change = change(id, dice);
            changes.putIfAbsent(id, List.of(change));
        }
        return new Write(scope, changes, forbidden);
    }

    /** What two persons do who write the same field at the same time. */
    static Write duel(String scope, Random dice, int value) {
        DocumentId id = new DocumentId(dice.nextBoolean() ? THINGS : NOTES, document(dice));
        Change put = new Change.Put(field(dice), Value.of(value));
        return new Write(scope, Map.of(id, List.of(put)), false);
    }

    private static Value photo(Random dice) {
        return Value.of(String.valueOf((char) ('a' + dice.nextInt(26))).repeat(PHOTO_CHARS));
    }

    private static Change change(DocumentId id, Random dice) {
        if (id.collection().equals(COUNTERS))
            return new Change.Increment("count", World.between(dice, 1, 5));
        Value value = Value.of(dice.nextInt(100));
        return switch (dice.nextInt(8)) {
            case 0 -> new Change.Delete();
            case 1 -> new Change.Add("tags", Value.of("t" + dice.nextInt(4)));
            case 2 -> new Change.Remove("tags", Value.of("t" + dice.nextInt(4)));
            case 3 ->
                    new Change.Put(
                            "address",
                            new Value.Map(new TreeMap<>(Map.of("city", value, "street", value))));
            case 4 -> new Change.Put("address.city", value);
            default -> new Change.Put(field(dice), value);
        };
    }

    /** Does {@code author}'s write, and checks in its transaction that its own view shows it. */
    static Author.Written seen(
            Write write, MemoryTables tables, SimDevice device, Supplier<Author.Written> author) {
        Map<DocumentId, Long> counts = new LinkedHashMap<>();
        for (DocumentId id : write.changes().keySet())
            counts.put(id, count(view(write, tables, device, id)));
        AuthorState before = tables.author(write.scope());
        boolean named = isNamed(write, tables, device, before == null ? 1 : before.nextSeq());
        Author.Written written = author.get();
        AuthorState after = tables.author(write.scope());
        if (after != null) {
            long bound = device.clock.millis() + Limits.DRIFT_MILLIS;
            Hlc was = before == null ? Hlc.ZERO : before.clock();
            Invariant.CLOCKS_ARE_CORRECTED.hold(
                    after.clock().millis() <= Math.max(bound, was.millis() + 1),
                    () -> device + " let its clock be pulled");
        }
        if (named) return written;
        for (DocumentId id : write.changes().keySet()) {
            Change change = java.util.Objects.requireNonNull(write.change(id));
            View view = view(write, tables, device, id);
            long count = counts.getOrDefault(id, 0L);
            Invariant.A_WRITE_IS_SEEN.hold(
                    shows(view, change, count), () -> device + " does not see its own " + change);
        }
        return written;
    }

    /** Whether somebody replaced what is about to be written: with a clock behind, it is gone. */
    private static boolean isNamed(
            Write write, MemoryTables tables, SimDevice device, long nextSeq) {
        for (int i = 0; i < write.changes().size(); i++) {
            if (!tables.marks(write.scope(), new Dot(device.id(), nextSeq + i)).isEmpty())
                return true;
        }
        return false;
    }

    private static View view(Write write, MemoryTables tables, SimDevice device, DocumentId id) {
        return View.of(
                tables.document(write.scope(), id), device.schema.collection(id.collection()));
    }

    private static long count(View view) {
        return view.fields().fields().get("count") instanceof Value.Int count ? count.value() : 0;
    }

    private static boolean shows(View view, Change change, long countBefore) {
        Map<String, Value> fields = view.fields().fields();
        return switch (change) {
            case Change.Put put when put.path().startsWith("address") ->
                    fields.get("address") instanceof Value.Map address
                            && address.fields().containsKey("city");
            case Change.Put put -> put.value().equals(fields.get(put.path()));
            case Change.Increment increment -> count(view) == countBefore + increment.by();
            case Change.Add add -> tags(fields).contains(add.element());
            case Change.Remove remove -> !tags(fields).contains(remove.element());
            case Change.Delete delete -> !view.exists();
            case Change.Unset unset -> true;
        };
    }

    private static List<Value> tags(Map<String, Value> fields) {
        return fields.get("tags") instanceof Value.Array tags ? tags.items() : List.of();
    }
}
