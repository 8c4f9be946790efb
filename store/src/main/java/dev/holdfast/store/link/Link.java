package dev.holdfast.store.link;

import dev.holdfast.core.operation.Scope;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.ReplicaStore;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import okhttp3.Dns;

/**
 * Keeps a replica store in step with the node above it, in the background, for as long as it is
 * open: a device's with an edge or a region, an edge's with a region. It pushes what the store
 * answers for, takes in changes, receipts and refusals, and comes again after whatever goes wrong.
 * Nothing in it ever holds up the store's own writers.
 *
 * <p>It speaks under the grant that the store holds for its own key, follows every scope of the
 * store that the grant names (256 at most) and those it is asked to, and takes part in succession:
 * where it is shown that the store was copied, the store takes a new key and the link begins again.
 *
 * <p>Thread-safe.
 */
public final class Link implements AutoCloseable {
    private final Signals signals = new Signals();
    private final Set<String> asked = new LinkedHashSet<>();
    private final LinkDriver driver;
    private final ReplicaStore.Subscription news;

    private Link(
            ReplicaStore store,
            LinkSettings settings,
            Verifier verifier,
            Dns resolver,
            InstantSource clock,
            Entropy entropy,
            LinkListener listener) {
        driver =
                new LinkDriver(
                        store, settings, verifier, resolver, clock, entropy, listener, signals);
        news =
                store.listen(committed -> {
                    if (committed.outboxGrew() || committed.unsealedGrew()) {
                        signals.grew(committed.scope());
                    }
                });
    }

    /**
     * Opens a link, which begins to connect at once.
     *
     * @param store stays the caller's to close, after the link
     * @param entropy for nonces and for the jitter of waits
     */
    public static Link open(
            ReplicaStore store,
            LinkSettings settings,
            Verifier verifier,
            InstantSource clock,
            Entropy entropy,
            LinkListener listener) {
        return open(store, settings, verifier, Dns.SYSTEM, clock, entropy, listener);
    }

    static Link open(
            ReplicaStore store,
            LinkSettings settings,
            Verifier verifier,
            Dns resolver,
            InstantSource clock,
            Entropy entropy,
            LinkListener listener) {
        Link link = new Link(store, settings, verifier, resolver, clock, entropy, listener);
        link.driver.start();
        return link;
    }

    public LinkStatus status() {
        return driver.status();
    }

    /**
     * How far this machine's clock was ahead of a region's when that was last told; zero where it
     * is within the allowed drift, or not known.
     */
    public Duration clockAhead() {
        return driver.clockAhead();
    }

    /** Follows the scope from now on, if the grant names it, though the store has none of it. */
    public void follow(String scope) {
        Scope.require(scope);
        synchronized (asked) {
            if (asked.add(scope)) driver.asked(asked);
        }
    }

    /**
     * Sends what the outbox has at these feed numbers, though it may have passed them in this
     * session: it came back into the outbox.
     */
    public void again(String scope, List<Long> numbers) {
        signals.again(scope, numbers);
    }

    /** Uses these endpoints, from a new connection on that is made at once. */
    public void endpoints(List<URI> endpoints) {
        endpoints.forEach(LinkSettings::requireEndpoint);
        driver.endpoints(endpoints);
    }

    /** Begins a new session at once, under the grant that the store holds now. */
    public void renew() {
        signals.renew();
    }

    /** Tries again now: the network may be back. A session that lives goes on. */
    public void wake() {
        signals.wake();
    }

    /** Returns when the link's thread has ended; what was under way comes again another time. */
    @Override
    public void close() {
        news.close();
        driver.close();
    }
}
