package dev.holdfast.steer.zone;

import dev.holdfast.steer.pool.Pool;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One name of a zone, and what stands there: nothing, where it only lies on the way to another
 * name. Immutable.
 */
public final class Node {
    private final DnsName name;
    private final Map<Integer, RecordSet> sets;
    private final @Nullable PoolHere pool;
    private final @Nullable DnsName cut;

    /**
     * A pool that answers at a name.
     *
     * @param ttlSeconds of what is made of it
     * @param base the names of its endpoints are below that, where SRV and HTTPS need any
     */
    public record PoolHere(Pool pool, int ttlSeconds, DnsName base) {}

    Node(
            DnsName name,
            Map<Integer, RecordSet> sets,
            @Nullable PoolHere pool,
            @Nullable DnsName cut) {
        this.name = name;
        this.sets = Collections.unmodifiableMap(new TreeMap<>(sets));
        this.pool = pool;
        this.cut = cut;
    }

    public DnsName name() {
        return name;
    }

    /** Its records by type, those of a pool apart. */
    public Map<Integer, RecordSet> sets() {
        return sets;
    }

    public @Nullable RecordSet set(int type) {
        return sets.get(type);
    }

    public Optional<PoolHere> pool() {
        return Optional.ofNullable(pool);
    }

    /** The delegation at which the zone's own authority ends, at this name or above it. */
    public Optional<DnsName> cut() {
        return Optional.ofNullable(cut);
    }
}
