package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an author signs: consecutive operations of one replica in one scope.
 *
 * @param first the sequence number of the first operation; the others follow without a gap
 * @param previous the hash of the batch before this one (32 bytes), empty when {@code first} is 1
 */
public record BatchBody(
        String scope,
        ReplicaId author,
        long first,
        Bytes previous,
        List<Transaction> transactions) {
    public static final int HASH_BYTES = 32;

    public BatchBody {
        Scope.require(scope);
        if (previous.size() != (first == 1 ? 0 : HASH_BYTES)) {
            throw new MalformedException("the hash of the batch before is missing or out of place");
        }
        transactions = List.copyOf(transactions);
        long seq = first;
        for (Transaction transaction : transactions) {
            for (Operation operation : transaction.operations()) {
                if (!operation.dot().equals(new Dot(author, seq))) {
                    throw new MalformedException("operations out of sequence");
                }
                seq++;
            }
        }
        if (seq == first || seq - first > Limits.OPERATIONS_PER_BATCH) {
            throw new MalformedException(
                    "a batch with no operation or more than " + Limits.OPERATIONS_PER_BATCH);
        }
    }

    /** The sequence number of the last operation. */
    public long last() {
        long operations = 0;
        for (Transaction transaction : transactions) operations += transaction.operations().size();
        return first + operations - 1;
    }

    public List<Operation> operations() {
        if (transactions.size() == 1) return transactions.get(0).operations();
        List<Operation> all = new ArrayList<>();
        for (Transaction transaction : transactions) all.addAll(transaction.operations());
        return all;
    }
}
