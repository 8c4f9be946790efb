package dev.holdfast.core.vectors;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A replica that writes what comes to its mind, always over what it saw. Its signatures are not
 * real ones, since core signs nothing.
 */
final class RandomAuthor {
    static final String SCOPE = "clinic-7";

    private static final List<String> PATHS = List.of("name", "address.city", "note", "é😀");
    private static final List<String> ALLERGIES = List.of("penicillin", "latex", "nuts");

    private final Random random;
    private final ReplicaId id;
    private final ScopeReplay state = new ScopeReplay();
    private Hlc clock = Hlc.of(1_700_000_000_000L, 0);
    private Bytes previous = Bytes.EMPTY;
    private long next = 1;

    RandomAuthor(int number, Random random) {
        this.random = random;
        this.id = ReplicaId.ofKey(Sha256.of(Bytes.wrap(new byte[] {(byte) number})));
    }

    void receive(Batch batch) {
        state.apply(batch);
        for (Operation operation : batch.body().operations()) {
            clock = Hlc.max(clock, operation.hlc());
        }
    }

    /** One to three transactions of one to three operations. */
    Batch write() {
        long first = next;
        List<Transaction> transactions = new ArrayList<>();
        for (int t = random.nextInt(3); t >= 0; t--) {
            List<Operation> operations = new ArrayList<>();
            for (int o = random.nextInt(3); o >= 0; o--) operations.add(operation());
            Bytes trace = random.nextBoolean() ? null : bytes(Transaction.TRACE_BYTES);
            transactions.add(new Transaction(trace, operations));
        }
        Batch.Draft draft = Batch.draft(new BatchBody(SCOPE, id, first, previous, transactions));
        previous = draft.hash();
        return draft.signed(bytes(64));
    }

    private Operation operation() {
        DocumentId document = new DocumentId("patients", "p" + random.nextInt(4));
        clock =
                random.nextInt(4) == 0
                        ? Hlc.of(clock.millis() + random.nextInt(5000), 0)
                        : clock.next();
        Operation operation =
                new Operation(
                        new Dot(id, next++),
                        clock,
                        document.collection(),
                        document.id(),
                        edits(state.document(document)));
        state.apply(operation);
        return operation;
    }

    private List<Edit> edits(Document seen) {
        if (!seen.isEmpty() && random.nextInt(8) == 0) return delete(seen);
        if (next > 2 && random.nextInt(12) == 0) return List.of(clockCorrection());
        Map<Key, Edit> edits = new TreeMap<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            Edit edit = edit(seen);
            edits.put(edit.key(), edit);
        }
        return List.copyOf(edits.values());
    }

    private Edit edit(Document seen) {
        return switch (random.nextInt(3)) {
            case 0 -> Edit.put(Key.counter("visits"), Value.of(random.nextInt(7) - 3L), List.of());
            case 1 -> {
                Key key = Key.set("allergies", Value.of(pick(ALLERGIES)));
                List<Dot> over = List.copyOf(seen.at(key).keySet());
                boolean remove = !over.isEmpty() && random.nextBoolean();
                yield remove ? Edit.remove(key, over) : Edit.put(key, Value.TRUE, over);
            }
            default -> {
                Key key = Key.register(pick(PATHS));
                yield Edit.put(key, value(), List.copyOf(seen.at(key).keySet()));
            }
        };
    }

    private static List<Edit> delete(Document seen) {
        List<Edit> edits = new ArrayList<>();
        for (Key key : seen.keys()) {
            edits.add(Edit.remove(key, List.copyOf(seen.at(key).keySet())));
        }
        return edits;
    }

    /** Of an operation that may be in any document: it finds its entry in its own, or nothing. */
    private Edit clockCorrection() {
        Dot corrected = new Dot(id, 1 + random.nextInt((int) next - 1));
        Hlc reading = Hlc.of(clock.millis() - random.nextInt(100_000), 0);
        return Edit.put(Key.clock(), Value.of(reading.packed()), List.of(corrected));
    }

    private Value value() {
        return switch (random.nextInt(5)) {
            case 0 -> Value.NIL;
            case 1 -> Value.of(random.nextLong());
            case 2 -> Value.number(random.nextInt(1000) / 8.0 + 0.1);
            case 3 -> Value.of(bytes(5));
            default -> Value.array(Value.of("Zoë " + random.nextInt(100)), Value.FALSE);
        };
    }

    private String pick(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private Bytes bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }
}
