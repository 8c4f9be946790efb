package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.ReplicaId;

/**
 * Where an author stands in one scope.
 *
 * @param nextSeq the next sequence number to allot
 * @param sealedSeq the newest that is in a batch, which may have left this node; 0 for none
 * @param sealedHash the hash of the newest batch, empty for none
 * @param clock the newest reading that was given out
 */
public record AuthorState(
        ReplicaId replica, long nextSeq, long sealedSeq, Bytes sealedHash, Hlc clock) {
    public static AuthorState fresh(ReplicaId replica) {
        return new AuthorState(replica, 1, 0, Bytes.EMPTY, Hlc.ZERO);
    }

    AuthorState wrote(long nextSeq, Hlc clock) {
        return new AuthorState(replica, nextSeq, sealedSeq, sealedHash, clock);
    }

    AuthorState sealed(long seq, Bytes hash) {
        return new AuthorState(replica, nextSeq, seq, hash, clock);
    }
}
