package dev.holdfast.region.mirror;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts what comes from one peer. Thread-safe. */
final class MirrorMeters {
    private final Counter sessions;
    private final Counter batches;
    private final Counter same;
    private final AtomicInteger scopes = new AtomicInteger();
    private final AtomicInteger up = new AtomicInteger();
    private volatile @Nullable Instant lastPage;

    /**
     * @param peer host and port
     */
    MirrorMeters(MeterRegistry meters, String peer) {
        Tags tags = Tags.of("peer", peer);
        sessions = meters.counter("holdfast.mirror.sessions", tags);
        batches = meters.counter("holdfast.mirror.batches", tags);
        same = meters.counter("holdfast.mirror.same", tags);
        meters.gauge("holdfast.mirror.up", tags, up);
        meters.gauge("holdfast.mirror.scopes", tags, scopes);
        meters.gauge("holdfast.mirror.last.page.seconds", tags, this, MirrorMeters::pageSeconds);
    }

    void connected() {
        sessions.increment();
        up.set(1);
    }

    void disconnected() {
        up.set(0);
        scopes.set(0);
    }

    /** In this session. */
    void follows(int count) {
        scopes.set(count);
    }

    /**
     * A page is kept.
     *
     * @param before of its batches, those that were applied here before
     */
    void took(int count, int before, Instant now) {
        batches.increment(count);
        same.increment(before);
        lastPage = now;
    }

    int scopes() {
        return scopes.get();
    }

    Optional<Instant> lastPage() {
        return Optional.ofNullable(lastPage);
    }

    /** Since 1970; NaN before the first. */
    private double pageSeconds() {
        Instant last = lastPage;
        return last == null ? Double.NaN : last.toEpochMilli() / 1000.0;
    }
}
