package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The bytes of a batch's body (PROTOCOL.md has the CDDL). Three things keep it small: clocks are
 * written as steps from the operation before, replicas named in {@code over} stand once in a table
 * (the author is number 0), and derived things (sequence numbers, trace ids) are left out.
 */
final class BatchCodec {
    private static final int FORMAT = 1;

    private BatchCodec() {}

    static Bytes encode(BatchBody body) {
        Set<ReplicaId> replicas = replicasNamed(body);
        Map<ReplicaId, Integer> places = new HashMap<>();
        places.put(body.author(), 0);
        for (ReplicaId replica : replicas) places.put(replica, places.size());
        CborWriter out = new CborWriter(512);
        out.array(7).integer(FORMAT).text(body.scope()).bytes(body.author().bytes());
        out.integer(body.first()).bytes(body.previous());
        out.array(replicas.size());
        for (ReplicaId replica : replicas) out.bytes(replica.bytes());
        out.array(body.transactions().size());
        long clock = 0;
        for (Transaction transaction : body.transactions()) {
            out.array(2);
            if (transaction.trace() == null) out.nil();
            else out.bytes(transaction.trace());
            out.array(transaction.operations().size());
            for (Operation operation : transaction.operations()) {
                out.array(4).integer(operation.hlc().packed() - clock);
                clock = operation.hlc().packed();
                out.text(operation.collection())
                        .text(operation.id())
                        .array(operation.edits().size());
                for (Edit edit : operation.edits()) write(edit, places, out);
            }
        }
        return out.toBytes();
    }

    private static void write(Edit edit, Map<ReplicaId, Integer> places, CborWriter out) {
        Key key = edit.key();
        boolean element = key.element().size() > 0;
        out.array(element ? 5 : 4).text(key.path()).integer(key.kind()).array(edit.over().size());
        for (Dot dot : edit.over()) {
            int place = Objects.requireNonNull(places.get(dot.replica()));
            out.array(2).integer(place).integer(dot.seq());
        }
        // A removal is an empty array and a put an array of one, since null is a value too.
        if (edit.payload() == null) out.array(0);
        else writeValue(edit.payload(), out);
        if (element) out.raw(key.element());
    }

    /**
     * @throws MalformedException unless {@code bytes} are exactly what {@link #encode(BatchBody)}
     *     writes
     */
    static BatchBody decode(Bytes bytes) {
        if (bytes.size() > Limits.BATCH_BYTES)
            throw new MalformedException("a batch over " + Limits.BATCH_BYTES + " bytes");
        CborReader in = new CborReader(bytes);
        in.array(7);
        if (in.integer() != FORMAT) throw new MalformedException("a batch of an unknown format");
        String scope = in.text();
        ReplicaId author = ReplicaId.of(in.bytes(ReplicaId.BYTES));
        long first = in.unsigned(Limits.MAX_SEQ);
        Bytes previous = in.bytes();
        int named = in.array();
        List<ReplicaId> replicas = new ArrayList<>(Math.min(named, 64) + 1);
        replicas.add(author);
        for (int i = 0; i < named; i++) replicas.add(ReplicaId.of(in.bytes(ReplicaId.BYTES)));
        int count = in.array();
        List<Transaction> transactions = new ArrayList<>(Math.min(count, 1024));
        long seq = first;
        long clock = 0;
        for (int t = 0; t < count; t++) {
            in.array(2);
            Bytes trace = in.nil() ? null : in.bytes(Transaction.TRACE_BYTES);
            int operations = in.array();
            List<Operation> decoded = new ArrayList<>(Math.min(operations, 1024));
            for (int i = 0; i < operations; i++) {
                in.array(4);
                clock += in.integer();
                String collection = in.text();
                String id = in.text();
                int edits = in.array();
                List<Edit> list = new ArrayList<>(Math.min(edits, 1024));
                for (int e = 0; e < edits; e++) list.add(readEdit(in, replicas));
                decoded.add(
                        new Operation(
                                new Dot(author, seq++), new Hlc(clock), collection, id, list));
            }
            transactions.add(new Transaction(trace, decoded));
        }
        in.finish();
        BatchBody body = new BatchBody(scope, author, first, previous, transactions);
        if (!encode(body).equals(bytes))
            throw new MalformedException("a batch that is not in its one form");
        return body;
    }

    private static Edit readEdit(CborReader in, List<ReplicaId> replicas) {
        int items = in.array();
        if (items != 4 && items != 5)
            throw new MalformedException("an edit of another length than 4 or 5");
        String path = in.text();
        int kind = (int) in.unsigned(255);
        int dots = in.array();
        if (dots > Limits.OVER_PER_EDIT)
            throw new MalformedException("an edit that replaces too much");
        List<Dot> over = new ArrayList<>(dots);
        for (int i = 0; i < dots; i++) {
            in.array(2);
            ReplicaId replica = replicas.get((int) in.unsigned(replicas.size() - 1));
            over.add(new Dot(replica, in.unsigned(Limits.MAX_SEQ)));
        }
        int payloads = in.array();
        if (payloads > 1) throw new MalformedException("an edit with more than one payload");
        int from = in.position();
        Value payload = payloads == 0 ? null : in.value();
        requireValueFits(in.position() - from);
        Bytes element = items == 5 ? in.raw() : Bytes.EMPTY;
        return new Edit(new Key(path, kind, element), payload, over);
    }

    private static void writeValue(Value payload, CborWriter out) {
        out.array(1);
        int from = out.size();
        out.value(payload);
        requireValueFits(out.size() - from);
    }

    private static void requireValueFits(int sizeBytes) {
        if (sizeBytes > Limits.VALUE_BYTES) {
            throw new MalformedException("a value over " + Limits.VALUE_BYTES + " bytes");
        }
    }

    private static Set<ReplicaId> replicasNamed(BatchBody body) {
        TreeSet<ReplicaId> named = new TreeSet<>();
        for (Transaction transaction : body.transactions()) {
            for (Operation operation : transaction.operations()) {
                for (Edit edit : operation.edits()) {
                    for (Dot dot : edit.over()) {
                        if (!dot.replica().equals(body.author())) named.add(dot.replica());
                    }
                }
            }
        }
        return named;
    }
}
