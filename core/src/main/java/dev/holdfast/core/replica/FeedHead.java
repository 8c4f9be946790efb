package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;

/**
 * The newest place in a node's feed of one scope.
 *
 * @param number how many batches it applied
 * @param hash the running hash over them, empty at 0
 */
public record FeedHead(long number, Bytes hash) {
    public static final FeedHead START = new FeedHead(0, Bytes.EMPTY);

    /** The head after a batch with {@code batchHash}. */
    public FeedHead next(Bytes batchHash) {
        return new FeedHead(number + 1, new Sha256().update(hash).update(batchHash).digest());
    }
}
