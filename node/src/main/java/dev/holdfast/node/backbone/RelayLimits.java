package dev.holdfast.node.backbone;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How fast a member carries for others: in all, and for each of those whose streams they are. Not
 * thread-safe.
 */
final class RelayLimits {
    private final BackboneSettings.Relaying settings;
    private final Optional<TokenBucket> all;
    private final Map<String, TokenBucket> each = new HashMap<>();
    private long relayedBytes;

    RelayLimits(BackboneSettings.Relaying settings, long now) {
        this.settings = settings;
        this.all = settings.bytesPerSecond().map(rate -> new TokenBucket(rate.bytes(), now));
    }

    /** Whether this member carries anything for {@code origin}. */
    boolean carries(String origin) {
        return settings.of(origin).map(rate -> rate.bytes() > 0).orElse(true);
    }

    int streams() {
        return settings.streams();
    }

    boolean isOpen(String origin, long now) {
        if (all.isPresent() && !all.get().isOpen(now)) return false;
        return of(origin, now).map(bucket -> bucket.isOpen(now)).orElse(true);
    }

    void take(String origin, long bytes, long now) {
        relayedBytes += bytes;
        all.ifPresent(bucket -> bucket.take(bytes));
        of(origin, now).ifPresent(bucket -> bucket.take(bytes));
    }

    long relayedBytes() {
        return relayedBytes;
    }

    private Optional<TokenBucket> of(String origin, long now) {
        return settings.of(origin)
                .map(rate -> each.computeIfAbsent(origin, _ -> new TokenBucket(rate.bytes(), now)));
    }
}
