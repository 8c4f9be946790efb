package dev.holdfast.drill.rings;

import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Whether a dot names the same bytes wherever it stands. */
final class Contents {
    private Contents() {}

    /**
     * How many batches have a number in common with another one of the same author that has other
     * bytes, or another beginning or end.
     */
    static long clashes(Collection<Span> batches) {
        Map<ReplicaId, List<Span>> byAuthor = new TreeMap<>();
        for (Span batch : new HashSet<>(batches))
            byAuthor.computeIfAbsent(batch.replica(), none -> new ArrayList<>()).add(batch);
        long clashes = 0;
        for (List<Span> chain : byAuthor.values()) {
            chain.sort(Comparator.comparingLong(Span::from));
            long reach = 0;
            for (Span batch : chain) {
                if (batch.from() <= reach) clashes++;
                reach = Math.max(reach, batch.to());
            }
        }
        return clashes;
    }

    /**
     * Judges the batches of all stores.
     *
     * @param reused dots that one device gave out twice, as its people were told
     */
    static Guarantee judge(Collection<StoreImage> stores, long reused) {
        Set<Span> batches = new HashSet<>();
        stores.forEach(store -> batches.addAll(store.batches()));
        long clashes = clashes(batches);
        return new Guarantee(
                "no dot has two contents",
                !batches.isEmpty() && clashes == 0 && reused == 0,
                clashes
                        + " of "
                        + batches.size()
                        + " batches differ between "
                        + stores.size()
                        + " stores, "
                        + reused
                        + " numbers given out twice");
    }
}
