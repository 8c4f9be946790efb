package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.node.api.DocumentsApi;
import dev.holdfast.node.console.ConsoleEndpoint;
import dev.holdfast.node.console.Quarantine;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.mirror.MirrorEndpoint;
import dev.holdfast.region.store.QuarantineBook;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Survey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What a region tells its operators of itself. What the database must be asked for is read by
 * {@link #look}, and only while somebody asks: so nobody waits for a database that is away, and
 * nobody who does not look costs it anything. Thread-safe.
 */
final class RegionConsole
        implements Supplier<Map<String, Object>>, ConsoleEndpoint.Journeys, Quarantine {
    static final Duration INTERVAL = Duration.ofSeconds(2);

    /** Whoever looks asks every few seconds. */
    private static final Duration LOOKED_AT = Duration.ofSeconds(30);

    private final RegionFigures figures;
    private final Optional<SyncEndpoint> sync;
    private final Optional<DocumentsApi> api;
    private final Ingest ingest;
    private final MirrorEndpoint mirror;
    private final Survey survey;
    private final QuarantineBook book;
    private final InstantSource clock;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile Instant asked = Instant.MIN;
    private volatile Map<String, Object> read = Map.of();

    /**
     * @param sync of a process that has sessions
     * @param api of the same
     */
    RegionConsole(
            RegionFigures figures,
            Optional<SyncEndpoint> sync,
            Optional<DocumentsApi> api,
            Ingest ingest,
            MirrorEndpoint mirror,
            Survey survey,
            QuarantineBook book,
            InstantSource clock) {
        this.figures = figures;
        this.sync = sync;
        this.api = api;
        this.ingest = ingest;
        this.mirror = mirror;
        this.survey = survey;
        this.book = book;
        this.clock = clock;
    }

    @Override
    public Map<String, Object> get() {
        asked = clock.instant();
        Map<String, Object> told = new TreeMap<>(figures.told());
        sync.ifPresent(sessions -> told.putAll(sessions.told()));
        api.ifPresent(gateway -> told.put("api-writes", gateway.writes()));
        told.put("appended", ingest.appended());
        told.put("database", read);
        return told;
    }

    /** Reads the database, if somebody looks. */
    void look() {
        looking.lock();
        try {
            Instant now = clock.instant();
            if (!asked.isBefore(now.minus(LOOKED_AT))) read = lookedUp(now);
        } finally {
            looking.unlock();
        }
    }

    private Map<String, Object> lookedUp(Instant now) {
        Map<String, Object> fresh = new TreeMap<>();
        try {
            fresh.putAll(survey.lists());
            fresh.put("mirror", mirror.links());
            fresh.put("read", now.toString());
        } catch (StoreException | MalformedException e) {
            // What it said last stays, with its time.
            fresh.putAll(read);
            fresh.put("failure", String.valueOf(e.getMessage()));
            fresh.put("failed", now.toString());
        }
        return Map.copyOf(fresh);
    }

    @Override
    public Optional<Dot> find(String scope, Bytes trace) {
        return asked(() -> survey.find(scope, trace, SEARCHED_BATCHES));
    }

    /** What is known here of one operation. */
    @Override
    public Map<String, Object> journey(String scope, Dot dot) {
        return asked(() -> survey.journey(scope, dot));
    }

    @Override
    public Optional<Entry> entry(Bytes hash) {
        Optional<QuarantineBook.Entry> found = asked(() -> book.entry(hash));
        return found.map(entry ->
                new Entry(
                        entry.isBatch()
                                ? Optional.of(Batch.decode(entry.bytes()))
                                : Optional.empty(),
                        entry.bytes().size()));
    }

    /** What is told of the database is read again, so that whoever asks next sees it. */
    @Override
    public boolean settle(Bytes hash, Optional<Settled> word) {
        boolean found =
                asked(() -> {
                    if (word.isEmpty()) return book.reopen(hash);
                    Settled said = word.get();
                    return book.settle(hash, said.by(), said.why(), said.at());
                });
        look();
        return found;
    }

    private static <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (StoreException e) {
            throw new ProblemException(
                    Problem.of(
                            503,
                            "database-away",
                            "The database cannot be read",
                            String.valueOf(e.getMessage())));
        }
    }
}
