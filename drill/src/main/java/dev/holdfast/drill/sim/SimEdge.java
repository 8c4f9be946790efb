package dev.holdfast.drill.sim;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** An edge: takes in from devices, forwards to a region. */
class SimEdge extends SimServer implements SimLink.Node {
    private static final long PAUSE_MILLIS = 500;

    private final List<String> scopes;
    private final Supplier<List<? extends SimServer>> regions;
    final Durability retainUntil;
    private SimLink link;

    /** What it said it keeps, since its disk is this one. */
    private final Map<String, Context> saidKept = new TreeMap<>();

    private final Map<String, List<Batch>> saidBatches = new TreeMap<>();

    SimEdge(
            Place place,
            String name,
            SignedGrant grant,
            List<String> scopes,
            Supplier<List<? extends SimServer>> regions,
            Durability retainUntil) {
        super(place, name, grant, Durability.EDGE);
        this.scopes = scopes;
        this.regions = regions;
        this.retainUntil = retainUntil;
        watch();
        link = newLink();
        link.start();
    }

    private SimLink newLink() {
        return new SimLink(this, Schemas.VERSIONS.getFirst(), scopes, regions, retainUntil, this);
    }

    private void watch() {
        disk.store.watch(change -> {
            if (!change.feedGrew()) return;
            disk.read(
                    tables -> tables.feedHead(change.scope()),
                    head -> {
                        tell(new Session.Event.Grew(change.scope(), head));
                        link.grew(change.scope());
                    });
        });
    }

    @Override
    public void look(Message.Subscribe subscribe, Consumer<Session.Event.Looked> then) {
        disk.read(
                tables -> new Intake(tables, id(), retainUntil).look(subscribe, clock.millis()),
                then);
    }

    @Override
    public void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then) {
        disk.write(
                tables -> {
                    Intake intake = new Intake(tables, id(), retainUntil);
                    return new Grown(intake.keep(keep, clock.millis()), intake.returned());
                },
                grown -> {
                    if (!grown.returned().isEmpty()) {
                        world.coverage.count(Coverage.RETURNED);
                        link.again(keep.scope(), grown.returned());
                    }
                    answersFor(keep.scope(), grown.kept());
                    then.accept(grown.kept());
                },
                () ->
                        then.accept(
                                new Session.Event.Kept(
                                        keep.id(), List.of(), List.of(), PAUSE_MILLIS)));
    }

    private record Grown(Session.Event.Kept kept, List<Long> returned) {}

    private void answersFor(String scope, Session.Event.Kept kept) {
        for (Rejection refused : kept.refused())
            if (refused.code() == Rejection.Code.FORK) world.coverage.count(Coverage.FORK);
        for (Batch batch : kept.flushed()) {
            saidKept.computeIfAbsent(scope, none -> new Context())
                    .add(batch.author(), batch.first(), batch.last());
            saidBatches.computeIfAbsent(scope, none -> new ArrayList<>()).add(batch);
        }
    }

    Context saidKept(String scope) {
        return saidKept.getOrDefault(scope, new Context());
    }

    /** Batches for which it answers as far as anybody has looked; the judge takes out others. */
    List<Batch> saidBatches(String scope) {
        return saidBatches.getOrDefault(scope, new ArrayList<>());
    }

    @Override
    void says(Receipt receipt) {
        for (Span span : receipt.spans()) {
            BatchHead last =
                    disk.store.read(tables ->
                            tables.context(receipt.scope(), span.replica())
                                            .contains(span.from(), span.to())
                                    ? tables.batchTo(receipt.scope(), span.replica(), span.to())
                                    : null);
            Invariant.ACKNOWLEDGED_IS_KEPT.hold(
                    last != null && last.hash().equals(span.hash()),
                    () -> name + " acknowledges " + span + " and does not have it");
        }
    }

    @Override
    public void read(Session.Action.ReadFeed read, Consumer<Session.Event.FeedRead> then) {
        disk.read(tables -> Intake.read(tables, read), then);
    }

    @Override
    public void believed(Receipt.Signed receipt, SignedGrant signer) {
        tell(new Session.Event.Marked(new Message.Watermark(signer, receipt)));
    }

    @Override
    public void refused(Verdict verdict, SignedGrant signer) {
        tell(new Session.Event.Refused(new Message.Reject(signer, verdict)));
    }

    @Override
    public void regionTime(long millis) {}

    @Override
    public void cloned() {
        throw new Broken(
                Invariant.NOTHING_FAILS, name + " was taken for a clone, and nobody cloned it");
    }

    @Override
    void crash() {
        up = false;
        link.stop();
        hangUp();
        disk.crash();
    }

    @Override
    void restart() {
        up = true;
        link = newLink();
        link.start();
    }

    void moveOn() {
        link.moveOn();
    }

    /** Its disk is gone for good; an empty one takes its place. */
    void burn() {
        if (disk.store.read(MemoryTables::outboxBytes) > 0)
            world.coverage.count(Coverage.BURNED_UNCONFIRMED);
        crash();
        replaceDisk(MemoryStore.buffered());
    }

    void replaceDisk(MemoryStore store) {
        saidKept.clear();
        saidBatches.clear();
        disk = new SimDisk(world, store);
        watch();
    }
}
