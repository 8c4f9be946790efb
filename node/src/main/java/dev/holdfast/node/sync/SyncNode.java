package dev.holdfast.node.sync;

import dev.holdfast.node.grants.Revocations;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * What all sessions of a node share.
 *
 * @param pushKib room for what was said and is not kept yet, of all sessions; who finds none waits
 *     and reads no further
 * @param threads runs each task on a virtual thread of its own
 */
record SyncNode(
        Backend backend,
        Hub hub,
        SyncSettings settings,
        SignatureMemory signatures,
        Revocations revocations,
        Clients clients,
        SyncMeters meters,
        Semaphore pushKib,
        InstantSource clock,
        Executor threads) {
    /** Of memory, as {@link Unfolding} counts it. */
    static final int PUSH_KIB = 64 << 10;

    /**
     * What one message waits for at most, though it would take more: two such are never unfolded at
     * once, and what sessions that are slow to read hold meanwhile keeps none of them waiting.
     */
    static final int MESSAGE_KIB = PUSH_KIB - (4 << 10);
}
