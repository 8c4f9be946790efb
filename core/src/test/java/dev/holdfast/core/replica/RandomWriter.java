package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.NaiveNode;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A node that writes operations by hand, below {@link Author}, so that it can also write what no
 * author would: over dots that do not exist yet, with readings from the past or the far future. Its
 * operations go into a real store and into a naive one.
 */
final class RandomWriter {
    private static final String[] PATHS = {"a", "b", "b.c"};
    private static final String[] ELEMENTS = {"p", "q", "r"};

    final MemoryStore store = MemoryStore.durable();
    final NaiveNode naive = new NaiveNode();

    private final Random random;
    private final ReplicaId id;
    private final boolean malicious;

    /** A clock that is wrong by up to a day. */
    private final long skewMillis;

    private Hlc clock = Hlc.ZERO;
    private Bytes previous = Bytes.EMPTY;
    private long next = 1;

    RandomWriter(int number, Random random) {
        this.random = random;
        id = Operations.replica(number);
        malicious = random.nextInt(4) == 0;
        skewMillis = random.nextInt(3) == 0 ? random.nextInt(172_800_000) - 86_400_000L : 0;
    }

    void receive(Batch batch) {
        Applier.Outcome outcome = store.write(tables -> new Applier(tables, id).apply(batch));
        if (outcome instanceof Applier.Outcome.Forked forked) {
            throw new AssertionError(forked.reason());
        }
        for (Operation operation : batch.body().operations()) {
            naive.apply(operation);
            if (operation.hlc().millis() < Limits.MAX_MILLIS / 2) {
                clock = Hlc.max(clock, operation.hlc());
            }
        }
    }

    /** A batch of one to three operations, already applied here. */
    Batch write(List<RandomWriter> all) {
        long first = next;
        List<Transaction> transactions = new ArrayList<>();
        for (int t = random.nextInt(2); t >= 0; t--) {
            List<Operation> operations = new ArrayList<>();
            for (int o = random.nextInt(2); o >= 0; o--) operations.add(operation(all));
            transactions.add(new Transaction(null, operations));
        }
        BatchBody body = new BatchBody(Operations.SCOPE, id, first, previous, transactions);
        Batch batch = Batch.draft(body).signed(Operations.SIGNATURE);
        previous = batch.hash();
        receive(batch);
        return batch;
    }

    private Operation operation(List<RandomWriter> all) {
        DocumentId document = new DocumentId("patients", random.nextBoolean() ? "x" : "y");
        Document seen = store.read(tables -> tables.document(Operations.SCOPE, document));
        List<Edit> edits = edits(seen);
        if (malicious && random.nextInt(3) == 0) {
            edits = edits.stream().map(edit -> overTheFuture(edit, all)).toList();
        }
        Dot dot = new Dot(id, next++);
        return new Operation(dot, reading(), document.collection(), document.id(), edits);
    }

    private Hlc reading() {
        long now = 1_700_000_000_000L + random.nextInt(1000) + skewMillis;
        if (malicious && random.nextInt(4) == 0) {
            return new Hlc(random.nextBoolean() ? random.nextInt(5) : Limits.MAX_MILLIS << 16);
        }
        clock = Hlc.max(clock.next(), Hlc.of(now, 0));
        return clock;
    }

    private List<Edit> edits(Document seen) {
        if (!seen.isEmpty() && random.nextInt(6) == 0) return delete(seen);
        Map<Key, Edit> edits = new TreeMap<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            Edit edit = edit(seen);
            edits.put(edit.key(), edit);
        }
        // A write that saw a delete puts an end to it.
        List<Dot> deleted = List.copyOf(seen.at(Key.deleted()).keySet());
        if (!deleted.isEmpty()) edits.put(Key.deleted(), Edit.remove(Key.deleted(), deleted));
        return List.copyOf(edits.values());
    }

    private Edit edit(Document seen) {
        String path = PATHS[random.nextInt(PATHS.length)];
        return switch (random.nextInt(6)) {
            case 0 -> Edit.put(Key.counter("c"), Value.of(random.nextInt(7) - 3), ownCounter(seen));
            case 1, 2 -> {
                String element = ELEMENTS[random.nextInt(ELEMENTS.length)];
                yield putOrRemove(seen, Key.set("s", Value.of(element)), Value.TRUE);
            }
            case 3 -> putOrRemove(seen, new Key(path, 9, Bytes.EMPTY), Value.of("later"));
            case 4 -> correction();
            default -> putOrRemove(seen, Key.register(path), RandomValues.value(random, 1));
        };
    }

    private Edit putOrRemove(Document seen, Key key, Value payload) {
        List<Dot> over = List.copyOf(seen.at(key).keySet());
        boolean removes = !over.isEmpty() && random.nextInt(3) == 0;
        return removes ? Edit.remove(key, over) : Edit.put(key, payload, over);
    }

    /** Folding: some of the own entries go into the new one. */
    private List<Dot> ownCounter(Document seen) {
        return seen.at(Key.counter("c")).keySet().stream()
                .filter(dot -> dot.replica().equals(id) && random.nextBoolean())
                .toList();
    }

    private List<Edit> delete(Document seen) {
        List<Edit> edits = new ArrayList<>();
        for (Key key : seen.keys()) {
            if (key.kind() == Key.DELETED) continue;
            edits.add(Edit.remove(key, List.copyOf(seen.at(key).keySet())));
        }
        boolean deleteWins = edits.isEmpty() || random.nextBoolean();
        if (deleteWins) {
            List<Dot> before = List.copyOf(seen.at(Key.deleted()).keySet());
            edits.add(Edit.put(Key.deleted(), Value.TRUE, before));
        }
        return edits;
    }

    /** Of own dots, which may stand in another document, or be overwritten, or not yet be there. */
    private Edit correction() {
        Dot corrected = new Dot(id, 1 + random.nextInt((int) next + 3));
        Hlc reading = Hlc.of(1_700_000_000_000L - random.nextInt(100_000), 0);
        return Edit.put(Key.clock(), Value.of(reading.packed()), List.of(corrected));
    }

    private Edit overTheFuture(Edit edit, List<RandomWriter> all) {
        RandomWriter victim = all.get(random.nextInt(all.size()));
        List<Dot> over = new ArrayList<>(edit.over());
        over.add(new Dot(victim.id, victim.next + random.nextInt(3)));
        return new Edit(edit.key(), edit.payload(), over);
    }
}
