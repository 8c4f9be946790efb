package dev.holdfast.core.replica;

import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Transaction;
import java.util.List;

/** A transaction that was written here and is in no batch yet: it may still be stamped anew. */
public record Unsealed(Transaction transaction) {
    public long first() {
        return transaction.operations().get(0).dot().seq();
    }

    public long last() {
        List<Operation> operations = transaction.operations();
        return operations.get(operations.size() - 1).dot().seq();
    }
}
