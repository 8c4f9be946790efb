package dev.holdfast.steer.pool;

import dev.holdfast.node.settings.Default;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A set of endpoints that do the same.
 *
 * @param policy which of those that work an answer names
 * @param sticky whether the same client is given the same endpoint while that works
 * @param answers how many endpoints an answer names at most
 * @param ttl how long an answer may be kept
 * @param alpn the protocols that its HTTPS records offer, such as {@code [h2, http/1.1]}; it has no
 *     HTTPS records without, since they turn browsers away from plain HTTP
 * @param check how they are looked at
 */
public record PoolSettings(
        @Default("failover") Policy policy,
        @Default("false") boolean sticky,
        @Default("1") int answers,
        @Default("5s") Duration ttl,
        @Default("") List<String> alpn,
        @Default("") CheckSettings check,
        Map<String, EndpointSettings> endpoints) {

    /** A choice among them is a set of bits in one long. */
    public static final int MAX_ENDPOINTS = 64;

    public PoolSettings {
        if (endpoints.isEmpty()) throw new IllegalArgumentException("a pool has endpoints");
        if (endpoints.size() > MAX_ENDPOINTS)
            throw new IllegalArgumentException(
                    "a pool has at most " + MAX_ENDPOINTS + " endpoints");
        endpoints.keySet().forEach(EndpointName::requireName);
        if (answers < 1 || answers > 16)
            throw new IllegalArgumentException("answers is between 1 and 16");
        if (ttl.toSeconds() < 0 || ttl.compareTo(Duration.ofDays(1)) > 0)
            throw new IllegalArgumentException("ttl is between 0s and 1d");
        for (String protocol : alpn) {
            int length = protocol.getBytes(StandardCharsets.US_ASCII).length;
            if (length == 0 || length > 255 || alpn.size() > 8)
                throw new IllegalArgumentException("alpn is at most 8 names such as h2");
        }
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
