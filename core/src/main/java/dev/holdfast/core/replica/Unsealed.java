package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Transaction;
import java.util.List;

/** A transaction that was written here and is in no batch yet: it may still be stamped anew. */
public record Unsealed(Transaction transaction) {
    private static final Bytes NO_HASH = Bytes.wrap(new byte[BatchBody.HASH_BYTES]);

    public long first() {
        return transaction.operations().get(0).dot().seq();
    }

    public long last() {
        List<Operation> operations = transaction.operations();
        return operations.get(operations.size() - 1).dot().seq();
    }

    /**
     * As stores keep it: the body of a batch of its own, after a batch of hash zero.
     *
     * @throws dev.holdfast.core.MalformedException when it is over a limit
     */
    public Bytes encoded(String scope) {
        Dot first = transaction.operations().get(0).dot();
        Bytes previous = first.seq() == 1 ? Bytes.EMPTY : NO_HASH;
        return Batch.draft(
                        new BatchBody(
                                scope,
                                first.replica(),
                                first.seq(),
                                previous,
                                List.of(transaction)))
                .bytes();
    }

    public static Unsealed decode(Bytes encoded) {
        Bytes unsigned =
                new CborWriter(encoded.size() + 16)
                        .array(2)
                        .bytes(encoded)
                        .bytes(Bytes.EMPTY)
                        .toBytes();
        return new Unsealed(Batch.decode(unsigned).body().transactions().get(0));
    }
}
