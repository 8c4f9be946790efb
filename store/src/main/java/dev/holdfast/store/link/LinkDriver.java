package dev.holdfast.store.link;

import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Backoff;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Rounds;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import dev.holdfast.store.StoreTables;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a {@link Link}: finds a server, holds a session with it for as long as that lives,
 * waits, begins again.
 *
 * <p>A socket is preferred. Rounds of posts are used where none can be had, after several sockets
 * in a row that died young, and while a store that was copied must learn where the feed of the node
 * above ends: only a round tells that nothing is left.
 */
final class LinkDriver implements AutoCloseable {
    private static final Duration CLOSING = Duration.ofMillis(100);
    private static final Duration TICK = Duration.ofSeconds(1);

    /** A session that lived so long was a good one. */
    private static final Duration STABLE = Duration.ofSeconds(10);

    private static final int YOUNG_DEATHS = 3;
    private static final int OWN_BYTES = 16;

    private static final int TAKEN_AT_ONCE = 32;

    private final ReplicaStore store;
    private final LinkSettings settings;
    private final InstantSource clock;
    private final Entropy entropy;
    private final LinkListener listener;
    private final Signals signals;
    private final Signatures signatures;
    private final Dialer dialer;
    private final ExecutorService threads;
    private final Thread thread;
    private final Backoff backoff;
    private final Patience patience = new Patience();

    private volatile List<URI> endpoints;
    private volatile LinkStatus status;
    private volatile Duration clockAhead = Duration.ZERO;
    private volatile Set<String> asked = Set.of();
    private int youngDeaths;
    private long socketsFromNanos;

    LinkDriver(
            ReplicaStore store,
            LinkSettings settings,
            Verifier verifier,
            Dns resolver,
            InstantSource clock,
            Entropy entropy,
            LinkListener listener,
            Signals signals) {
        this.store = store;
        this.settings = settings;
        this.clock = clock;
        this.entropy = entropy;
        this.listener = listener;
        this.signals = signals;
        this.signatures = new Signatures(verifier, settings.authorities());
        this.endpoints = settings.endpoints();
        this.status = new LinkStatus.Disconnected(clock.instant(), "not connected yet");
        this.socketsFromNanos = System.nanoTime();
        LinkTimes times = settings.times();
        this.backoff =
                new Backoff(
                        times.firstWait().toMillis(),
                        times.longestWait().toMillis(),
                        entropy::fraction);
        threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("holdfast-link-", 0).factory());
        dialer =
                new Dialer(
                        settings,
                        new KnownAddresses(
                                store, source(settings, resolver, entropy, threads), threads),
                        threads,
                        signals::ring);
        thread = Thread.ofVirtual().name("holdfast-link").unstarted(this::live);
    }

    private static Dns source(
            LinkSettings settings, Dns resolver, Entropy entropy, ExecutorService threads) {
        if (settings.nameServers().isEmpty()) return resolver;
        Dns own = new NameServers(settings.nameServers(), entropy);
        return new FirstAnswer(List.of(own, resolver), threads);
    }

    void start() {
        thread.start();
    }

    LinkStatus status() {
        return status;
    }

    Duration clockAhead() {
        return clockAhead;
    }

    void endpoints(List<URI> others) {
        endpoints = List.copyOf(others);
        signals.renew();
    }

    /** Scopes to follow though the store holds nothing of them yet. */
    void asked(Set<String> scopes) {
        asked = Set.copyOf(scopes);
        scopes.forEach(signals::grew);
    }

    /**
     * Does not interrupt the link's own thread, which may be writing a file: what it waits for is
     * brought to an end instead.
     */
    @Override
    public void close() {
        signals.close();
        threads.shutdownNow();
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            dialer.close();
            try {
                thread.join(CLOSING);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private void live() {
        while (!signals.closing()) {
            try {
                liveOnce();
            } catch (InterruptedException e) {
                return; // nobody does that but to end it
            } catch (StoreException e) {
                // A full disk may have room again later; a closed store never comes back.
                if (e.kind() == StoreException.Kind.CLOSED) return;
                failed(Dialer.words(e));
            } catch (RuntimeException e) {
                if (signals.closing()) return;
                // A fault of this program must not end the link for good, nor pass unseen.
                failed("a fault: " + e);
                Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
                if (handler != null) handler.uncaughtException(thread, e);
            }
        }
    }

    private void failed(String reason) {
        disconnected(reason);
        try {
            signals.pause(Duration.ofMillis(backoff.failed()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void liveOnce() throws InterruptedException {
        signals.takeRenewed(); // whatever it was for is seen from here on
        Granted grants = store.read(tables -> tables.granted(tables.replica()));
        if (grants == null) {
            disconnected("no grant for this key yet");
            signals.pause();
            return;
        }
        List<URI> known = endpoints;
        if (known.isEmpty()) {
            disconnected("no endpoint is known yet");
            signals.pause();
            return;
        }
        boolean rounds = isAnyHeld() || System.nanoTime() - socketsFromNanos < 0;
        switch (dialer.race(known, rounds)) {
            case Dialer.Outcome.Unreachable unreachable -> {
                disconnected(unreachable.reason());
                signals.pause(Duration.ofMillis(backoff.failed()));
            }
            case Dialer.Outcome.Reached reached -> {
                try (Line line = reached.line()) {
                    session(line, grants);
                }
            }
        }
    }

    private void session(Line line, Granted grants) throws InterruptedException {
        long began = System.nanoTime();
        String reason;
        boolean retry = true;
        try {
            Exchange.End end =
                    switch (line) {
                        case SocketLine socket -> converse(socket, grants);
                        case RoundLine rounds -> poll(rounds, grants);
                    };
            if (end == null) return; // closing, or another way is to be tried
            switch (end) {
                case Exchange.End.Renewed renewed -> {
                    disconnected("this store was copied and takes a new key");
                    return;
                }
                case Exchange.End.Closed closed -> {
                    reason = closed.reason();
                    retry = closed.retry();
                }
            }
        } catch (IOException e) {
            reason = line.endpoint() + ": " + Dialer.words(e);
        }
        Duration lived = Duration.ofNanos(System.nanoTime() - began);
        boolean good = lived.compareTo(STABLE) >= 0;
        if (good) backoff.succeeded();
        if (line instanceof SocketLine) {
            youngDeaths = good || !retry ? 0 : youngDeaths + 1;
            if (youngDeaths >= YOUNG_DEATHS) useRounds();
        }
        disconnected(reason);
        long wait = backoff.failed();
        // What only people can change is asked for seldom.
        signals.pause(retry ? Duration.ofMillis(wait) : settings.times().longestWait());
    }

    /** Until sockets are given another chance. */
    private void useRounds() {
        youngDeaths = 0;
        socketsFromNanos = System.nanoTime() + settings.times().socketProbe().toNanos();
    }

    /** A live session; null when this link is closed or to begin anew. */
    private Exchange.@Nullable End converse(SocketLine line, Granted grants)
            throws IOException, InterruptedException {
        Exchange exchange = exchange(line, true, grants, line::send);
        exchange.begin(entropy.bytes(OWN_BYTES), line.challenge(), scopes(grants.newest().grant()));
        long nextTick = System.nanoTime() + TICK.toNanos();
        Hearing hearing = new Hearing(dialer.heardBytes(), System.nanoTime());
        while (exchange.end() == null) {
            if (signals.closing() || signals.takeRenewed()) return null;
            grew(exchange, grants.newest().grant());
            boolean more = true;
            for (int taken = 0; taken < TAKEN_AT_ONCE && more; taken++) {
                Message message = line.poll();
                more = message != null;
                if (message != null) exchange.received(message);
            }
            if (System.nanoTime() - nextTick >= 0) {
                listen(hearing, exchange);
                exchange.tick();
                nextTick = System.nanoTime() + TICK.toNanos();
            }
            exchange.run();
            if (!more && exchange.end() == null) {
                signals.await(Duration.ofNanos(Math.max(0, nextTick - System.nanoTime())));
            }
        }
        return exchange.end();
    }

    /**
     * Looks whether the server lives.
     *
     * @throws IOException when not a byte has come for too long
     */
    private void listen(Hearing hearing, Exchange exchange) throws IOException {
        long now = System.nanoTime();
        if (hearing.says(dialer.heardBytes(), now)) exchange.heard();
        Duration silence = hearing.silence(now);
        if (silence.compareTo(settings.times().silence()) > 0)
            throw new IOException("nothing came for " + silence.toSeconds() + " s");
    }

    /** Rounds of posts; null when this link is closed, or to begin anew. */
    private Exchange.@Nullable End poll(RoundLine line, Granted grants)
            throws IOException, InterruptedException {
        LinkTimes times = settings.times();
        Rounds rounds = new Rounds();
        Exchange exchange = exchange(line, false, grants, rounds::add);
        exchange.begin(entropy.bytes(OWN_BYTES), line.challenge(), scopes(grants.newest().grant()));
        boolean held = isAnyHeld();
        long until = System.nanoTime() + times.socketProbe().toNanos();
        Duration wait = times.busyPoll();
        while (exchange.end() == null) {
            if (signals.closing() || signals.takeRenewed()) return null;
            if (held && !isAnyHeld() || System.nanoTime() - until >= 0) return null;
            grew(exchange, grants.newest().grant());
            exchange.tick();
            exchange.run();
            List<Message> round = rounds.next(exchange.greeting());
            List<Message> answers = rounds.answers(line.round(round), exchange.isOpen());
            for (Message message : answers) exchange.received(message);
            exchange.run();
            if (exchange.end() != null) break;
            for (String scope : rounds.exhausted()) store.caughtUp(scope);
            if (rounds.isMore()) continue;
            wait = rounds.wasBusy() ? times.busyPoll() : longer(wait, times.idlePoll());
            signals.await(wait);
        }
        return exchange.end();
    }

    private static Duration longer(Duration wait, Duration most) {
        Duration twice = wait.multipliedBy(2);
        return twice.compareTo(most) > 0 ? most : twice;
    }

    private void grew(Exchange exchange, Grant grant) {
        for (String scope : signals.takeGrown()) {
            boolean room = exchange.followed().size() < Limits.SCOPES_PER_SESSION;
            boolean follows = exchange.followed().contains(scope);
            if (follows || room && grant.names(scope)) exchange.grew(scope);
        }
        signals.takeAgain().forEach(exchange::again);
    }

    /** What the store holds and what was asked for, as far as the grant names it. */
    private Set<String> scopes(Grant grant) {
        signals.takeGrown(); // all that is asked for by now is in one of the two
        signals.takeAgain(); // a new session sends all that the outbox has
        Set<String> scopes = new LinkedHashSet<>(asked);
        scopes.addAll(store.read(StoreTables::scopes));
        scopes.removeIf(scope -> !grant.names(scope));
        List<String> some = new ArrayList<>(scopes);
        return new LinkedHashSet<>(
                some.subList(0, Math.min(some.size(), Limits.SCOPES_PER_SESSION)));
    }

    private boolean isAnyHeld() {
        Collection<String> scopes = store.read(StoreTables::scopes);
        return new HashSet<>(scopes).stream().anyMatch(store::isHeld);
    }

    private Exchange exchange(Line line, boolean socket, Granted grants, Exchange.Sender sender) {
        return new Exchange(
                store,
                grants,
                settings,
                signatures,
                clock,
                patience,
                sender,
                new Ear(line, socket));
    }

    private void disconnected(String reason) {
        LinkStatus before = status;
        Instant since =
                before instanceof LinkStatus.Disconnected ? before.since() : clock.instant();
        status = new LinkStatus.Disconnected(since, reason);
        if (!status.equals(before)) listener.changed(status);
    }

    private final class Ear implements Exchange.Learned {
        private final Line line;
        private final boolean socket;

        Ear(Line line, boolean socket) {
            this.line = line;
            this.socket = socket;
        }

        @Override
        public void welcomed(ReplicaId server, Durability level) {
            status =
                    new LinkStatus.Connected(
                            clock.instant(), line.endpoint(), server, level, socket);
            listener.changed(status);
        }

        @Override
        public void regionTime(long regionMillis) {
            long ahead = clock.millis() - regionMillis;
            clockAhead = ahead > Limits.DRIFT_MILLIS ? Duration.ofMillis(ahead) : Duration.ZERO;
            listener.clockAhead(clockAhead);
        }

        @Override
        public void rejected(Verdict verdict, SignedGrant signer) {
            listener.rejected(verdict, signer);
        }

        @Override
        public void believed(Receipt.Signed receipt, SignedGrant signer) {
            listener.believed(receipt, signer);
        }
    }
}
