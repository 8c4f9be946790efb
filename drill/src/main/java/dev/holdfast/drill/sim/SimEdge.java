package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.core.sync.Uplink;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** An edge: takes in from devices, forwards to a region. */
final class SimEdge extends SimServer implements SimLink.Node {
    private static final long PAUSE_MILLIS = 500;

    private final List<String> scopes;
    private final Supplier<List<? extends SimServer>> regions;
    private SimLink link;

    SimEdge(
            World world,
            SimKeys keys,
            SimNetwork network,
            String name,
            Bytes authority,
            List<String> scopes,
            Supplier<List<? extends SimServer>> regions) {
        super(world, keys, network, name, authority, Grant.Role.EDGE, Durability.EDGE);
        this.scopes = scopes;
        this.regions = regions;
        watch();
        link = newLink();
        link.start();
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

    private SimLink newLink() {
        return new SimLink(
                world,
                keys,
                disk,
                SimDevice.SCHEMA,
                new Uplink.Client(grant, authorities()),
                Durability.APPLIED,
                scopes,
                any -> {
                    List<? extends SimServer> choice = regions.get();
                    return choice.isEmpty()
                            ? null
                            : choice.get(world.random.nextInt(choice.size())).dial(name);
                },
                this);
    }

    @Override
    public void look(Message.Subscribe subscribe, Consumer<Session.Event.Looked> then) {
        disk.read(tables -> new Intake(tables, id()).look(subscribe, world.nowMillis()), then);
    }

    @Override
    public void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then) {
        disk.write(
                tables -> new Intake(tables, id()).keep(keep, world.nowMillis()),
                then,
                () ->
                        then.accept(
                                new Session.Event.Kept(
                                        keep.id(), List.of(), List.of(), PAUSE_MILLIS)));
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
    public void refused(Rejection rejection) {
        tell(new Session.Event.Refused(rejection));
    }

    @Override
    public void regionTime(long millis) {}

    @Override
    public void cloned() {
        throw new Claims.Broken(name + " was taken for a clone, and nobody cloned it");
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

    /** Its disk is gone for good; an empty one takes its place. */
    void burn() {
        crash();
        disk = new SimDisk(world, MemoryStore.buffered());
        watch();
    }
}
