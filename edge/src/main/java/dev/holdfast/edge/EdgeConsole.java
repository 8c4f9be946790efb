package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.node.api.DocumentsApi;
import dev.holdfast.node.console.ConsoleEndpoint;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.link.LinkStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What an edge tells its operators of itself: its region, what waits for that, who is here, what it
 * keeps and what it refused. All of it from its own memory and disk. Thread-safe.
 */
final class EdgeConsole implements Supplier<Map<String, Object>>, ConsoleEndpoint.Journeys {
    private static final int MOST_LISTED = 50;

    /** Of batches that are looked through for a trace: the longest are of 1 MiB. */
    private static final long SEARCHED_BYTES = 64 << 20;

    private final ReplicaStore store;
    private final EdgeQuarantine quarantine;
    private final long mostBytes;
    private final EdgeFigures figures;
    private final SyncEndpoint sync;
    private final DocumentsApi api;
    private final Supplier<LinkStatus> region;

    /**
     * @param mostBytes beyond which the store takes in no more
     */
    EdgeConsole(
            ReplicaStore store,
            EdgeQuarantine quarantine,
            long mostBytes,
            EdgeFigures figures,
            SyncEndpoint sync,
            DocumentsApi api,
            Supplier<LinkStatus> region) {
        this.store = store;
        this.quarantine = quarantine;
        this.mostBytes = mostBytes;
        this.figures = figures;
        this.sync = sync;
        this.api = api;
        this.region = region;
    }

    @Override
    public Map<String, Object> get() {
        Map<String, Object> told = new TreeMap<>(sync.told());
        told.put("api-writes", api.writes());
        told.put("region", told(region.get()));
        told.put("backlog", told(figures.backlog()));
        told.put("store", Map.of("bytes", store.sizeBytes(), "most-bytes", mostBytes));
        told.put("scopes", figures.scopes(MOST_LISTED));
        told.put("quarantine", quarantine.told(MOST_LISTED));
        return told;
    }

    /** Also of those whose batches this edge has as a reader; of what it let go, nothing. */
    @Override
    public Optional<Dot> find(String scope, Bytes trace) {
        return store.read(tables -> {
            long newest = tables.feedHead(scope).number();
            long least = Math.max(0, newest - SEARCHED_BATCHES);
            long bytes = 0;
            for (long number = newest; number > least && bytes < SEARCHED_BYTES; number--) {
                for (FeedItem item : tables.feedAfter(scope, number - 1, 1)) {
                    bytes += item.batch().encoded().size();
                    for (Transaction transaction : item.batch().body().transactions()) {
                        if (transaction.traceId(scope).equals(trace))
                            return Optional.of(transaction.operations().getFirst().dot());
                    }
                }
            }
            return Optional.empty();
        });
    }

    /** What is known here of one operation, and by whose word. */
    @Override
    public Map<String, Object> journey(String scope, Dot dot) {
        return store.read(tables -> {
            Map<String, Object> told = new TreeMap<>();
            told.put("has", tables.context(scope, dot.replica()).contains(dot.seq()));
            told.put("waits", tables.unconfirmed(scope, dot.replica()).contains(dot.seq()));
            List<Object> words = new ArrayList<>();
            for (Receipt.Signed signed : tables.watermarks(scope, dot.replica())) {
                Receipt receipt = signed.receipt();
                for (Span span : receipt.spans()) {
                    if (span.replica().equals(dot.replica())
                            && span.from() <= dot.seq()
                            && dot.seq() <= span.to())
                        words.add(
                                Map.of(
                                        "level",
                                        word(receipt.level()),
                                        "at",
                                        Instant.ofEpochMilli(receipt.timeMillis()).toString(),
                                        "by",
                                        receipt.node().toString()));
                }
            }
            told.put("words", words);
            return told;
        });
    }

    private static String word(Durability level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> told(LinkStatus status) {
        Map<String, Object> told = new TreeMap<>();
        told.put("since", status.since().toString());
        switch (status) {
            case LinkStatus.Connected up -> {
                told.put("up", true);
                told.put("address", up.endpoint().toString());
                told.put("replica", up.node().toString());
                told.put("level", word(up.level()));
                told.put("live", up.socket());
            }
            case LinkStatus.Disconnected down -> {
                told.put("up", false);
                told.put("reason", down.reason());
            }
        }
        return told;
    }

    private static Map<String, Object> told(EdgeFigures.Backlog backlog) {
        Map<String, Object> told = new TreeMap<>();
        told.put("batches", backlog.batches());
        told.put("operations", backlog.operations());
        told.put("at-region", backlog.atRegion());
        told.put("bytes", backlog.bytes());
        if (backlog.sinceMillis() > 0)
            told.put("oldest", Instant.ofEpochMilli(backlog.sinceMillis()).toString());
        return told;
    }
}
