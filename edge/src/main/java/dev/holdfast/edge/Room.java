package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import dev.holdfast.store.ReplicaStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the store may still grow. Looked at a few times a second, since many ask: it goes over
 * its limit by what comes in within that time. Thread-safe.
 */
final class Room {
    private static final long LOOK_MILLIS = 200;

    /** Clients are asked to come back after this, and up to as much again. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /**
     * An edge keeps all batches for those who have yet to read them, since this version has no
     * snapshots to give in their place: time alone makes no room.
     */
    private static final String AT_MAX_STORE =
            "the store is at max-store. Nothing of it can be dropped: raise max-store in the"
                    + " settings and start the edge again";

    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

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
        if (due && lookedMillis.compareAndSet(looked, now)) look();
        return full;
    }

    private void look() {
        boolean before = full;
        full = store.isFull();
        if (full && !before) LOG.warn("writes are refused from now on: {}", AT_MAX_STORE);
        if (before && !full) LOG.info("there is room again");
    }

    /** Why nothing can be written now, and what to do about it; empty while there is room. */
    Optional<String> failure() {
        if (diskFull) return Optional.of("the disk is full: make room on it");
        return isFull() ? Optional.of(AT_MAX_STORE) : Optional.empty();
    }

    /** The disk took nothing more. */
    void diskIsFull() {
        diskFull = true;
    }

    /** It took something. */
    void wasWritten() {
        if (diskFull) diskFull = false;
    }

    /** When to come back, differently for each, so that they do not come together. */
    long pauseMillis() {
        Bytes drawn = entropy.bytes(2);
        int fraction = (drawn.at(0) & 0xff) << 8 | drawn.at(1) & 0xff;
        return PAUSE.toMillis() + PAUSE.toMillis() * fraction / 0x10000;
    }
}
