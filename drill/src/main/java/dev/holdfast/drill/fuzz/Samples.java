package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Draws valid things of every kind that has an encoding, the edges of each far more often than
 * chance would bring them, and seldom something large. Signatures are any bytes: no codec judges
 * them.
 */
final class Samples {
    static final String SCOPE = "clinic-7";

    private static final long[] INTEGERS = {
        0, 23, 24, 255, 256, 65_535, 65_536, 1L << 32, (1L << 53) - 1, 1L << 53, Long.MAX_VALUE
    };
    private static final double[] REALS = {
        0.5, 1.5, 0.1, 65_504.5, 0x1p-24, 0x1p-25, 0x1p-14, 3.3e38, 1e300, Double.MIN_VALUE
    };
    private static final int[] POINTS = {
        'a', 'z', 0, 0x1f, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff
    };
    private static final List<String> PATHS =
            List.of("name", "address.city", "note", "é😀", "visits");
    private static final int LARGE = 3_000;
    private static final int BOMB_BATCHES = 7;
    private static final int MANY_BYTES = 50_000;

    private final Random dice;

    Samples(Random dice) {
        this.dice = dice;
    }

    /** A value nested no deeper than {@code depth}; now and then as deep as may be. */
    Value value(int depth) {
        if (dice.nextInt(60) == 0) return deepest();
        if (dice.nextInt(LARGE) == 0) return many();
        return shallow(depth);
    }

    private Value shallow(int depth) {
        return switch (dice.nextInt(depth > 0 ? 9 : 7)) {
            case 0 -> Value.NIL;
            case 1 -> Value.of(dice.nextBoolean());
            case 2 -> Value.of(integer());
            case 3 -> real();
            case 4, 5 -> Value.of(text());
            case 6 -> Value.of(bytes(dice.nextInt(40)));
            case 7 -> {
                List<Value> items = new ArrayList<>();
                for (int i = dice.nextInt(4); i > 0; i--) items.add(shallow(depth - 1));
                yield new Value.Array(items);
            }
            default -> {
                Map<String, Value> fields = new TreeMap<>();
                for (int i = dice.nextInt(4); i > 0; i--) fields.put(text(), shallow(depth - 1));
                yield new Value.Map(fields);
            }
        };
    }

    private Value deepest() {
        Value value = shallow(0);
        for (int depth = 1; depth < Limits.NESTING; depth++)
            value =
                    dice.nextBoolean()
                            ? Value.array(value)
                            : new Value.Map(Map.of(dice.nextBoolean() ? "$bytes" : "a", value));
        return value;
    }

    /** Much that costs little to write down. */
    private Value many() {
        Value one = dice.nextBoolean() ? Value.Map.EMPTY : shallow(1);
        List<Value> items = new ArrayList<>();
        int most = MANY_BYTES / CborWriter.encode(one).size();
        for (int i = dice.nextInt(most); i > 0; i--) items.add(one);
        return new Value.Array(items);
    }

    private long integer() {
        long edge = INTEGERS[dice.nextInt(INTEGERS.length)];
        return switch (dice.nextInt(4)) {
            case 0 -> dice.nextLong();
            case 1 -> edge;
            case 2 -> ~edge;
            default -> dice.nextInt(100) - 50;
        };
    }

    private Value real() {
        double value =
                switch (dice.nextInt(3)) {
                    case 0 -> Double.longBitsToDouble(dice.nextLong());
                    case 1 -> REALS[dice.nextInt(REALS.length)];
                    default -> dice.nextInt(4096) / 64.0;
                };
        return Value.number(Double.isFinite(value) ? value : 0.5);
    }

    private String text() {
        if (dice.nextInt(20) == 0) return "$".repeat(dice.nextInt(4)) + "bytes";
        StringBuilder text = new StringBuilder();
        for (int i = dice.nextInt(6); i > 0; i--)
            text.appendCodePoint(POINTS[dice.nextInt(POINTS.length)]);
        return text.toString();
    }

    private <T> T one(T[] of) {
        return of[dice.nextInt(of.length)];
    }

    Bytes bytes(int size) {
        byte[] bytes = new byte[size];
        dice.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    ReplicaId replica() {
        // Few, so that things speak of the same ones.
        return new ReplicaId((long) dice.nextInt(4) << 62, dice.nextInt(3));
    }

    private long seq() {
        return dice.nextInt(8) == 0 ? Limits.MAX_SEQ - dice.nextInt(3) : 1 + dice.nextInt(40);
    }

    private Hlc clock() {
        return switch (dice.nextInt(6)) {
            case 0 -> Hlc.ZERO;
            case 1 -> Hlc.LAST;
            default -> Hlc.of(1_700_000_000_000L + dice.nextInt(10_000), dice.nextInt(4));
        };
    }

    Intervals intervals() {
        Intervals intervals = Intervals.NONE;
        boolean large = dice.nextInt(LARGE) == 0;
        long at = 1;
        for (int i = large ? 2_000 : dice.nextInt(4); i > 0; i--) {
            long to = at + dice.nextInt(3);
            intervals = intervals.with(at, to);
            at = to + 2 + dice.nextInt(3);
        }
        return dice.nextInt(10) == 0 ? intervals.with(Limits.MAX_SEQ, Limits.MAX_SEQ) : intervals;
    }

    Context context() {
        Context context = new Context();
        for (int i = dice.nextInt(4); i > 0; i--) context.put(replica(), intervals());
        return context;
    }

    Edit edit(ReplicaId author) {
        List<Dot> over = new ArrayList<>();
        for (int i = dice.nextInt(3); i > 0; i--)
            over.add(new Dot(dice.nextBoolean() ? author : replica(), seq()));
        String path = PATHS.get(dice.nextInt(PATHS.size()));
        return switch (dice.nextInt(8)) {
            case 0 -> Edit.put(Key.counter(path), Value.of(integer()), over);
            case 1 -> Edit.put(Key.set(path, shallow(2)), Value.TRUE, over);
            case 2 -> Edit.put(Key.deleted(), Value.TRUE, over);
            case 3 ->
                    Edit.put(
                            Key.clock(),
                            Value.of(Math.max(1, clock().packed())),
                            List.of(new Dot(author, seq())));
            case 4 -> Edit.remove(Key.register(path), List.of(new Dot(author, seq())));
            case 5 -> Edit.put(new Key(path, 200, bytes(3)), Value.NIL, over);
            default -> Edit.put(Key.register(path), value(3), over);
        };
    }

    Operation operation(ReplicaId author, long seq) {
        Map<Key, Edit> edits = new TreeMap<>();
        for (int i = dice.nextInt(3); i >= 0; i--) {
            Edit edit = edit(author);
            // An element is CBOR; a kind that nobody knows has none here.
            if (edit.key().kind() == 200)
                edit = Edit.put(new Key("x", 200, Bytes.EMPTY), Value.NIL, edit.over());
            edits.put(edit.key(), edit);
        }
        return new Operation(
                new Dot(author, seq),
                clock(),
                "notes",
                "p-" + dice.nextInt(3),
                List.copyOf(edits.values()));
    }

    Batch batch() {
        return draft(SCOPE, replica(), seq()).signed(bytes(64));
    }

    /** What follows the batch that {@code previous} is the hash of. */
    Batch.Draft chained(String scope, ReplicaId author, long first, Bytes previous) {
        BatchBody drawn = draft(scope, author, first).body();
        return Batch.draft(
                new BatchBody(scope, author, drawn.first(), previous, drawn.transactions()));
    }

    Batch.Draft draft(String scope, ReplicaId author, long from) {
        long first = Math.min(from, Limits.MAX_SEQ - 100);
        List<Transaction> transactions = new ArrayList<>();
        long seq = first;
        for (int t = dice.nextInt(3); t >= 0; t--) {
            List<Operation> operations = new ArrayList<>();
            for (int o = dice.nextInt(3); o >= 0; o--) operations.add(operation(author, seq++));
            transactions.add(new Transaction(dice.nextBoolean() ? null : bytes(16), operations));
        }
        if (dice.nextInt(LARGE) == 0)
            transactions.add(new Transaction(null, List.of(namingMany(author, seq))));
        Bytes previous = first == 1 ? Bytes.EMPTY : bytes(BatchBody.HASH_BYTES);
        return Batch.draft(new BatchBody(scope, author, first, previous, transactions));
    }

    /** Names a different replica in each dot. */
    private Operation namingMany(ReplicaId author, long seq) {
        List<Edit> edits = new ArrayList<>();
        for (int e = 0; e < 20; e++) {
            List<Dot> over = new ArrayList<>();
            for (int i = 0; i < 500; i++) over.add(new Dot(new ReplicaId(e, i), 1));
            edits.add(Edit.remove(Key.register("f" + e), over));
        }
        return new Operation(new Dot(author, seq), clock(), "notes", "p-0", edits);
    }

    /**
     * The longest push there is, of the dearest values that there are: four batches in form, whose
     * signatures are wrong.
     */
    Bytes bomb(ReplicaId author, Bytes grant) {
        Bytes dear = one(new Bytes[] {Bytes.fromHex("a26000616100"), Bytes.fromHex("6161")});
        CborWriter value = new CborWriter(Limits.VALUE_BYTES);
        int items = (Limits.VALUE_BYTES - 16) / dear.size();
        value.array(items);
        for (int i = 0; i < items; i++) value.raw(dear);
        Bytes large = value.toBytes();
        CborWriter push = new CborWriter(Limits.MESSAGE_BYTES);
        push.array(5).integer(8).text(SCOPE).array(1).bytes(grant).array(BOMB_BATCHES);
        for (int first = 2; first < 2 + BOMB_BATCHES; first++) {
            CborWriter body = new CborWriter(Limits.BATCH_BYTES);
            body.array(7).integer(1).text(SCOPE).bytes(author.bytes()).integer(first);
            body.bytes(Bytes.wrap(new byte[BatchBody.HASH_BYTES])).array(0).array(1).array(2).nil();
            body.array(1).array(4).integer(1).text("notes").text("p-0").array(1);
            body.array(4).text("a").integer(Key.REGISTER).array(0).array(1).raw(large);
            push.array(2).bytes(body.toBytes()).bytes(bytes(64));
        }
        return push.array(0).toBytes();
    }

    SignedGrant grant() {
        Bytes key = bytes(32);
        List<Grant.Right> rights = new ArrayList<>();
        for (int i = dice.nextInt(3); i > 0; i--)
            rights.add(
                    new Grant.Right(
                            dice.nextBoolean() ? Grant.ANY : SCOPE,
                            dice.nextBoolean(),
                            dice.nextBoolean() ? List.of(Grant.ANY) : List.of("notes", text())));
        Grant.Role role = one(Grant.Role.values());
        long until = dice.nextBoolean() ? Limits.MAX_MILLIS : 1_800_000_000_000L;
        SignedGrant grant =
                SignedGrant.of(
                        new Grant(key, "nurse-amina", role, rights, 0, until, dice.nextInt(1_000)),
                        bytes(64));
        for (int i = dice.nextInt(4) == 0 ? dice.nextInt(Limits.SUCCESSIONS + 1) : 0; i > 0; i--)
            grant = grant.succeededBy(bytes(32), bytes(64));
        return grant;
    }

    private Span span() {
        long from = seq();
        return new Span(
                replica(), from, Math.min(Limits.MAX_SEQ, from + dice.nextInt(9)), bytes(32));
    }

    Receipt.Signed receipt() {
        List<Span> spans = new ArrayList<>();
        for (int i = dice.nextInt(3); i >= 0; i--) spans.add(span());
        Durability level = one(Durability.values());
        return new Receipt(replica(), SCOPE, level, 1_700_000_000_000L, spans).signed(bytes(64));
    }

    Verdict verdict() {
        Rejection.Code code = one(Rejection.Code.values());
        return new Verdict(replica(), new Rejection(SCOPE, span(), code, text()), bytes(64));
    }

    Cursor cursor() {
        return new Cursor(replica(), new FeedHead(dice.nextInt(40), bytes(32)));
    }

    Document document() {
        Document document = new Document();
        ReplicaId author = replica();
        for (long seq = 1L + dice.nextInt(5); seq > 0; seq--)
            Merge.apply(operation(author, seq), document, NOTHING_SEEN);
        return document;
    }

    private static final Merge.Surroundings NOTHING_SEEN =
            new Merge.Surroundings() {
                @Override
                public boolean seen(Dot dot) {
                    return false;
                }

                @Override
                public List<EarlyMark> marks(Dot dot) {
                    return List.of();
                }

                @Override
                public void addMark(EarlyMark mark) {}
            };

    Message message() {
        return switch (dice.nextInt(16)) {
            case 0 -> new Message.Challenge(Message.VERSION, replica(), bytes(32));
            case 1 -> new Message.Hello(Message.VERSION, grant(), bytes(32), bytes(16), bytes(64));
            case 2 ->
                    new Message.Welcome(
                            grant(),
                            Durability.EDGE,
                            new Message.SignedTime(1_700_000_000_000L, bytes(64)),
                            Message.Pace.OPEN);
            case 3 ->
                    new Message.Subscribe(
                            SCOPE,
                            dice.nextBoolean() ? null : cursor(),
                            bytes(dice.nextBoolean() ? 0 : 32),
                            context(),
                            intervals());
            case 4 -> new Message.Opened(SCOPE, cursor());
            case 5 ->
                    new Message.Compare(
                            SCOPE, list(Context.RANGES, () -> bytes(dice.nextBoolean() ? 0 : 16)));
            case 6 ->
                    new Message.Have(
                            SCOPE,
                            new Comparison(bytes(16), bytes(32), context()),
                            dice.nextBoolean());
            case 7, 8 ->
                    new Message.Push(
                            SCOPE,
                            list(dice.nextInt(3), this::grant),
                            list(dice.nextInt(4), this::batch),
                            list(dice.nextInt(2), this::receipt));
            case 9 -> new Message.Ack(receipt());
            case 10 ->
                    new Message.Changes(
                            SCOPE,
                            cursor(),
                            list(dice.nextInt(3), this::grant),
                            list(dice.nextInt(4), this::batch));
            case 11 -> new Message.Took(SCOPE, dice.nextInt(100));
            case 12 -> new Message.Watermark(dice.nextBoolean() ? null : grant(), receipt());
            case 13 -> new Message.Reject(dice.nextBoolean() ? null : grant(), verdict());
            case 14 -> new Message.Ask(SCOPE, context());
            default ->
                    dice.nextBoolean()
                            ? new Message.Pace(dice.nextInt(1 << 20), dice.nextInt(1 << 20))
                            : new Message.Bye(one(Message.Bye.Code.values()), text());
        };
    }

    /** An encoded cursor, interval set or context. */
    static Bytes written(java.util.function.Consumer<CborWriter> write) {
        CborWriter out = new CborWriter(64);
        write.accept(out);
        return out.toBytes();
    }

    private static <T> List<T> list(int count, Supplier<T> each) {
        List<T> list = new ArrayList<>();
        for (int i = 0; i < count; i++) list.add(each.get());
        return list;
    }
}
