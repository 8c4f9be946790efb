package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import java.util.Collection;
import java.util.LinkedHashSet;

/**
 * Which batches came from which region lately. What a region says of itself is about the newest
 * batch of an author, and proves nothing of those before it until that one is here too; a stream of
 * batches would be sent back meanwhile. Bounded: the oldest is forgotten first, and then only sent
 * back for nothing. Thread-safe.
 */
final class RecentlyTaken {
    /** The same batch may come from several. */
    private record Taken(ReplicaId region, Bytes hash) {}

    private final int batchesMax;
    private final LinkedHashSet<Taken> taken = new LinkedHashSet<>();

    RecentlyTaken(int batchesMax) {
        this.batchesMax = batchesMax;
    }

    synchronized void add(ReplicaId region, Collection<Batch> batches) {
        for (Batch batch : batches) taken.add(new Taken(region, batch.hash()));
        while (taken.size() > batchesMax) taken.removeFirst();
    }

    synchronized boolean isFrom(ReplicaId region, Batch batch) {
        return taken.contains(new Taken(region, batch.hash()));
    }
}
