package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import org.jspecify.annotations.Nullable;

/**
 * What a session asks of the node behind it: an edge's store, a region's log and database. {@link
 * #looked}, {@link #keep} and {@link #read} may block; each call has a virtual thread of its own,
 * and several of one session may be under way at once. What they throw ends that session, whose
 * client comes again.
 */
public interface Backend {
    /** Who serves. */
    Session.Server server();

    /** Whether this node has to do with the scope at all, whatever a grant says. */
    default boolean serves(String scope) {
        return true;
    }

    /**
     * A client that proved to be {@code client} wants to follow the scope; called before it is
     * {@link #looked} at. May block.
     */
    default void subscribed(String scope, SignedGrant client) {}

    /** What there is of a scope. */
    Session.Event.Looked looked(Message.Subscribe ask);

    /**
     * Makes batches durable, and answers only once they are: what is {@code flushed} in the answer
     * is acknowledged. A node that cannot take them now flushes nothing and names a pause.
     */
    Session.Event.Kept keep(Session.Action.Keep keep);

    /** A page of the feed, where it is at hand; else null, and it has to be {@link #read}. */
    default Session.Event.@Nullable FeedRead remembered(Session.Action.ReadFeed read) {
        return null;
    }

    /** A page of the feed. */
    Session.Event.FeedRead read(Session.Action.ReadFeed read);

    /** This node's signature. Quick, since the whole session waits for it. */
    Bytes sign(Bytes text);
}
