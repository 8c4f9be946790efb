package dev.holdfast.region.ingest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Whether there is room on the disk under the log. Ingest refuses before it is full: a broker that
 * runs out of room would throw away, or refuse, what it promised to keep. Asks the system at most
 * once a second. Thread-safe.
 */
public final class DiskFloor {
    private static final Duration ASKED = Duration.ofSeconds(1);

    private final Path folder;
    private final long floorBytes;
    private final InstantSource clock;
    private long askedMillis = Long.MIN_VALUE / 2;
    private long freeBytes;

    /**
     * @param floorBytes that are to stay free; 0 for a log that is on other disks
     */
    public DiskFloor(Path folder, long floorBytes, InstantSource clock) {
        this.folder = folder;
        this.floorBytes = floorBytes;
        this.clock = clock;
    }

    public synchronized boolean hasRoom() {
        if (floorBytes == 0) return true;
        long now = clock.millis();
        if (Math.abs(now - askedMillis) >= ASKED.toMillis()) {
            freeBytes = free();
            askedMillis = now;
        }
        return freeBytes >= floorBytes;
    }

    private long free() {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("asking for the free space of " + folder, e);
        }
    }
}
