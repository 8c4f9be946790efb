package dev.holdfast.region.mirror;

import dev.holdfast.core.operation.ReplicaId;
import java.time.Instant;

/** How it stands with another region. */
public sealed interface MirrorStatus {
    Instant since();

    /**
     * The peer let this region in.
     *
     * @param peer the node that was reached
     */
    record Connected(Instant since, ReplicaId peer) implements MirrorStatus {}

    /**
     * There is no session.
     *
     * @param reason why the last attempt failed
     */
    record Disconnected(Instant since, String reason) implements MirrorStatus {}
}
