package dev.holdfast.region.mirror;

import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.sync.Backoff;
import dev.holdfast.core.sync.Message;
import dev.holdfast.region.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a link to one other region: connects, follows every scope that is known, for as
 * long as the session lives; waits, begins again. Log or database away end the session, so that
 * nothing piles up here and nothing is passed over.
 *
 * <p>Scopes come from the database at the start of a session and every few seconds, since other
 * processes of this region find some too, and at once from what this process does itself.
 * Thread-safe.
 */
public final class MirrorDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorDriver.class);

    /** For the peer to connect, and again for its challenge. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    /** A session that lived so long was a good one. */
    private static final Duration STABLE = Duration.ofSeconds(10);

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int TICKS_BETWEEN_LOOKS = 2;
    private static final int TICKS_BETWEEN_PINGS = 15;
    private static final Duration CLOSING = Duration.ofMillis(100);
    private static final int AT_ONCE = 32;
    private static final int OWN_BYTES = 16;
    private static final Following.End ENDED = new Following.End("ended here", Duration.ZERO, true);

    private final URI peer;
    private final MirrorRegion region;
    private final MirrorMeters meters;
    private final Backoff backoff;
    private final Queue<String> fresh = new ConcurrentLinkedQueue<>();
    private final Semaphore bell = new Semaphore(0);

    /** A permit whenever whoever waits between two sessions is to look again. */
    private final Semaphore turned = new Semaphore(0);

    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("mirror").unstarted(this::live);

    private volatile MirrorStatus status;
    private volatile @Nullable PeerSocket socket;

    /** Since when a person wants it paused; null where nobody does. */
    private volatile @Nullable Instant pausedAt;

    private MirrorDriver(URI peer, MirrorRegion region) {
        this.peer = peer;
        this.region = region;
        this.meters = new MirrorMeters(region.meters(), Peers.name(peer));
        this.backoff =
                new Backoff(
                        FIRST_WAIT.toMillis(), LONGEST_WAIT.toMillis(), region.entropy()::fraction);
        this.status = new MirrorStatus.Disconnected(region.clock().instant(), "not tried yet");
    }

    /** One that is not started yet. */
    static MirrorDriver of(URI peer, MirrorRegion region) {
        MirrorDriver driver = new MirrorDriver(peer, region);
        region.scopes().onNew(driver::found);
        return driver;
    }

    /** Once. */
    void start() {
        thread.start();
    }

    /** What the peer goes by. */
    public String name() {
        return Peers.name(peer);
    }

    public URI peer() {
        return peer;
    }

    public MirrorStatus status() {
        return status;
    }

    /** How far this region is behind the peer, in time; empty while nobody can say. */
    public Optional<Duration> lag() {
        return meters.lag()
                .filter(Lag.Known.class::isInstance)
                .map(known -> ((Lag.Known) known).oldest().orElse(Duration.ZERO));
    }

    MirrorMeters meters() {
        return meters;
    }

    /** Has the link rest, after the page that is under way; again, it changes nothing. */
    void pause(Instant since) {
        if (pausedAt != null) return;
        pausedAt = since;
        turn();
        // It may be waiting for the peer.
        PeerSocket open = socket;
        if (open != null) open.close();
    }

    /** Ends a pause: it begins at once. */
    void resume() {
        if (pausedAt == null) return;
        pausedAt = null;
        turn();
    }

    /** How it stands, for people. */
    public String words() {
        return switch (status) {
            case MirrorStatus.Connected up ->
                    "up since "
                            + up.since()
                            + ", "
                            + meters.scopes()
                            + " scopes, "
                            + meters.lastPage()
                                    .map(at -> "last page at " + at)
                                    .orElse("no page yet");
            case MirrorStatus.Disconnected down ->
                    "down since " + down.since() + ": " + down.reason();
            case MirrorStatus.Refused refused ->
                    "refused since " + refused.since() + ": " + refused.reason();
            case MirrorStatus.Paused paused -> "paused since " + paused.since();
        };
    }

    /**
     * Does not interrupt the thread, which may be writing to log or database: what it waits for is
     * brought to an end instead.
     */
    @Override
    public void close() {
        closing.countDown();
        turn();
        boolean interrupted = false;
        while (thread.isAlive()) {
            PeerSocket open = socket;
            if (open != null) open.close();
            try {
                thread.join(CLOSING);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    private void live() {
        try {
            while (closing.getCount() > 0) {
                Instant since = pausedAt;
                meters.paused(since != null);
                Duration wait = since == null ? liveOnce() : paused(since);
                if (turned.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS))
                    turned.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that but to end it
        } finally {
            disconnected(new Following.End("closed", Duration.ZERO, true));
        }
    }

    private Duration paused(Instant since) {
        if (!(status instanceof MirrorStatus.Paused)) LOG.info("{} is not followed: paused", peer);
        status = new MirrorStatus.Paused(since);
        backoff.succeeded(); // whoever resumes it need not wait
        return LONGEST_WAIT;
    }

    /** A session, if there can be one; answers how long to wait until the next. */
    private Duration liveOnce() throws InterruptedException {
        long began = System.nanoTime();
        Following.End end;
        try {
            look();
            end = session();
        } catch (IOException | StoreException e) {
            end = new Following.End(String.valueOf(e.getMessage()), Duration.ZERO, true);
        } catch (RuntimeException e) {
            // A fault of this program must not end the link for good, nor pass unseen.
            LOG.error("the link to {} failed", peer, e);
            end = new Following.End("a fault: " + e, Duration.ZERO, true);
        }
        meters.disconnected();
        boolean lived = status instanceof MirrorStatus.Connected;
        if (lived && System.nanoTime() - began >= STABLE.toNanos()) backoff.succeeded();
        if (pausedAt != null) return Duration.ZERO;
        disconnected(end);
        Duration wait = Duration.ofMillis(backoff.failed());
        // What only people can change is asked for seldom.
        if (!end.retry()) return LONGEST_WAIT;
        return wait.compareTo(end.atLeast()) > 0 ? wait : end.atLeast();
    }

    private Following.End session() throws IOException, InterruptedException {
        try (PeerSocket line = region.sockets().socket(this::ring)) {
            socket = line;
            if (isToEnd()) return ENDED;
            Message.Challenge challenge =
                    line.connect(region.sockets().to(peer, PATIENCE), PATIENCE);
            Following following =
                    new Following(
                            region,
                            region.entropy().bytes(OWN_BYTES),
                            challenge,
                            line::send,
                            new Ear());
            return converse(line, following);
        } finally {
            socket = null;
        }
    }

    private Following.End converse(PeerSocket line, Following following)
            throws IOException, InterruptedException {
        fresh.clear(); // all that was found by now is in the other
        Queue<String> toJoin = new ArrayDeque<>(region.scopes().all());
        long nextTick = System.nanoTime() + TICK.toNanos();
        long ticks = 0;
        while (!isToEnd()) {
            bell.drainPermits();
            for (int i = 0; i < AT_ONCE && !toJoin.isEmpty(); i++) following.join(toJoin.remove());
            for (String scope = fresh.poll(); scope != null; scope = fresh.poll())
                toJoin.add(scope);
            boolean more = !toJoin.isEmpty();
            for (int i = 0; i < AT_ONCE; i++) {
                Message message = line.poll();
                if (message == null) break;
                following.received(message);
                // One page at a time: what the next one asks depends on what is kept.
                following.run();
                more |= i == AT_ONCE - 1;
            }
            if (System.nanoTime() - nextTick >= 0) {
                ticks++;
                if (ticks % TICKS_BETWEEN_PINGS == 0) line.ping();
                if (ticks % TICKS_BETWEEN_LOOKS == 0) look();
                following.tick();
                nextTick = System.nanoTime() + TICK.toNanos();
            }
            following.run();
            meters.follows(following.scopes());
            Following.End end = following.end();
            if (end != null) return end;
            if (!more) bell.tryAcquire(nextTick - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
        return ENDED;
    }

    private boolean isToEnd() {
        return closing.getCount() == 0 || pausedAt != null;
    }

    private void look() {
        region.mirror().scopes().forEach(region.scopes()::add);
    }

    private void found(String scope) {
        fresh.add(scope);
        ring();
    }

    private void ring() {
        bell.release();
    }

    /** Has the thread look at once what it is to do. */
    private void turn() {
        turned.release();
        ring();
    }

    private void disconnected(Following.End end) {
        MirrorStatus before = status;
        boolean same =
                end.retry()
                        ? before instanceof MirrorStatus.Disconnected
                        : before instanceof MirrorStatus.Refused;
        Instant since = same ? before.since() : region.clock().instant();
        status =
                end.retry()
                        ? new MirrorStatus.Disconnected(since, end.reason())
                        : new MirrorStatus.Refused(since, end.reason());
        if (before instanceof MirrorStatus.Connected)
            LOG.info("no longer following {}: {}", peer, end.reason());
        else if (!before.equals(status)) LOG.debug("{} cannot be followed: {}", peer, end.reason());
    }

    private final class Ear implements Following.Listener {
        @Override
        public void welcomed(ReplicaId node) {
            status = new MirrorStatus.Connected(region.clock().instant(), node);
            meters.connected();
            LOG.info("following {}, which is {}", peer, node);
        }

        @Override
        public void took(int batches, int before) {
            meters.took(batches, before, region.clock().instant());
        }
    }
}
