package dev.holdfast.device;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.Backlog;
import dev.holdfast.store.Committed;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import dev.holdfast.store.link.Link;
import dev.holdfast.store.link.LinkListener;
import dev.holdfast.store.link.LinkSettings;
import dev.holdfast.store.link.LinkStatus;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An application's data on this device, kept in step with everybody else's in the background. Where
 * everything begins: {@link #open}, then {@link #scope}.
 *
 * <p>One process opens a folder at a time. Thread-safe.
 */
public final class Device implements AutoCloseable {
    private static final int DISCARDED = 1_000;

    private final DeviceSettings settings;
    private final InstantSource clock;
    private final Instant opened;
    private final ReplicaStore store;
    private final Verifier verifier = new Verifier();
    private final CommitBell bell = new CommitBell();
    private final TellingDriver telling = new TellingDriver();
    private final Bundles bundles;
    private final ReplicaStore.Subscription news;
    private final Map<String, Scope> scopes = new ConcurrentHashMap<>();
    private final List<Watched> watched = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super RejectedWrite>> onRejected = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super Acknowledged>> onAcknowledged =
            new CopyOnWriteArrayList<>();
    private final List<Consumer<? super LinkStatus>> onLink = new CopyOnWriteArrayList<>();
    private final Set<Discarded> discarded = ConcurrentHashMap.newKeySet();
    private final @Nullable Link link;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Duration clockAhead = Duration.ZERO;

    private record Watched(String scope, Predicate<Committed> concerns, Runnable touched) {}

    private record Discarded(String scope, Span span) {}

    private Device(DeviceSettings settings, InstantSource clock, Entropy entropy) {
        this.settings = settings;
        this.clock = clock;
        this.opened = clock.instant();
        store =
                ReplicaStore.open(
                        StoreSettings.device(settings.folder(), settings.schema()), entropy);
        bundles = new Bundles(store, settings, verifier);
        try {
            settings.grant().ifPresent(this::adopt);
            news = store.listen(this::committed);
            link = settings.trust().map(trust -> link(trust, entropy)).orElse(null);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        telling.start();
    }

    /**
     * Opens the device's folder, or makes it, and begins to synchronise if the settings say with
     * whom.
     *
     * @throws dev.holdfast.store.StoreException when the folder is in use or damaged
     * @throws DeviceException when the settings do not fit together
     */
    public static Device open(DeviceSettings settings) {
        return open(settings, InstantSource.system(), Entropy.system());
    }

    /** The same with another clock and another source of randomness, for tests. */
    public static Device open(DeviceSettings settings, InstantSource clock, Entropy entropy) {
        requireWhole(settings);
        return new Device(settings, clock, entropy);
    }

    private static void requireWhole(DeviceSettings settings) {
        boolean trusts = settings.trust().isPresent();
        if (!settings.endpoints().isEmpty() && !trusts) {
            throw new DeviceException("Endpoints need the deployment's CA: withCa(…)");
        }
        if (trusts && settings.authorities().isEmpty()) {
            throw new DeviceException(
                    "To believe a node's grant the authority's public key is needed:"
                            + " withAuthorities(…)");
        }
    }

    /**
     * The scope of that name, whether or not anything of it is here yet; it is followed from now.
     */
    public Scope scope(String name) {
        return scopes.computeIfAbsent(
                dev.holdfast.core.operation.Scope.require(name),
                checked -> {
                    if (link != null) link.follow(checked);
                    return new Scope(this, checked);
                });
    }

    // Who this is.

    /** The raw 32 bytes for which a grant is to be issued. */
    public Bytes publicKey() {
        return store.key().publicKey();
    }

    /** Who it writes as; another one after its store was restored from a backup, or copied. */
    public ReplicaId replica() {
        return store.key().replica();
    }

    /** The grant it has; empty before {@link #enrol}. */
    public Optional<SignedGrant> grant() {
        return Optional.ofNullable(store.read(tables -> tables.grant(tables.replica())));
    }

    /**
     * Takes a grant for {@link #publicKey()}, a first one or another, and connects with it.
     *
     * @throws DeviceException when it is for another key, or not by a known authority
     */
    public void enrol(SignedGrant grant) {
        if (!grant.publicKey().equals(publicKey())) {
            throw new DeviceException(
                    "The grant is for another key; this device's is " + publicKey().hex());
        }
        if (!settings.authorities().isEmpty() && !isByAuthority(grant)) {
            throw new DeviceException("The grant is not by an authority that this device knows");
        }
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        Link open = link;
        if (open != null) open.renew();
    }

    /** The grant of the settings, unless a succession has gone on from it. */
    private void adopt(SignedGrant given) {
        SignedGrant held = store.read(tables -> tables.grant(tables.replica()));
        boolean isBase = held != null && held.bytes().equals(given.bytes());
        if (!isBase) enrol(given);
    }

    private boolean isByAuthority(SignedGrant grant) {
        for (Bytes authority : settings.authorities()) {
            boolean holds = true;
            for (SignatureCheck check : grant.checks(authority)) {
                holds &= verifier.verify(check.publicKey(), check.text(), check.signature());
            }
            if (holds) return true;
        }
        return false;
    }

    // The link.

    /** Tries to connect now, since the network may be back. */
    public void wake() {
        Link open = link;
        if (open != null) open.wake();
    }

    /** Uses these endpoints, from a new connection on that is made at once. */
    public void endpoints(List<URI> endpoints) {
        Link open = link;
        if (open == null) {
            throw new DeviceException("This device was opened without the deployment's CA");
        }
        open.endpoints(endpoints);
    }

    /**
     * All that this device answers for, its own writes and what it took in from others' files, to
     * be carried to another device where no network is. The bytes are signed, and may be carried by
     * anybody; they are not encrypted.
     *
     * @throws DeviceException when it has no grant, has just taken a new key, or has more than one
     *     file may hold, 64 MiB
     */
    public Bytes exportBundle() {
        return bundles.export(nowMillis());
    }

    /**
     * Takes in what another device exported, all of it or nothing, and brings it on as its own
     * writes are. The same file twice does nothing. It is kept when this returns.
     *
     * @return how many operations were new here
     * @throws DeviceException when it is no such file or damaged, or its authors had not the right,
     *     or this device has not; nothing of it is kept then
     */
    public long importBundle(Bytes file) {
        return bundles.take(
                file,
                nowMillis(),
                () -> {
                    Link open = link;
                    if (open != null) open.renew();
                });
    }

    public DeviceStatus status() {
        LinkStatus reached =
                link == null
                        ? new LinkStatus.Disconnected(opened, "opened to work offline")
                        : link.status();
        return store.read(tables -> {
            Backlog backlog = tables.backlog();
            SignedGrant grant = tables.grant(tables.replica());
            int rejections = 0;
            for (String scope : tables.scopes()) {
                rejections += tables.rejections(scope).size();
            }
            return new DeviceStatus(
                    tables.replica(),
                    Optional.ofNullable(grant).map(held -> held.grant().subject()),
                    reached,
                    backlog.operations(),
                    backlog.bytes(),
                    backlog.oldestMillis() == 0
                            ? Optional.empty()
                            : Optional.of(Instant.ofEpochMilli(backlog.oldestMillis())),
                    rejections,
                    clockAhead);
        });
    }

    /** Tells {@code listener} of every write that is refused from now on. */
    public Subscription onRejected(Consumer<? super RejectedWrite> listener) {
        onRejected.add(listener);
        return () -> onRejected.remove(listener);
    }

    /**
     * Tells {@code listener} of every acknowledgement of this device's writes, once it is kept
     * here. For logs of one's own; to wait for one write there is {@link Write#reached}.
     */
    public Subscription onAcknowledged(Consumer<? super Acknowledged> listener) {
        onAcknowledged.add(listener);
        return () -> onAcknowledged.remove(listener);
    }

    /** Tells {@code listener} whenever a node is reached, or is no more. */
    public Subscription onLink(Consumer<? super LinkStatus> listener) {
        onLink.add(listener);
        return () -> onLink.remove(listener);
    }

    /** Ends the link and every live query, and lets go of the folder. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        Link open = link;
        if (open != null) open.close();
        telling.close();
        news.close();
        store.close();
        // Those who wait for a write to get further find the store closed; live queries end.
        bell.ring();
        watched.forEach(one -> one.touched().run());
    }

    // For the parts of a device.

    ReplicaStore store() {
        return store;
    }

    DeviceSettings settings() {
        return settings;
    }

    CommitBell bell() {
        return bell;
    }

    /** The time to stamp a write with: this machine's, without what a region said it is ahead. */
    long nowMillis() {
        return clock.millis() - clockAhead.toMillis();
    }

    void discarded(RejectedWrite rejected) {
        if (discarded.size() >= DISCARDED) discarded.clear();
        discarded.add(new Discarded(rejected.scope(), rejected.span()));
    }

    boolean isDiscarded(String scope, ReplicaId replica, long seq) {
        for (Discarded one : discarded) {
            Span span = one.span();
            boolean within = span.from() <= seq && seq <= span.to();
            if (within && one.scope().equals(scope) && span.replica().equals(replica)) return true;
        }
        return false;
    }

    <T> Subscription watch(
            Predicate<Committed> concerns,
            String scope,
            Supplier<T> query,
            Consumer<? super T> listener) {
        Watched[] self = new Watched[1];
        LiveDriver<T> driver =
                new LiveDriver<>(
                        query, listener, () -> watched.remove(Objects.requireNonNull(self[0])));
        self[0] = new Watched(scope, concerns, driver::touched);
        // Before the first look, so that nothing falls between.
        watched.add(self[0]);
        driver.start();
        return driver;
    }

    private void committed(Committed committed) {
        bell.ring();
        for (Watched one : watched) {
            boolean touched = one.scope().equals(committed.scope());
            if (touched && one.concerns().test(committed)) one.touched().run();
        }
    }

    private Link link(PinnedTrust trust, Entropy entropy) {
        LinkSettings how =
                LinkSettings.device(settings.endpoints(), trust, settings.authorities())
                        .withRetainUntil(settings.retainUntil())
                        .withTimes(settings.times())
                        .withNameServers(settings.nameServers());
        return Link.open(store, how, verifier, clock, entropy, new Ear());
    }

    private final class Ear implements LinkListener {
        @Override
        public void changed(LinkStatus status) {
            for (var listener : onLink) telling.tell(() -> listener.accept(status));
        }

        @Override
        public void rejected(Verdict verdict, SignedGrant signer) {
            if (onRejected.isEmpty()) return;
            RejectedWrite told = store.read(tables -> Rejections.told(tables, verdict.rejection()));
            for (var listener : onRejected) telling.tell(() -> listener.accept(told));
        }

        @Override
        public void believed(Receipt.Signed signed, SignedGrant signer) {
            if (onAcknowledged.isEmpty()) return;
            Receipt receipt = signed.receipt();
            ReplicaId self = replica();
            for (Span span : receipt.spans()) {
                if (!span.replica().equals(self)) continue;
                Acknowledged told = new Acknowledged(receipt.scope(), span, receipt.level());
                for (var listener : onAcknowledged) telling.tell(() -> listener.accept(told));
            }
        }

        @Override
        public void clockAhead(Duration by) {
            clockAhead = by;
        }
    }
}
