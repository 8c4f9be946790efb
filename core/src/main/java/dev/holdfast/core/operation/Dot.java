package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;

/**
 * The name of one operation, for ever, within its scope. {@code seq} counts 1, 2, 3 … per replica
 * and scope.
 */
public record Dot(ReplicaId replica, long seq) implements Comparable<Dot> {
    public Dot {
        if (seq < 1 || seq > Limits.MAX_SEQ)
            throw new MalformedException("a sequence number outside its range");
    }

    @Override
    public int compareTo(Dot other) {
        int order = replica.compareTo(other.replica);
        return order != 0 ? order : Long.compare(seq, other.seq);
    }

    @Override
    public String toString() {
        return replica + ":" + seq;
    }
}
