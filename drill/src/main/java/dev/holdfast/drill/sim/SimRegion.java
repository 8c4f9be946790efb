package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.ingest.DiskFloor;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.log.LogRecord;
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
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A region: its own ingest and worker classes over a simulated log and tables. */
final class SimRegion extends SimServer {
    private static final int OPERATIONS_PER_TRANSACTION = 50;

    private final SimLog log;
    private final Transactor tables;
    private Ingest ingest;
    private Worker worker;
    private int incarnation;

    /** Until then the database does not answer. */
    long awayUntilMillis;

    SimRegion(World world, SimKeys keys, SimNetwork network, String name, Bytes authority) {
        super(world, keys, network, name, authority, Grant.Role.REGION, Durability.REGION);
        log = new SimLog(world);
        tables = new Database();
        ingest = newIngest();
        worker = newWorker();
        scheduleWork();
    }

    /** The region's tables in memory, which are away at times. */
    private final class Database implements Transactor {
        private final MemoryTransactor memory = new MemoryTransactor(disk.store);

        @Override
        public <T extends @Nullable Object> T write(Function<? super RegionTables, T> work) {
            requireThere();
            return memory.write(work);
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
        InstantSource clock = () -> Instant.ofEpochMilli(world.nowMillis());
        return new Ingest(
                grant,
                authorities(),
                text -> keys.sign(grant.publicKey(), text),
                log,
                tables,
                new DiskFloor(Path.of("."), 0, clock),
                clock,
                name + incarnation);
    }

    private Worker newWorker() {
        RegionAuthor author =
                new RegionAuthor(
                        grant, text -> keys.sign(grant.publicKey(), text), SimDevice.SCHEMA);
        return new Worker(tables, author, new Worker.Settings(OPERATIONS_PER_TRANSACTION, true));
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
            return;
        }
        switch (worker.step(records, world.nowMillis())) {
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
        ingest.applied(news.scope(), news.applied());
        if (news.head() != null) tell(new Session.Event.Grew(news.scope(), news.head()));
        for (List<Span> spans : news.appliedByAuthor()) {
            Receipt receipt =
                    new Receipt(id(), news.scope(), Durability.APPLIED, world.nowMillis(), spans);
            Bytes signature = keys.sign(grant.publicKey(), receipt.signedText());
            tell(new Session.Event.Marked(new Message.Watermark(grant, receipt.signed(signature))));
        }
        news.refused().forEach(refused -> tell(new Session.Event.Refused(refused)));
    }

    @Override
    public void look(Message.Subscribe subscribe, Consumer<Session.Event.Looked> then) {
        disk.flushed(() -> then.accept(ingest.looked(subscribe)));
    }

    @Override
    public void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then) {
        int born = incarnation;
        Session.Event.Kept kept = ingest.keep(keep);
        world.after(
                world.between(1, 20),
                () -> {
                    if (born == incarnation) then.accept(kept);
                });
    }

    @Override
    public void read(Session.Action.ReadFeed read, Consumer<Session.Event.FeedRead> then) {
        int born = incarnation;
        if (isAway()) {
            world.after(
                    200,
                    () -> {
                        if (born == incarnation) read(read, then);
                    });
            return;
        }
        disk.flushed(() -> then.accept(ingest.read(read)));
    }

    Context applied(String scope) {
        return disk.store.read(tables -> tables.context(scope));
    }

    boolean logHas(String scope, Dot dot) {
        return log.holds(scope, dot);
    }

    boolean isDrained() {
        return log.isDrained();
    }

    @Override
    void crash() {
        up = false;
        incarnation++;
        hangUp();
        disk.crash();
    }

    @Override
    void restart() {
        up = true;
        ingest = newIngest();
        worker = newWorker();
        scheduleWork();
    }
}
