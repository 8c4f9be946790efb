package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.sync.Backend;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import dev.holdfast.store.StoreTables;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions on an edge's store. A push is acknowledged after the flush that it shares with whatever
 * was written at the same time. Thread-safe.
 */
final class EdgeBackend implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeBackend.class);

    private final ReplicaStore store;
    private final Set<Bytes> authorities;
    private final Durability retainUntil;
    private final Predicate<String> served;
    private final Consumer<String> asked;
    private final BiConsumer<String, List<Long>> returned;
    private final Room room;
    private final InstantSource clock;
    private final RecentFeed recent = new RecentFeed();
    private volatile Self self;

    /** Who this edge is, and its key. */
    private record Self(Session.Server server, ReplicaKey key) {}

    /** A push that was kept, the heads of the feed around it, and from where the outbox grew. */
    private record Grown(
            Session.Event.Kept kept, FeedHead before, FeedHead after, List<Long> returned) {}

    /**
     * @param grant the edge's own
     * @param retainUntil up to which level it answers for what it took in
     * @param served whether a scope is served
     * @param asked is told of every scope that a client subscribes to
     * @param returned is told at which feed numbers there is something to forward that was passed
     *     before
     */
    EdgeBackend(
            ReplicaStore store,
            SignedGrant grant,
            Set<Bytes> authorities,
            Durability retainUntil,
            Predicate<String> served,
            Consumer<String> asked,
            BiConsumer<String, List<Long>> returned,
            Room room,
            InstantSource clock) {
        this.store = store;
        this.authorities = authorities;
        this.retainUntil = retainUntil;
        this.served = served;
        this.asked = asked;
        this.returned = returned;
        this.room = room;
        this.clock = clock;
        this.self = self(grant);
    }

    private Self self(SignedGrant grant) {
        return new Self(new Session.Server(grant, authorities, Durability.EDGE), store.key());
    }

    /**
     * Goes by the store's new key, if it has taken one; answers whether it had. Sessions from
     * before must end then.
     */
    boolean renew() {
        ReplicaKey key = store.key();
        if (key.replica().equals(self.key().replica())) return false;
        SignedGrant grant = store.read(tables -> tables.grant(key.replica()));
        if (grant == null) return false;
        self = self(grant);
        LOG.warn("this edge's store was copied: it goes by {} from now on", key.replica());
        return true;
    }

    @Override
    public Session.Server server() {
        return self.server();
    }

    @Override
    public boolean serves(String scope) {
        return served.test(scope);
    }

    @Override
    public Session.Event.Looked looked(Message.Subscribe ask) {
        asked.accept(ask.scope());
        return store.read(tables -> intake(tables).look(ask, clock.millis()));
    }

    @Override
    public Session.Event.Kept keep(Session.Action.Keep keep) {
        if (room.isFull()) return later(keep);
        try {
            Grown grown = store.write(tables -> grow(tables, keep));
            room.wasWritten();
            if (!grown.returned().isEmpty()) returned.accept(keep.scope(), grown.returned());
            recent.add(grown.before(), grown.kept().flushed(), grown.after(), keep.grants());
            return grown.kept();
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.FULL) throw e;
            room.diskIsFull();
            return later(keep);
        }
    }

    private Grown grow(StoreTables tables, Session.Action.Keep keep) {
        FeedHead before = tables.feedHead(keep.scope());
        Intake intake = intake(tables);
        Session.Event.Kept kept = intake.keep(keep, clock.millis());
        return new Grown(kept, before, tables.feedHead(keep.scope()), intake.returned());
    }

    private Session.Event.Kept later(Session.Action.Keep keep) {
        return new Session.Event.Kept(keep.id(), List.of(), List.of(), room.pauseMillis());
    }

    @Override
    public Session.Event.@Nullable FeedRead remembered(Session.Action.ReadFeed read) {
        return recent.read(read);
    }

    @Override
    public Session.Event.FeedRead read(Session.Action.ReadFeed read) {
        return store.read(tables -> Intake.read(tables, read));
    }

    @Override
    public Bytes sign(Bytes text) {
        return self.key().sign(text);
    }

    private Intake intake(StoreTables tables) {
        return new Intake(tables, self.server().grant().replica(), retainUntil);
    }
}
