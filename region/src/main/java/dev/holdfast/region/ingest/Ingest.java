package dev.holdfast.region.ingest;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.node.sync.Backend;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.log.Log;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a region's sessions ask: pushes go into the log, and nothing else is needed to acknowledge
 * them; what was applied is read from the database.
 *
 * <p>While the database is away a push is taken all the same. A client that comes then is let in at
 * the cursor it names, unlooked at; should that be wrong, its next session finds out. Feeds wait.
 *
 * <p>Thread-safe.
 */
public final class Ingest implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);

    /** Some hundred bytes each. */
    private static final int RECENT_BATCHES = 100_000;

    private static final Duration FULL_PAUSE = Duration.ofSeconds(30);
    private static final Duration FEED_RETRY = Duration.ofMillis(500);
    private static final Duration FEED_PATIENCE = Duration.ofMinutes(5);

    private final Session.Server server;
    private final UnaryOperator<Bytes> signer;
    private final Log log;
    private final Transactor tables;
    private final DiskFloor disk;
    private final InstantSource clock;
    private final Copies copies;
    private final String requests;
    private final AtomicLong requestCount = new AtomicLong();
    private final RecentAppends recent = new RecentAppends(RECENT_BATCHES);
    private final LongAdder operations = new LongAdder();

    /**
     * @param grant this region's own
     * @param authorities the public keys that may sign grants
     * @param signer answers the signature of the grant's key
     * @param copies what makes an operation GLOBAL
     * @param requests begins the names of this process's pushes; another for every start
     */
    public Ingest(
            SignedGrant grant,
            Set<Bytes> authorities,
            UnaryOperator<Bytes> signer,
            Log log,
            Transactor tables,
            DiskFloor disk,
            InstantSource clock,
            Copies copies,
            String requests) {
        this.server = new Session.Server(grant, authorities, Durability.REGION);
        this.signer = signer;
        this.log = log;
        this.tables = tables;
        this.disk = disk;
        this.clock = clock;
        this.copies = copies;
        this.requests = requests;
    }

    @Override
    public Session.Server server() {
        return server;
    }

    @Override
    public Bytes sign(Bytes text) {
        return signer.apply(text);
    }

    @Override
    public Session.Event.Kept keep(Session.Action.Keep keep) {
        if (!disk.hasRoom()) {
            LOG.warn("scope {}: a push was not taken, the disk is nearly full", keep.scope());
            return paused(keep, FULL_PAUSE);
        }
        String request = requests + "-" + requestCount.incrementAndGet();
        List<LogRecord> records =
                LogEntry.of(keep, clock.millis()).stream()
                        .map(entry -> entry.record(request))
                        .toList();
        return switch (log.append(records)) {
            case AppendResult.Stored stored -> {
                recent.appended(keep.batches());
                keep.batches().forEach(batch -> operations.add(batch.last() - batch.first() + 1));
                yield new Session.Event.Kept(keep.id(), keep.batches(), List.of(), 0);
            }
            case AppendResult.NotStored refused -> {
                LOG.warn(
                        "scope {}, request {}: the log did not take a push: {}",
                        keep.scope(),
                        request,
                        refused.reason());
                yield paused(keep, refused.retryAfter());
            }
        };
    }

    private static Session.Event.Kept paused(Session.Action.Keep keep, Duration pause) {
        return new Session.Event.Kept(
                keep.id(), List.of(), List.of(), Math.max(1, pause.toMillis()));
    }

    @Override
    public Session.Event.Looked looked(Message.Subscribe ask) {
        try {
            return tables.read(t -> {
                Opening opening =
                        Opening.of(
                                t, node(), ask.scope(), ask.cursor(), ask.digest(), ask.pending());
                List<Rejection> rejections = new ArrayList<>();
                ask.pending()
                        .replicas()
                        .forEach((replica, pending) -> {
                            for (Rejection rejection : t.quarantined(ask.scope(), replica)) {
                                Span span = rejection.span();
                                if (pending.overlaps(span.from(), span.to()))
                                    rejections.add(rejection);
                            }
                        });
                // All of those authors: who keeps the newest word about each must lose nothing by
                // it.
                Set<ReplicaId> asked = ask.pending().replicas().keySet();
                Set<Span> applied = new LinkedHashSet<>(Opening.all(t, ask.scope(), asked));
                // And where what is pending ends, since who has not what follows it knows no
                // later hash.
                for (Span span : opening.has())
                    if (applied.size() < Limits.SPANS_PER_MESSAGE) applied.add(span);
                List<Span> global = copies.global(t, ask.scope(), asked);
                return looked(ask, opening, List.copyOf(applied), global, rejections);
            });
        } catch (StoreException e) {
            if (e.failure() != DatabaseFailure.AWAY) throw e;
            LOG.warn("scope {}: opened without the database", ask.scope());
            FeedHead start = unlooked(ask.cursor());
            // How far the feed goes is not known: it is read until there is no more.
            FeedHead far = new FeedHead(Long.MAX_VALUE, start.hash());
            Opening unseen = new Opening(start, far, false, List.of(), List.of());
            return looked(ask, unseen, List.of(), List.of(), List.of());
        }
    }

    private Session.Event.Looked looked(
            Message.Subscribe ask,
            Opening opening,
            List<Span> applied,
            List<Span> global,
            List<Rejection> rejections) {
        List<Receipt> reached = new ArrayList<>();
        long now = clock.millis();
        if (!applied.isEmpty())
            reached.add(new Receipt(node(), ask.scope(), Durability.APPLIED, now, applied));
        if (!global.isEmpty())
            reached.add(new Receipt(node(), ask.scope(), Durability.GLOBAL, now, global));
        List<Span> appended = recent.of(ask.scope(), ask.pending());
        if (!appended.isEmpty())
            reached.add(new Receipt(node(), ask.scope(), Durability.REGION, now, appended));
        return new Session.Event.Looked(
                ask.scope(), opening, reached, List.of(), rejections, List.of());
    }

    private FeedHead unlooked(@Nullable Cursor cursor) {
        return cursor != null && cursor.node().equals(node()) ? cursor.head() : FeedHead.START;
    }

    @Override
    public Session.Event.FeedRead read(Session.Action.ReadFeed read) {
        return patiently(t -> {
            Session.Event.FeedRead page = Intake.readApplied(t, read);
            ReplicaId region = read.region();
            return region == null
                    ? page.whereGlobal(copies.global(t, read.scope(), page.authors()))
                    : page.knownToHave(copies.of(t, read.scope(), region, page.authors()));
        });
    }

    /** Operations that were put into the log since the start, by whatever way they came. */
    public long appended() {
        return operations.sum();
    }

    /** To be told what is applied now: it need not be remembered as appended any more. */
    public void applied(String scope, List<Span> spans) {
        recent.applied(scope, spans);
    }

    /** To be told what is refused now: the database says that from now on, too. */
    public void refused(Rejection rejection) {
        recent.refused(rejection.scope(), rejection.span());
    }

    private <T> T patiently(Function<RegionTables, T> work) {
        long deadline = clock.millis() + FEED_PATIENCE.toMillis();
        while (true) {
            try {
                return tables.read(work);
            } catch (StoreException e) {
                if (e.failure() == DatabaseFailure.ERROR || clock.millis() > deadline) throw e;
            }
            try {
                Thread.sleep(FEED_RETRY);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the database was away", e);
            }
        }
    }

    private ReplicaId node() {
        return server.grant().replica();
    }
}
