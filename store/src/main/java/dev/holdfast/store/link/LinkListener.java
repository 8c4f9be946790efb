package dev.holdfast.store.link;

import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Verdict;
import java.time.Duration;

/**
 * Is told what a link learned, after it is stored. Called on the link's own thread, which waits:
 * hand over what takes long.
 */
public interface LinkListener {
    LinkListener NOBODY = new LinkListener() {};

    /** It was connected, or is no more. */
    default void changed(LinkStatus status) {}

    /**
     * Bytes that this store answers for were refused, by the node whose grant {@code signer} is.
     */
    default void rejected(Verdict verdict, SignedGrant signer) {}

    /** A receipt, verified and stored; {@code signer} is the grant of the node that signed it. */
    default void believed(Receipt.Signed receipt, SignedGrant signer) {}

    /**
     * A region's signed time came: how far this machine's clock is ahead of it; zero where that is
     * within the allowed drift. Operations stamped too far ahead were healed.
     */
    default void clockAhead(Duration by) {}
}
