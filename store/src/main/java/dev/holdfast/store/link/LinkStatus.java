package dev.holdfast.store.link;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import java.net.URI;
import java.time.Instant;

/** Whether the node above is reached. */
public sealed interface LinkStatus {
    /** Since when it has been so. */
    Instant since();

    /**
     * A node let this one in.
     *
     * @param node which one, proved by its grant
     * @param level what its acknowledgements mean
     * @param socket whether over a live session; else by rounds of polling
     */
    record Connected(Instant since, URI endpoint, ReplicaId node, Durability level, boolean socket)
            implements LinkStatus {}

    /**
     * Nobody is reached, and it is tried again and again.
     *
     * @param reason of the last attempt's end, in words fit for people
     */
    record Disconnected(Instant since, String reason) implements LinkStatus {}
}
