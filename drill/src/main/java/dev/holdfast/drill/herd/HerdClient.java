package dev.holdfast.drill.herd;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Backoff;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.wire.Frames;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One device of a herd, small enough that thousands fit into a process: what it pushes was signed
 * and framed before it came. It is as persistent as a real one: what was not acknowledged is pushed
 * again, after a pause where the node asks for one; a lost session is opened again after a wait
 * that doubles, with full jitter. Thread-safe.
 */
final class HerdClient {
    private static final long FIRST_WAIT_MILLIS = 200;
    private static final long LONGEST_WAIT_MILLIS = 30_000;

    /** Hears what a device is told. */
    interface Listener {
        void reached(Durability level, Span span);

        void opened();

        /** An open session is lost, or one was tried in vain. */
        void lost(boolean wasOpen);

        /** What a node that keeps to the protocol does not do to a device that does. */
        void wronged(String how);
    }

    private final Vertx vertx;
    private final WebSocketClient sockets;
    private final URI endpoint;
    private final String scope;
    private final ReplicaKey key;
    private final SignedGrant grant;
    private final Random random;
    private final Listener listener;
    private final Backoff backoff;
    private final long last;

    /** What the node has not taken, by the last operation of each batch. */
    private final SortedMap<Long, Buffer> waiting = new TreeMap<>();

    private @Nullable ClientWebSocket socket;
    private boolean open;

    HerdClient(
            Vertx vertx,
            WebSocketClient sockets,
            URI endpoint,
            ReplicaKey key,
            SignedGrant grant,
            List<Batch> batches,
            Random random,
            Listener listener) {
        this.vertx = vertx;
        this.sockets = sockets;
        this.endpoint = endpoint;
        this.scope = batches.getFirst().scope();
        this.key = key;
        this.grant = grant;
        this.random = random;
        this.listener = listener;
        this.backoff = new Backoff(FIRST_WAIT_MILLIS, LONGEST_WAIT_MILLIS, random::nextDouble);
        this.last = batches.getLast().last();
        long bytes = 0;
        for (Batch batch : batches) {
            Message push = new Message.Push(scope, List.of(), List.of(batch), List.of());
            Buffer frame = frame(push);
            bytes += frame.length();
            waiting.put(batch.last(), frame);
        }
        if (bytes > Message.Pace.OPEN.windowBytes())
            throw new IllegalArgumentException(
                    "a backlog of " + bytes + " bytes is more than may be on its way at a time");
    }

    /** Connects, and stays. */
    synchronized void come() {
        ClientWebSocket fresh = sockets.webSocket();
        socket = fresh;
        fresh.binaryMessageHandler(frame -> heard(fresh, Bytes.wrap(frame.getBytes())));
        fresh.closeHandler(_ -> lost(fresh));
        fresh.exceptionHandler(_ -> {}); // it is closed after that
        WebSocketConnectOptions options = new WebSocketConnectOptions();
        options.setHost(endpoint.getHost())
                .setPort(endpoint.getPort())
                .setURI("/v1/sync")
                .setSsl(true);
        fresh.connect(options).onFailure(_ -> lost(fresh));
    }

    private synchronized void lost(ClientWebSocket which) {
        if (!which.equals(socket)) return;
        listener.lost(open);
        socket = null;
        open = false;
        vertx.setTimer(1 + backoff.failed(), _ -> come());
    }

    private synchronized void heard(ClientWebSocket from, Bytes frame) {
        if (!from.equals(socket)) return;
        Message message;
        try {
            message = MessageCodec.decode(Frames.message(frame));
        } catch (MalformedException e) {
            listener.wronged("the node sent what is no message: " + e.getMessage());
            return;
        }
        switch (message) {
            case Message.Challenge challenge -> greet(from, challenge);
            case Message.Opened _ -> {
                backoff.succeeded();
                open = true;
                listener.opened();
                push(from);
            }
            case Message.Ack ack -> reached(ack.receipt().receipt());
            case Message.Watermark watermark -> reached(watermark.receipt().receipt());
            case Message.Changes changes ->
                    send(from, new Message.Took(scope, changes.cursor().head().number()));
            case Message.Pace pace -> {
                if (pace.pauseMillis() == 0) return;
                long jitter = random.nextLong(pace.pauseMillis() + 1);
                vertx.setTimer(pace.pauseMillis() + jitter, _ -> push(from));
            }
            case Message.Reject reject ->
                    listener.wronged("refused: " + reject.rejection().reason());
            case Message.Bye bye -> {
                if (bye.code() != Message.Bye.Code.CLOSING && bye.code() != Message.Bye.Code.FAILED)
                    listener.wronged("sent away: " + bye.code() + " " + bye.reason());
                from.close();
            }
            default -> {}
        }
    }

    private void greet(ClientWebSocket to, Message.Challenge challenge) {
        Bytes own = Entropy.system().bytes(16);
        Bytes proof = key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        send(to, new Message.Hello(Message.VERSION, grant, challenge.nonce(), own, proof));
        Context pending = new Context();
        pending.add(grant.replica(), 1, last);
        Intervals written = Intervals.of(1, last);
        send(to, new Message.Subscribe(scope, null, Bytes.EMPTY, pending, written));
    }

    private synchronized void push(ClientWebSocket to) {
        if (!to.equals(socket) || !open) return;
        waiting.values().forEach(to::writeBinaryMessage);
    }

    private void reached(Receipt receipt) {
        for (Span span : receipt.spans()) {
            if (!span.replica().equals(grant.replica())) continue;
            waiting.subMap(span.from(), span.to() + 1).clear();
            listener.reached(receipt.level(), span);
        }
    }

    private static void send(ClientWebSocket to, Message message) {
        to.writeBinaryMessage(frame(message));
    }

    private static Buffer frame(Message message) {
        return Buffer.buffer(Frames.frame(MessageCodec.encode(message)).unsafeArray());
    }
}
