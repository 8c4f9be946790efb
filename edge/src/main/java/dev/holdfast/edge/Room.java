package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import dev.holdfast.store.ReplicaStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether the store may still grow. Looked at a few times a second, since many ask: it goes over
 * its limit by what comes in within that time. Thread-safe.
 */
final class Room {
    private static final long LOOK_MILLIS = 200;

    /** Clients are asked to come back after this, and up to as much again. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final ReplicaStore store;
    private final InstantSource clock;
    private final Entropy entropy;
    private final AtomicLong lookedMillis = new AtomicLong();
    private volatile boolean full;
    private volatile boolean diskFull;

    Room(ReplicaStore store, InstantSource clock, Entropy entropy) {
        this.store = store;
        this.clock = clock;
        this.entropy = entropy;
    }

    boolean isFull() {
        long now = clock.millis();
        long looked = lookedMillis.get();
        boolean due = Math.abs(now - looked) >= LOOK_MILLIS;
        if (due && lookedMillis.compareAndSet(looked, now)) full = store.isFull();
        return full;
    }

    /** The disk took nothing more. */
    void diskIsFull() {
        diskFull = true;
    }

    /** It took something. */
    void wasWritten() {
        if (diskFull) diskFull = false;
    }

    boolean isDiskFull() {
        return diskFull;
    }

    /** When to come back, differently for each, so that they do not come together. */
    long pauseMillis() {
        Bytes drawn = entropy.bytes(2);
        int fraction = (drawn.at(0) & 0xff) << 8 | drawn.at(1) & 0xff;
        return PAUSE.toMillis() + PAUSE.toMillis() * fraction / 0x10000;
    }
}
