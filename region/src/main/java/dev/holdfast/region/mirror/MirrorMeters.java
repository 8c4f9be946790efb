package dev.holdfast.region.mirror;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Counts what comes from one peer. Thread-safe. */
final class MirrorMeters {
    private final Counter sessions;
    private final Counter batches;
    private final Counter same;
    private final AtomicInteger scopes = new AtomicInteger();
    private final AtomicInteger up = new AtomicInteger();
    private final AtomicInteger paused = new AtomicInteger();
    private volatile @Nullable Instant lastPage;
    private volatile @Nullable Lag lag;

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
        meters.gauge("holdfast.mirror.paused", tags, paused);
        gauge(meters, tags, "operations", Lag.Known::operations);
        gauge(meters, tags, "batches", Lag.Known::batches);
        gauge(
                meters,
                tags,
                "seconds",
                known -> known.oldest().orElse(Duration.ZERO).toMillis() / 1e3);
    }

    /** NaN while it is not known. */
    private void gauge(
            MeterRegistry meters, Tags tags, String unit, ToDoubleFunction<Lag.Known> figure) {
        meters.gauge(
                "holdfast.mirror.lag." + unit,
                tags,
                this,
                all ->
                        all.lag instanceof Lag.Known known
                                ? figure.applyAsDouble(known)
                                : Double.NaN);
    }

    void paused(boolean now) {
        paused.set(now ? 1 : 0);
    }

    void lags(Lag now) {
        lag = now;
    }

    /** Empty before the first look. */
    Optional<Lag> lag() {
        return Optional.ofNullable(lag);
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

    /** Batches that came, since this process began. */
    long batches() {
        return (long) batches.count();
    }

    /** Of those, the ones that were applied here before. */
    long same() {
        return (long) same.count();
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
