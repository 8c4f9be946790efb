package dev.holdfast.drill.bench;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Transaction;
import java.util.ArrayList;
import java.util.List;

/** A part of a batch that can be left out, to see what it costs. What is left is no valid batch. */
enum WirePart {
    SIGNATURE("the signature"),
    PREVIOUS("the hash of the batch before"),
    AUTHOR("the author's id"),
    DOCUMENTS("ids of documents"),
    CLOCKS("clocks"),
    OVER("dots that are replaced"),
    VALUES("values");

    private static final ReplicaId NOBODY = ReplicaId.of(Bytes.wrap(new byte[ReplicaId.BYTES]));

    private final String words;

    WirePart(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /** The batch with this part left out, or, where form wants it there, made of zeros. */
    Batch without(Batch batch) {
        BatchBody body = batch.body();
        ReplicaId author = this == AUTHOR ? NOBODY : body.author();
        // The first batch of a chain has none before it.
        long seq = this == PREVIOUS ? 1 : body.first();
        Bytes previous = this == PREVIOUS ? Bytes.EMPTY : body.previous();
        long first = seq;
        List<Transaction> transactions = new ArrayList<>();
        for (Transaction transaction : body.transactions()) {
            List<Operation> operations = new ArrayList<>();
            for (Operation operation : transaction.operations()) {
                operations.add(
                        new Operation(
                                new Dot(author, seq++),
                                this == CLOCKS ? Hlc.ZERO : operation.hlc(),
                                operation.collection(),
                                this == DOCUMENTS ? "x" : operation.id(),
                                edits(operation)));
            }
            transactions.add(new Transaction(transaction.trace(), operations));
        }
        Bytes signature = this == SIGNATURE ? Bytes.EMPTY : batch.signature();
        return Batch.draft(new BatchBody(body.scope(), author, first, previous, transactions))
                .signed(signature);
    }

    private List<Edit> edits(Operation operation) {
        if (this != OVER && this != VALUES && this != AUTHOR) return operation.edits();
        List<Edit> edits = new ArrayList<>();
        for (Edit edit : operation.edits()) {
            List<Dot> over = new ArrayList<>();
            for (Dot dot : edit.over()) {
                boolean own = dot.replica().equals(operation.dot().replica());
                over.add(this == AUTHOR && own ? new Dot(NOBODY, dot.seq()) : dot);
            }
            boolean removal = edit.payload() == null;
            edits.add(
                    new Edit(
                            edit.key(),
                            this == VALUES && !removal ? nothing(edit.key()) : edit.payload(),
                            this == OVER && !removal ? List.of() : over));
        }
        return edits;
    }

    private static Value nothing(Key key) {
        return key.kind() == Key.COUNTER ? Value.of(0L) : Value.NIL;
    }
}
