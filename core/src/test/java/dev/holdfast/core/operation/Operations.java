package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Operations of every form, for tests of what carries them. */
public final class Operations {
    public static final String SCOPE = "clinic-7";
    public static final Bytes SIGNATURE = Bytes.wrap(new byte[64]);

    private static final List<String> PATHS = List.of("", "a", "a.b", "name", "é😀.x");

    private Operations() {}

    public static ReplicaId replica(int number) {
        return new ReplicaId((long) number << 56, number);
    }

    /** A register at {@code path} put over {@code over}. */
    public static Operation put(Dot dot, Hlc hlc, String path, Value value, Dot... over) {
        Edit edit = Edit.put(Key.register(path), value, List.of(over));
        return new Operation(dot, hlc, "patients", "p1", List.of(edit));
    }

    public static BatchBody body(Random random) {
        ReplicaId author = replica(random.nextInt(5));
        long first = random.nextBoolean() ? 1 : 1L + random.nextInt(100_000);
        Bytes previous =
                first == 1 ? Bytes.EMPTY : RandomValues.bytes(random, BatchBody.HASH_BYTES);
        List<Transaction> transactions = new ArrayList<>();
        long seq = first;
        for (int t = 1 + random.nextInt(3); t > 0; t--) {
            List<Operation> operations = new ArrayList<>();
            for (int o = 1 + random.nextInt(3); o > 0; o--) {
                operations.add(operation(new Dot(author, seq++), random));
            }
            Bytes trace = random.nextBoolean() ? null : RandomValues.bytes(random, 16);
            transactions.add(new Transaction(trace, operations));
        }
        return new BatchBody(SCOPE, author, first, previous, transactions);
    }

    private static Operation operation(Dot dot, Random random) {
        Map<Key, Edit> edits = new TreeMap<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            Edit edit = edit(random);
            edits.put(edit.key(), edit);
        }
        Hlc hlc =
                random.nextInt(8) == 0
                        ? new Hlc(random.nextLong() >>> 2)
                        : Hlc.of(1_700_000_000_000L + random.nextInt(5000), random.nextInt(4));
        String collection = random.nextBoolean() ? "patients" : "Zoë";
        return new Operation(
                dot, hlc, collection, "p" + random.nextInt(9), List.copyOf(edits.values()));
    }

    private static Edit edit(Random random) {
        List<Dot> over = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            over.add(new Dot(replica(random.nextInt(5)), 1 + random.nextInt(300)));
        }
        String path = PATHS.get(random.nextInt(PATHS.size()));
        boolean removes = !over.isEmpty() && random.nextInt(4) == 0;
        return switch (random.nextInt(6)) {
            case 0 ->
                    new Edit(Key.counter(path), removes ? null : Value.of(random.nextLong()), over);
            case 1 -> {
                Key key = Key.set(path, RandomValues.value(random, 1));
                yield new Edit(key, removes ? null : Value.TRUE, over);
            }
            case 2 -> new Edit(Key.deleted(), removes ? null : Value.TRUE, over);
            case 3 -> {
                Value reading = Value.of(1 + random.nextInt(100_000));
                List<Dot> some = over.isEmpty() ? List.of(new Dot(replica(1), 1)) : over;
                yield new Edit(Key.clock(), reading, some);
            }
            case 4 -> {
                // A kind that only a later version knows.
                Bytes element = random.nextBoolean() ? Bytes.EMPTY : Bytes.fromHex("820102");
                yield new Edit(new Key(path, 77, element), RandomValues.value(random, 2), over);
            }
            default ->
                    new Edit(
                            Key.register(path),
                            removes ? null : RandomValues.value(random, 3),
                            over);
        };
    }
}
