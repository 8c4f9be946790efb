package dev.holdfast.steer.pool;

import dev.holdfast.node.settings.Default;
import java.time.Duration;
import java.util.Map;

/**
 * A set of endpoints that do the same.
 *
 * @param policy which of those that work an answer names
 * @param sticky whether the same client is given the same endpoint while that works
 * @param answers how many endpoints an answer names at most
 * @param ttl how long an answer may be kept
 * @param check how they are looked at
 */
public record PoolSettings(
        @Default("failover") Policy policy,
        @Default("false") boolean sticky,
        @Default("1") int answers,
        @Default("5s") Duration ttl,
        @Default("") CheckSettings check,
        Map<String, EndpointSettings> endpoints) {

    public PoolSettings {
        if (endpoints.isEmpty()) throw new IllegalArgumentException("a pool has endpoints");
        if (answers < 1 || answers > 16)
            throw new IllegalArgumentException("answers is between 1 and 16");
        if (ttl.toSeconds() < 0 || ttl.compareTo(Duration.ofDays(1)) > 0)
            throw new IllegalArgumentException("ttl is between 0s and 1d");
    }

    /** How one of those that work is chosen. */
    public enum Policy {
        /** The lowest priority that has any. */
        FAILOVER,
        /** By lot, each as often as its weight says. */
        WEIGHTED,
        /** The nearest to where the client's line is. */
        NEAREST
    }
}
