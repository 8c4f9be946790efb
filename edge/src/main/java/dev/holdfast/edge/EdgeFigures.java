package dev.holdfast.edge;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.store.ReplicaStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/** What an edge tells of its backlog and its store, to people and to Prometheus. Thread-safe. */
final class EdgeFigures {
    /** One reading serves all gauges of a scrape. */
    private static final long FRESH_MILLIS = 1_000;

    private static final int MAX_SCOPES = 1_000;

    private final ReplicaStore store;
    private final MeterRegistry meters;
    private final InstantSource clock;
    private final Map<String, AtomicLong> heads = new ConcurrentHashMap<>();
    private volatile Backlog last;

    /**
     * What waits for a region.
     *
     * @param atRegion of the operations, those that a region has, and has not brought as far as
     *     they must be
     * @param sinceMillis when the oldest of it came; 0 when nothing waits
     */
    record Backlog(
            long atMillis,
            long batches,
            long operations,
            long atRegion,
            long bytes,
            long sinceMillis) {}

    EdgeFigures(ReplicaStore store, MeterRegistry meters, InstantSource clock) {
        this.store = store;
        this.meters = meters;
        this.clock = clock;
        this.last = read();
        gauge("holdfast.edge.outbox.batches", Backlog::batches);
        gauge("holdfast.edge.outbox.operations", Backlog::operations);
        gauge("holdfast.edge.outbox.bytes", Backlog::bytes);
        gauge("holdfast.edge.outbox.oldest.seconds", this::oldestSeconds);
        Gauge.builder("holdfast.edge.store.bytes", store, ReplicaStore::sizeBytes).register(meters);
        for (String scope : store.read(tables -> tables.scopes()))
            grew(scope, store.read(tables -> tables.feedHead(scope)));
    }

    /** A reading of the last second. */
    Backlog backlog() {
        Backlog known = last;
        if (Math.abs(clock.millis() - known.atMillis()) < FRESH_MILLIS) return known;
        Backlog now = read();
        last = now;
        return now;
    }

    void grew(String scope, FeedHead head) {
        AtomicLong known = heads.get(scope);
        if (known == null) {
            if (heads.size() >= MAX_SCOPES) return;
            known = heads.computeIfAbsent(scope, this::newHead);
        }
        known.set(head.number());
    }

    /** The first {@code limit} scopes by name, with how many batches are in their feeds. */
    Map<String, Object> scopes(int limit) {
        List<Object> listed = new ArrayList<>();
        for (String scope : new TreeSet<>(heads.keySet())) {
            AtomicLong head = heads.get(scope);
            if (head == null || listed.size() == limit) break;
            listed.add(Map.of("scope", scope, "feed", head.get()));
        }
        return Map.of("listed", listed, "more", heads.size() > listed.size());
    }

    private AtomicLong newHead(String scope) {
        AtomicLong head = new AtomicLong();
        Gauge.builder("holdfast.edge.feed", head, AtomicLong::get)
                .tag("scope", scope)
                .register(meters);
        return head;
    }

    private void gauge(String name, ToDoubleFunction<Backlog> figure) {
        Gauge.builder(name, this, figures -> figure.applyAsDouble(figures.backlog()))
                .register(meters);
    }

    private double oldestSeconds(Backlog backlog) {
        return backlog.sinceMillis() == 0
                ? 0
                : Math.max(0, backlog.atMillis() - backlog.sinceMillis()) / 1000.0;
    }

    /** A reading of now. */
    Backlog read() {
        return store.query(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "select count(*), sum(last - first + 1), sum(bytes),"
                                            + " min(since), sum(case when level >= "
                                            + Durability.REGION.code()
                                            + " then last - first + 1 end) from outbox")) {
                if (!row.next()) throw new SQLException("a sum without a row");
                return new Backlog(
                        clock.millis(),
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(5),
                        row.getLong(3),
                        row.getLong(4));
            }
        });
    }
}
