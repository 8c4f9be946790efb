package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Uplink;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session of core's {@link Uplink} with a {@link Mirror}: what happened goes in, and {@link
 * #run} does all that the machine wants done about it, in the order it was asked for. It pulls and
 * pushes nothing.
 *
 * <p>Knows no transport. Not thread-safe: its driver's thread owns it. What it asks of log and
 * database may throw a {@link dev.holdfast.region.store.StoreException}, after which the session is
 * to be left: nothing of it counts but what was kept.
 */
final class Following {
    /**
     * Why it is over.
     *
     * @param atLeast to wait before the next session; zero where nothing speaks against trying
     * @param retry whether it may go better next time without anybody's doing
     */
    record End(String reason, Duration atLeast, boolean retry) {}

    /** The way out. */
    @FunctionalInterface
    interface Sender {
        void send(Message message) throws IOException, InterruptedException;
    }

    /** What the driver wants to hear of. */
    interface Listener {
        void welcomed(ReplicaId peer);

        /** A page is kept: so many batches, of which so many were applied here before. */
        void took(int batches, int before);
    }

    private final MirrorRegion region;
    private final ReplicaId peer;
    private final Sender sender;
    private final Listener listener;
    private final Uplink machine;
    private final Set<String> followed = new HashSet<>();
    private final ArrayDeque<Uplink.Action> todo = new ArrayDeque<>();
    private @Nullable End end;

    /**
     * Answers the peer's challenge.
     *
     * @param own 16 random bytes
     */
    Following(
            MirrorRegion region,
            Bytes own,
            Message.Challenge challenge,
            Sender sender,
            Listener listener) {
        this.region = region;
        this.peer = challenge.node();
        this.sender = sender;
        this.listener = listener;
        this.machine = new Uplink(region.client(), new Patience());
        if (peer.equals(region.client().grant().replica())) {
            over("the peer is this region itself", false);
            return;
        }
        step(new Uplink.Event.Connected(own, List.of()));
        step(new Uplink.Event.Received(challenge));
    }

    /** Null while it goes on. */
    @Nullable End end() {
        return end;
    }

    /** How many scopes it follows. */
    int scopes() {
        return followed.size();
    }

    /** Follows one more scope, unless it does already. */
    void join(String scope) {
        if (region.client().grant().grant().mayRead(scope) && followed.add(scope))
            step(new Uplink.Event.Joined(region.mirror().state(scope, peer)));
    }

    void received(Message message) {
        step(new Uplink.Event.Received(message));
    }

    void tick() {
        step(new Uplink.Event.Tick());
    }

    /** Does what the machine wants done. */
    void run() throws IOException, InterruptedException {
        while (end == null && !todo.isEmpty()) perform(todo.removeFirst());
    }

    private void step(Uplink.Event event) {
        todo.addAll(machine.step(event, region.clock().millis()));
    }

    private void perform(Uplink.Action action) throws IOException, InterruptedException {
        switch (action) {
            case Uplink.Action.Send send -> sender.send(send.message());
            case Uplink.Action.Sign sign ->
                    step(new Uplink.Event.Signed(sign.id(), region.signer().apply(sign.text())));
            case Uplink.Action.Verify verify ->
                    step(
                            new Uplink.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(this::holds).toList()));
            case Uplink.Action.Welcomed welcomed -> {
                // Only a region's word makes an operation GLOBAL.
                if (welcomed.server().grant().role() == Grant.Role.REGION) listener.welcomed(peer);
                else over("the peer is no region", false);
            }
            case Uplink.Action.Differences asked ->
                    step(
                            new Uplink.Event.Different(
                                    asked.scope(), region.mirror().differences(asked)));
            case Uplink.Action.Store store -> store(store);
            case Uplink.Action.Believe believe -> believe(believe.receipt().receipt());
            // Nothing is pushed: it comes to get what is here by itself.
            case Uplink.Action.Fetch fetch ->
                    step(
                            new Uplink.Event.Fetched(
                                    fetch.scope(), fetch.lane(), List.of(), Map.of(), List.of()));
            // So nothing is refused either.
            case Uplink.Action.Refused refused -> {}
            case Uplink.Action.Wonder wonder -> {}
            // A region goes by its own clock.
            case Uplink.Action.Time time -> {}
            case Uplink.Action.Close close -> over(close.reason(), close.retry());
        }
    }

    private void store(Uplink.Action.Store store) {
        switch (region.mirror().store(store)) {
            case Mirror.Taken.Kept kept -> {
                listener.took(store.batches().size(), kept.same().size());
                long number = store.cursor().head().number();
                step(new Uplink.Event.Stored(store.scope(), number, kept.same()));
            }
            case Mirror.Taken.Later later ->
                    end = new End("the log takes nothing now", later.pause(), true);
        }
    }

    private void believe(Receipt receipt) {
        List<Span> global = region.mirror().believe(receipt);
        if (!global.isEmpty()) region.global().accept(receipt.scope(), global);
        step(new Uplink.Event.Believed(receipt.node(), receipt.scope(), List.of()));
    }

    private boolean holds(SignatureCheck check) {
        return region.verifier().verify(check.publicKey(), check.text(), check.signature());
    }

    private void over(String reason, boolean retry) {
        end = new End(reason, Duration.ZERO, retry);
    }
}
