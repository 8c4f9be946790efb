package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.keys.wire.Frames;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.http.WebSocketHandler;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * The protocol over HTTP: {@code GET /v1/sync} as a WebSocket with a {@link
 * dev.holdfast.keys.wire.Frames frame} per message, and {@code POST /v1/sync} for networks that
 * break or block it. An empty post is answered with a challenge; one that begins with a hello over
 * a challenge of the last five minutes is a whole session in one round. Thread-safe.
 */
public final class SyncEndpoint {
    public static final String PATH = "/v1/sync";

    private static final int NONCE_BYTES = 32;
    private static final int CLIENTS_TOLD = 200;

    /** Says what was said in the welcome once more, and asks for nothing. */
    private static final Bytes HEARTBEAT = Frames.frame(MessageCodec.encode(Message.Pace.OPEN));

    private final SyncNode node;
    private final Nonces nonces;
    private final Entropy entropy;

    /**
     * @param revocations under which nobody comes in, or stays
     * @param threads runs each task on a virtual thread of its own
     */
    public SyncEndpoint(
            Backend backend,
            Hub hub,
            SyncSettings settings,
            Verifier verifier,
            Revocations revocations,
            MeterRegistry meters,
            InstantSource clock,
            Entropy entropy,
            Executor threads) {
        this.node =
                new SyncNode(
                        backend,
                        hub,
                        settings,
                        new SignatureMemory(verifier, backend.server().authorities()),
                        revocations,
                        new Clients(settings.sessionsPerClient()),
                        new SyncMeters(meters),
                        new Semaphore(SyncNode.PUSH_KIB),
                        clock,
                        threads);
        meters.gauge(
                "holdfast.sync.push.bytes",
                node.pushKib(),
                room -> 1024.0 * (SyncNode.PUSH_KIB - room.availablePermits()));
        this.nonces = new Nonces(entropy);
        this.entropy = entropy;
        revocations.onChange(() -> {
            node.clients().dismissRevoked(revocations.list());
            hub.revoked();
        });
    }

    public void register(Router router) {
        router.socket(PATH, this::upgrade);
        router.route("POST", PATH, Limits.MESSAGE_BYTES, this::round);
    }

    /** Ends every session, whose clients come again at once. */
    public void dismissAll(String reason) {
        node.clients().dismissAll(reason);
    }

    /** Who is here, and what was done since the start, for those who run the node. */
    public Map<String, Object> told() {
        return Map.of(
                "clients", node.clients().told(CLIENTS_TOLD), "counters", node.meters().told());
    }

    private WebSocketHandler.Upgrade upgrade(Request request) {
        // Browsers say where a page is from, and nobody else does.
        boolean isPage = request.header("Origin").isPresent();
        return new WebSocketHandler.Upgrade.Accept(socket -> {
            if (isPage) socket.heartbeat(HEARTBEAT);
            SessionDriver.converse(node, entropy.bytes(NONCE_BYTES), request.peer(), socket);
        });
    }

    private Response round(Request request) throws InterruptedException {
        if (!request.contentType().equals(Response.Body.Whole.CBOR)) {
            throw new ProblemException(
                    Problem.of(
                            415,
                            "not-cbor",
                            "Messages are CBOR",
                            "Send Content-Type: " + Response.Body.Whole.CBOR + "."));
        }
        long now = node.clock().millis();
        Bytes fresh = nonces.make(now);
        if (request.body().size() == 0) {
            Message challenge =
                    new Message.Challenge(
                            Message.VERSION, node.backend().server().grant().replica(), fresh);
            return Response.cbor(200, MessageCodec.encode(challenge));
        }
        node.meters().posted(request.body().size());
        Optional<MessageCodec.Greeting> greeting = MessageCodec.greeting(request.body());
        // With a nonce that is not ours, or old, the machine finds that it is not the session's.
        Bytes nonce =
                greeting.map(begun -> begun.hello().nonce())
                        .filter(shown -> nonces.isFresh(shown, now))
                        .orElse(fresh);
        return Response.cbor(200, SessionDriver.round(node, nonce, request.peer(), greeting));
    }
}
