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
     * There is no session; it is tried again and again.
     *
     * @param reason why the last attempt failed
     */
    record Disconnected(Instant since, String reason) implements MirrorStatus {}

    /**
     * One of the two does not take the other; it is tried again, but seldom.
     *
     * @param reason what only people can mend
     */
    record Refused(Instant since, String reason) implements MirrorStatus {}

    /** A person said so; nothing is tried. */
    record Paused(Instant since) implements MirrorStatus {}
}
