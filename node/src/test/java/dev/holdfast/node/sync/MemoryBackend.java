package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.ReplicaKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** An edge's intake over a store in memory, which can be told to be slow, full or broken. */
final class MemoryBackend implements Backend {
    final Hub hub = new Hub();
    final AtomicInteger keeps = new AtomicInteger();

    /** Each push takes one; none stops them. */
    final Semaphore flushes = new Semaphore(1_000_000);

    volatile long pauseMillis;
    volatile boolean broken;

    private final ReplicaKey key;
    private final Session.Server server;
    private final MemoryStore store = MemoryStore.durable();

    MemoryBackend(ReplicaKey key, SignedGrant grant, Set<Bytes> authorities) {
        this.key = key;
        this.server = new Session.Server(grant, authorities, Durability.EDGE);
        store.watch(committed -> {
            if (committed.feedGrew()) hub.grew(committed.scope(), head(committed.scope()));
        });
    }

    private FeedHead head(String scope) {
        return store.read(tables -> tables.feedHead(scope));
    }

    @Override
    public Session.Server server() {
        return server;
    }

    @Override
    public boolean serves(String scope) {
        return !scope.equals("elsewhere");
    }

    @Override
    public synchronized Session.Event.Looked looked(Message.Subscribe ask) {
        return store.read(tables ->
                new Intake(tables, key.replica(), Durability.APPLIED).look(ask, Fixture.NOW));
    }

    @Override
    public Session.Event.Kept keep(Session.Action.Keep keep) {
        if (broken) throw new IllegalStateException("broken on purpose");
        if (pauseMillis > 0)
            return new Session.Event.Kept(keep.id(), List.of(), List.of(), pauseMillis);
        flushes.acquireUninterruptibly();
        keeps.incrementAndGet();
        synchronized (this) {
            return store.write(tables ->
                    new Intake(tables, key.replica(), Durability.APPLIED).keep(keep, Fixture.NOW));
        }
    }

    @Override
    public synchronized Session.Event.FeedRead read(Session.Action.ReadFeed read) {
        return store.read(tables -> Intake.read(tables, read));
    }

    @Override
    public Bytes sign(Bytes text) {
        return key.sign(text);
    }

    synchronized long operations(String scope) {
        return store.read(tables ->
                tables.context(scope).replicas().values().stream().mapToLong(i -> i.max()).sum());
    }

    /** Whether it has the operations that {@code span} speaks of. */
    synchronized boolean has(String scope, Span span) {
        return store.read(
                tables -> tables.context(scope, span.replica()).contains(span.from(), span.to()));
    }

    Receipt.Signed word(Receipt receipt) {
        return receipt.signed(key.sign(receipt.signedText()));
    }
}
