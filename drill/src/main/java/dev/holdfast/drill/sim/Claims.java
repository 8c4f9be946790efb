package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What was promised, kept outside every node: which operations were acknowledged, how far, and what
 * each should do. The judge of a simulation; no node reads it.
 */
final class Claims {
    /**
     * An operation that a device's user wrote.
     *
     * @param increment what it adds to its document's counter
     * @param first the first sequence number of what was written with it, as {@code last}
     */
    record Written(
            String scope,
            Dot dot,
            DocumentId document,
            long increment,
            boolean forbidden,
            long first,
            long last) {}

    private final Map<String, TreeMap<Dot, Written>> written = new TreeMap<>();
    private final Map<String, Context> saved = new TreeMap<>();
    private final Map<String, Map<ReplicaId, TreeMap<Dot, Durability>>> reached = new TreeMap<>();
    private final Map<ReplicaId, Bytes> publicKeys = new TreeMap<>();
    private final Set<ReplicaId> forkers = new TreeSet<>();
    private int acknowledged;

    void knows(SignedGrant grant) {
        publicKeys.put(grant.replica(), grant.publicKey());
    }

    @Nullable Bytes publicKey(ReplicaId replica) {
        return publicKeys.get(replica);
    }

    /** Two sign under this key: nobody can say which of them is right. */
    void forks(ReplicaId replica) {
        forkers.add(replica);
    }

    boolean isForker(ReplicaId replica) {
        return forkers.contains(replica);
    }

    /** It is written, and nobody has been told. */
    void wrote(Written operation) {
        written.computeIfAbsent(operation.scope(), none -> new TreeMap<>())
                .put(operation.dot(), operation);
    }

    /** A crash took what {@code replica} had written after {@code seq}; its numbers are free. */
    void lost(String scope, ReplicaId replica, long seq) {
        TreeMap<Dot, Written> all = written.get(scope);
        if (all != null)
            all.subMap(new Dot(replica, seq + 1), new Dot(replica, Limits.MAX_SEQ)).clear();
    }

    /** A user saw it saved. */
    void saved(String scope, ReplicaId replica, long first, long last) {
        saved.computeIfAbsent(scope, none -> new Context()).add(replica, first, last);
        acknowledged += (int) (last - first + 1);
    }

    int acknowledged() {
        return acknowledged;
    }

    /** The author learned from {@code region} that {@code dot} is at {@code level}. */
    void reached(String scope, ReplicaId region, Dot dot, Durability level) {
        reached.computeIfAbsent(scope, none -> new TreeMap<>())
                .computeIfAbsent(region, none -> new TreeMap<>())
                .merge(dot, level, (a, b) -> a.reaches(b) ? a : b);
    }

    Map<Dot, Written> written(String scope) {
        return written.getOrDefault(scope, new TreeMap<>());
    }

    Context saved(String scope) {
        return saved.getOrDefault(scope, new Context());
    }

    /** What {@code region} told. */
    Map<Dot, Durability> reached(String scope, ReplicaId region) {
        return reached.getOrDefault(scope, Map.of()).getOrDefault(region, new TreeMap<>());
    }
}
