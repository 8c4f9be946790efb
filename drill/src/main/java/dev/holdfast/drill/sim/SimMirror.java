package dev.holdfast.drill.sim;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Backoff;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.region.mirror.Mirror;
import dev.holdfast.region.store.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a region's {@link Uplink} towards another region in a simulation: it follows the
 * other's feeds, of all scopes that either of them has anything of, and carries them to {@link
 * Mirror}. It lives until its region crashes.
 */
final class SimMirror {
    private static final int TICK_MILLIS = 1_000;

    private final SimRegion owner;
    private final World world;
    private final Mirror mirror;
    private final Supplier<SimRegion> peer;
    private final Uplink.Client client;
    private final Backoff backoff;

    private @Nullable Uplink uplink;
    private SimNetwork.@Nullable Connection connection;
    private final Set<String> scopes = new TreeSet<>();
    private final Deque<Uplink.Event> events = new ArrayDeque<>();
    private boolean running;
    private boolean stopped;
    private int generation;

    SimMirror(SimRegion owner, Mirror mirror, Supplier<SimRegion> peer) {
        this.owner = owner;
        this.world = owner.world;
        this.mirror = mirror;
        this.peer = peer;
        client = new Uplink.Client(owner.grant, owner.authorities());
        backoff = new Backoff(200, 10_000, world.random::nextDouble);
        world.after(backoff.failed(), this::connect);
    }

    void stop() {
        stopped = true;
        drop();
    }

    SimRegion peer() {
        return peer.get();
    }

    /** One more scope that there may be something of. */
    void joins(String scope) {
        int born = generation;
        if (uplink == null || scopes.contains(scope)) return;
        scopes.add(scope);
        asked(born, () -> happened(new Uplink.Event.Joined(mirror.state(scope, peer().id()))));
    }

    private void connect() {
        if (stopped || connection != null) return;
        SimRegion other = peer();
        SimNetwork.Connection made = other.dial(owner.name);
        if (made == null) {
            world.after(1 + backoff.failed(), this::connect);
            return;
        }
        int born = ++generation;
        connection = made;
        uplink = new Uplink(client, new Patience());
        made.clientClosed =
                () -> {
                    if (born == generation) lost(1 + backoff.failed());
                };
        made.atClient =
                message -> {
                    if (born == generation)
                        happened(new Uplink.Event.Received(MessageCodec.decode(message)));
                };
        asked(
                born,
                () -> {
                    scopes.addAll(mirror.scopes());
                    scopes.addAll(owner.followedBy(other.id()));
                    List<Uplink.ScopeState> states = new ArrayList<>();
                    for (String scope : scopes) states.add(mirror.state(scope, other.id()));
                    happened(new Uplink.Event.Connected(owner.keys.random(16), states));
                });
        tick(born);
    }

    private void tick(int born) {
        world.after(
                TICK_MILLIS,
                () -> {
                    if (born != generation || uplink == null) return;
                    happened(new Uplink.Event.Tick());
                    tick(born);
                });
    }

    private void lost(long pauseMillis) {
        drop();
        if (!stopped) world.after(pauseMillis, this::connect);
    }

    private void drop() {
        generation++;
        SimNetwork.Connection old = connection;
        connection = null;
        uplink = null;
        scopes.clear();
        events.clear();
        if (old != null) old.close();
    }

    /** Does what needs the tables, as far as they are durable, if its connection still lives. */
    private void asked(int born, Runnable work) {
        owner.disk.flushed(() -> {
            if (born != generation) return;
            try {
                work.run();
            } catch (StoreException e) {
                // The session cannot go on without the database; the next one asks anew.
                lost(1 + backoff.failed());
            }
        });
    }

    private void happened(Uplink.Event event) {
        events.add(event);
        if (running) return;
        running = true;
        while (!events.isEmpty()) {
            Uplink machine = uplink;
            Uplink.Event next = events.poll();
            if (machine != null && next != null)
                machine.step(next, owner.clock.millis()).forEach(this::act);
        }
        running = false;
    }

    private void act(Uplink.Action action) {
        int born = generation;
        SimNetwork.Connection to = connection;
        if (to == null) return;
        switch (action) {
            case Uplink.Action.Send send -> to.toServer(send.message());
            case Uplink.Action.Sign sign ->
                    happened(
                            new Uplink.Event.Signed(
                                    sign.id(),
                                    owner.keys.sign(owner.grant.publicKey(), sign.text())));
            case Uplink.Action.Verify verify ->
                    happened(
                            new Uplink.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(owner.keys::verify).toList()));
            // A region pushes nothing to another.
            case Uplink.Action.Fetch fetch ->
                    happened(
                            new Uplink.Event.Fetched(
                                    fetch.scope(), fetch.lane(), List.of(), Map.of(), List.of()));
            case Uplink.Action.Store store -> asked(born, () -> store(store, born));
            case Uplink.Action.Differences differ ->
                    asked(
                            born,
                            () ->
                                    happened(
                                            new Uplink.Event.Different(
                                                    differ.scope(), mirror.differences(differ))));
            case Uplink.Action.Believe believe ->
                    asked(born, () -> believe(believe.receipt().receipt(), born));
            case Uplink.Action.Refused refused -> {}
            case Uplink.Action.Wonder wonder -> {}
            case Uplink.Action.Time time -> {}
            case Uplink.Action.Welcomed welcomed -> backoff.succeeded();
            case Uplink.Action.Close close -> {
                world.note("mirror of " + to.client + " closes: " + close.reason());
                to.close();
            }
        }
    }

    private void store(Uplink.Action.Store store, int born) {
        List<Batch> fresh = store.batches().stream().filter(batch -> !owner.holds(batch)).toList();
        switch (mirror.store(store)) {
            case Mirror.Taken.Later later -> lost(later.pause().toMillis());
            case Mirror.Taken.Kept kept -> {
                owner.followed(peer(), store.batches(), fresh);
                asked(
                        born,
                        () ->
                                happened(
                                        new Uplink.Event.Stored(
                                                store.scope(),
                                                store.cursor().head().number(),
                                                kept.same())));
            }
        }
    }

    private void believe(Receipt receipt, int born) {
        List<Span> global = mirror.believe(receipt);
        // Whether or not this connection lives: it is asked once.
        owner.disk.flushed(() -> {
            owner.tellGlobal(receipt.scope(), global);
            if (born != generation) return;
            happened(new Uplink.Event.Believed(receipt.node(), receipt.scope(), List.of()));
        });
    }
}
