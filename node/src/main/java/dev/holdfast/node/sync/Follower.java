package dev.holdfast.node.sync;

import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.sync.Message;

/** Somebody who wants to know what happens in some scopes. Told by any thread; must not block. */
public interface Follower {
    /** The feed has grown to {@code head}. */
    void grew(String scope, FeedHead head);

    /** A region's word has come. */
    default void marked(Message.Watermark watermark) {}

    /** A region refused a batch after it had been kept. */
    default void refused(Message.Reject refusal) {}

    /** More grants are revoked: whoever follows under one may have to go. */
    default void revoked() {}
}
