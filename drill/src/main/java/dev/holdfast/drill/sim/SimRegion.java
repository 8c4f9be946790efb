package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.ingest.DiskFloor;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.mirror.Mirror;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.MemoryTransactor;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import dev.holdfast.region.worker.News;
import dev.holdfast.region.worker.Worker;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A region: its own ingest, worker and mirror classes over a simulated log and tables. */
final class SimRegion extends SimServer {
    private static final int OPERATIONS_PER_TRANSACTION = 50;
    private static final int AWAY_RETRY_MILLIS = 200;

    /**
     * What a region is to the others.
     *
     * @param home whether it is the one that corrects clocks
     * @param copies what makes an operation GLOBAL
     * @param peers those whose feeds it follows
     * @param truth who says whether an operation is GLOBAL
     */
    record Site(boolean home, Copies copies, List<Supplier<SimRegion>> peers, Truth truth) {}

    /** Who sees all regions. */
    interface Truth {
        /** Whether another region has applied, or had before it burned, these very bytes. */
        boolean isElsewhere(SimRegion here, String scope, Span span);
    }

    private final Site site;
    private final SimLog log;
    private final Transactor tables;
    private Ingest ingest;
    private Worker worker;
    private List<SimMirror> mirrors = List.of();

    /** Scopes that a region subscribed to here since the last start: it has something of them. */
    private final Map<ReplicaId, Set<String>> followed = new TreeMap<>();

    /** Hashes of batches that came from another region before they came from anybody else. */
    private final Set<Bytes> mirrored = new HashSet<>();

    private int incarnation;
    private boolean crashed;

    /** Until then the database does not answer. */
    long awayUntilMillis;

    /** Until then each of its commits takes seconds. */
    long slowUntilMillis;

    SimRegion(Place place, String name, SignedGrant grant, Site site) {
        super(place, name, grant, Durability.REGION);
        this.site = site;
        log = new SimLog(world);
        tables = new Database();
        ingest = newIngest();
        worker = newWorker();
        scheduleWork();
        mirrors = newMirrors();
    }

    /** The region's tables in memory, which are away at times. */
    private final class Database implements Transactor {
        private final MemoryTransactor memory = new MemoryTransactor(disk.store);

        @Override
        public <T extends @Nullable Object> T write(Function<? super RegionTables, T> work) {
            requireThere();
            T answer = memory.write(work);
            disk.wrote();
            return answer;
        }

        @Override
        public <T extends @Nullable Object> T read(Function<? super RegionTables, T> work) {
            requireThere();
            return memory.read(work);
        }

        private void requireThere() {
            if (isAway())
                throw new StoreException(
                        DatabaseFailure.AWAY, "simulated", new SQLException("away", "08006"));
        }
    }

    private boolean isAway() {
        return world.nowMillis() < awayUntilMillis;
    }

    private Ingest newIngest() {
        InstantSource time = () -> Instant.ofEpochMilli(clock.millis());
        return new Ingest(
                grant,
                authorities(),
                text -> keys.sign(grant.publicKey(), text),
                log,
                tables,
                new DiskFloor(Path.of("."), 0, time),
                time,
                site.copies(),
                name + incarnation);
    }

    private Worker newWorker() {
        RegionAuthor author =
                new RegionAuthor(
                        grant,
                        text -> keys.sign(grant.publicKey(), text),
                        Schemas.VERSIONS.getFirst());
        return new Worker(
                tables, author, new Worker.Settings(OPERATIONS_PER_TRANSACTION, site.home()));
    }

    private List<SimMirror> newMirrors() {
        Mirror mirror = new Mirror(id(), ingest, tables, site.copies());
        return site.peers().stream().map(peer -> new SimMirror(this, mirror, peer)).toList();
    }

    private void scheduleWork() {
        int born = incarnation;
        world.after(
                world.between(5, 200),
                () -> {
                    if (born == incarnation && up) work();
                });
    }

    private void work() {
        List<LogRecord> records = log.poll();
        if (records.isEmpty()) {
            scheduleWork();
        } else if (world.nowMillis() < slowUntilMillis) {
            int born = incarnation;
            world.after(
                    world.between(500, 4_000),
                    () -> {
                        if (born == incarnation && up) apply(records);
                    });
        } else {
            apply(records);
        }
    }

    private void apply(List<LogRecord> records) {
        switch (worker.step(records, clock.millis())) {
            case Worker.Step.Done done ->
                    disk.flushed(() -> {
                        log.commit(records.size());
                        done.news().forEach(this::publish);
                        scheduleWork();
                    });
            case Worker.Step.Waiting waiting -> scheduleWork();
        }
    }

    private void publish(News news) {
        for (Rejection refused : news.refused())
            if (refused.code() == Rejection.Code.FORK) world.coverage.count(Coverage.FORK);
        ingest.applied(news.scope(), news.applied());
        for (SimMirror mirror : mirrors) mirror.joins(news.scope());
        if (news.head() != null) tell(new Session.Event.Grew(news.scope(), news.head()));
        for (List<Span> spans : news.appliedByAuthor())
            mark(Durability.APPLIED, news.scope(), spans);
        for (Rejection refused : news.refused()) {
            ingest.refused(refused);
            Verdict verdict =
                    Verdict.signed(id(), refused, text -> keys.sign(grant.publicKey(), text));
            tell(new Session.Event.Refused(new Message.Reject(grant, verdict)));
        }
        if (site.copies().isMirrored()) global(news);
    }

    /** What another region had before this one is in both from now on. */
    private void global(News news) {
        Set<ReplicaId> authors = Span.byReplica(news.applied()).keySet();
        try {
            tellGlobal(
                    news.scope(), tables.read(t -> site.copies().global(t, news.scope(), authors)));
        } catch (StoreException e) {
            world.note(name + " cannot see now what is GLOBAL");
        }
    }

    void tellGlobal(String scope, List<Span> spans) {
        Span.byReplica(spans).values().forEach(own -> mark(Durability.GLOBAL, scope, own));
    }

    private void mark(Durability level, String scope, List<Span> spans) {
        Receipt receipt = new Receipt(id(), scope, level, clock.millis(), spans);
        Bytes signature = keys.sign(grant.publicKey(), receipt.signedText());
        tell(new Session.Event.Marked(new Message.Watermark(grant, receipt.signed(signature))));
    }

    @Override
    public void subscribes(SignedGrant client, String scope) {
        if (client.grant().role() != Grant.Role.REGION) return;
        followed.computeIfAbsent(client.replica(), none -> new TreeSet<>()).add(scope);
        for (SimMirror mirror : mirrors)
            if (mirror.peer().id().equals(client.replica())) mirror.joins(scope);
    }

    /** Scopes that {@code region} is known to have something of. */
    Set<String> followedBy(ReplicaId region) {
        return followed.getOrDefault(region, Set.of());
    }

    /** A page of {@code peer} was taken, and the cursor after it is kept. */
    void followed(SimRegion peer, List<Batch> page, List<Batch> fresh) {
        for (Batch batch : page)
            Invariant.CURSORS_STAND_FOR_WHAT_IS_HELD.hold(
                    holds(batch),
                    () -> name + " goes on after " + Span.of(batch) + " and does not have it");
        for (Batch batch : fresh) {
            world.coverage.count(Coverage.MIRRORED);
            if (peer.mirrored.contains(batch.hash())) world.coverage.count(Coverage.RELAYED);
            mirrored.add(batch.hash());
        }
    }

    /** Whether these very bytes are in the log, or were, or were written here. */
    boolean holds(Batch batch) {
        return log.holds(batch.hash()) || isSettled(batch);
    }

    @Override
    public void look(Message.Subscribe subscribe, Consumer<Session.Event.Looked> then) {
        disk.flushed(() -> then.accept(ingest.looked(subscribe)));
    }

    @Override
    public void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then) {
        int born = incarnation;
        Session.Event.Kept kept = ingest.keep(keep);
        if (!kept.flushed().isEmpty() && isCutFromPeers()) world.coverage.count(Coverage.ALONE);
        world.after(
                world.between(1, 20),
                () -> {
                    if (born == incarnation) then.accept(kept);
                });
    }

    @Override
    public void read(Session.Action.ReadFeed read, Consumer<Session.Event.FeedRead> then) {
        int born = incarnation;
        disk.flushed(() -> {
            // Ingest waits in real time for a database that is away; here virtual time must pass.
            if (!isAway()) {
                Session.Event.FeedRead page = ingest.read(read);
                for (FeedItem item : page.items()) {
                    Batch batch = item.batch();
                    if (page.has().of(batch.author()).contains(batch.first(), batch.last()))
                        world.coverage.count(Coverage.NOT_SENT_BACK);
                }
                then.accept(page);
                return;
            }
            world.after(
                    AWAY_RETRY_MILLIS,
                    () -> {
                        if (born == incarnation) read(read, then);
                    });
        });
    }

    private boolean isCutFromPeers() {
        return !mirrors.isEmpty()
                && mirrors.stream()
                        .map(SimMirror::peer)
                        .allMatch(peer ->
                                network.isCut(name, peer.name) || network.isCut(peer.name, name));
    }

    Context applied(String scope) {
        return disk.store.read(tables -> tables.context(scope));
    }

    /** Whether these operations are in the tables or aside, or are still to come from the log. */
    boolean has(String scope, ReplicaId replica, long from, long to) {
        return reached(scope).of(replica).contains(from, to);
    }

    /** All that REGION can be said of. */
    Context reached(String scope) {
        Context reached = log.pending(scope);
        disk.store.read(tables -> {
            reached.addAll(tables.context(scope));
            tables.quarantined().stream()
                    .map(MemoryTables.Quarantined::batch)
                    .filter(batch -> batch.scope().equals(scope))
                    .forEach(batch -> reached.add(batch.author(), batch.first(), batch.last()));
            return reached;
        });
        return reached;
    }

    boolean hasApplied(String scope, ReplicaId replica, long from, long to) {
        return disk.store.read(tables -> tables.context(scope, replica)).contains(from, to);
    }

    /** Whether these very bytes were applied, or refused and kept aside. */
    boolean isSettled(Batch batch) {
        return disk.store.read(tables -> {
            BatchHead applied = tables.batchFrom(batch.scope(), batch.author(), batch.first());
            return applied != null && applied.hash().equals(batch.hash())
                    || tables.quarantined().stream()
                            .anyMatch(kept -> kept.batch().hash().equals(batch.hash()));
        });
    }

    /** Whether each batch of the span is applied here, and one of {@code others} has it too. */
    boolean isAmong(List<SimRegion> others, String scope, Span span) {
        long next = span.from();
        while (next <= span.to()) {
            BatchHead here = batchFrom(scope, span.replica(), next);
            if (here == null) return false;
            boolean there = false;
            for (SimRegion other : others)
                there |= here.equals(other.batchFrom(scope, span.replica(), next));
            if (!there) return false;
            next = here.last() + 1;
        }
        return true;
    }

    private @Nullable BatchHead batchFrom(String scope, ReplicaId replica, long first) {
        return disk.store.read(tables -> tables.batchFrom(scope, replica, first));
    }

    @Override
    void says(Receipt receipt) {
        for (Span span : receipt.spans()) {
            boolean applied = receipt.level().reaches(Durability.APPLIED);
            BatchHead last =
                    disk.store.read(
                            tables -> tables.batchTo(receipt.scope(), span.replica(), span.to()));
            boolean same = last != null && last.hash().equals(span.hash());
            boolean so =
                    applied
                            ? same
                                    && hasApplied(
                                            receipt.scope(), span.replica(), span.from(), span.to())
                            : has(receipt.scope(), span.replica(), span.from(), span.to())
                                    && (same || log.holds(span.hash()));
            Invariant.ACKNOWLEDGED_IS_KEPT.hold(
                    so,
                    () -> name + " says " + receipt.level() + " of " + span + " and has it not");
            if (receipt.level().reaches(Durability.GLOBAL))
                Invariant.GLOBAL_IS_IN_TWO_REGIONS.hold(
                        site.truth().isElsewhere(this, receipt.scope(), span),
                        () -> name + " says GLOBAL of " + span + ", which is here alone");
        }
    }

    /** The broker delivers some of what it delivered before. */
    void redeliver(int count) {
        log.redeliver(count);
    }

    boolean isDrained() {
        return log.isDrained();
    }

    /** Whether it crashed since this was last asked. */
    boolean hasCrashed() {
        boolean answer = crashed;
        crashed = false;
        return answer;
    }

    @Override
    void crash() {
        up = false;
        crashed = true;
        incarnation++;
        hangUp();
        mirrors.forEach(SimMirror::stop);
        mirrors = List.of();
        followed.clear();
        disk.crash();
    }

    @Override
    void restart() {
        up = true;
        ingest = newIngest();
        worker = newWorker();
        scheduleWork();
        mirrors = newMirrors();
    }
}
