package dev.holdfast.node.sync;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * What all sessions of a node share.
 *
 * @param pushKib room for what was said and is not kept yet, of all sessions; who finds none waits
 *     and reads no further, and is served in the order of coming
 * @param threads runs each task on a virtual thread of its own
 */
record SyncNode(
        Backend backend,
        Hub hub,
        SyncSettings settings,
        SignatureMemory signatures,
        Clients clients,
        SyncMeters meters,
        Semaphore pushKib,
        InstantSource clock,
        Executor threads) {
    /** Of memory, as {@link Unfolding} counts it. A message that would take more is alone. */
    static final int PUSH_KIB = 64 << 10;
}
