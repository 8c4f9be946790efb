package dev.holdfast.drill.bench;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.wire.Frames;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A device's session with an edge that costs its own side as little as can be: what it pushes was
 * signed, encoded and framed before, and all it does is to send the next push when one is
 * acknowledged. Every acknowledgement is read. Thread-safe.
 */
final class LiveSession {
    private final ReplicaKey key;
    private final SignedGrant grant;
    private final String scope;
    private final ClientWebSocket socket;
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();

    private final Deque<Buffer> waiting = new ArrayDeque<>();
    private long unacknowledged;
    private CompletableFuture<Boolean> done = CompletableFuture.completedFuture(true);
    private @Nullable String failure;

    private LiveSession(WebSocketClient client, ReplicaKey key, SignedGrant grant, String scope) {
        this.key = key;
        this.grant = grant;
        this.scope = scope;
        socket = client.webSocket();
        socket.binaryMessageHandler(frame -> heard(Bytes.wrap(frame.getBytes())));
        socket.closeHandler(nothing -> failed("the edge closed the session"));
        socket.exceptionHandler(fault -> failed(String.valueOf(fault)));
    }

    /** Opens a session; returns when the scope is open. */
    static LiveSession open(
            WebSocketClient client, int port, ReplicaKey key, SignedGrant grant, String scope) {
        LiveSession session = new LiveSession(client, key, grant, scope);
        WebSocketConnectOptions options = new WebSocketConnectOptions();
        options.setHost("localhost").setPort(port).setURI("/v1/sync").setSsl(true);
        session.socket.connect(options).onFailure(fault -> session.failed(String.valueOf(fault)));
        session.opened.join();
        return session;
    }

    /**
     * Begins to push.
     *
     * @param frames each an encoded push
     * @param operations in all of them
     * @param ahead how many may be on their way without an answer
     * @return done when the last operation is acknowledged
     */
    synchronized CompletableFuture<Boolean> push(List<Buffer> frames, long operations, int ahead) {
        done = new CompletableFuture<>();
        if (failure != null) done.completeExceptionally(new IllegalStateException(failure));
        waiting.addAll(frames);
        unacknowledged = operations;
        for (int i = 0; i < ahead; i++) sendNext();
        return done;
    }

    void close() {
        socket.closeHandler(nothing -> {});
        socket.close();
    }

    static Buffer frame(Message message) {
        return Buffer.buffer(Frames.frame(MessageCodec.encode(message)).unsafeArray());
    }

    private synchronized void heard(Bytes frame) {
        try {
            heard(MessageCodec.decode(Frames.message(frame)));
        } catch (MalformedException e) {
            failed("the edge sent what is no message: " + e.getMessage());
        }
    }

    private void heard(Message message) {
        switch (message) {
            case Message.Challenge challenge -> greet(challenge);
            case Message.Welcome _, Message.Changes _, Message.Watermark _ -> {}
            case Message.Opened _ -> opened.complete(true);
            case Message.Ack ack -> {
                for (Span span : ack.receipt().receipt().spans())
                    unacknowledged -= span.to() - span.from() + 1;
                if (unacknowledged <= 0) done.complete(true);
                else sendNext();
            }
            case Message.Reject reject -> failed("refused: " + reject.rejection().reason());
            default -> failed("the edge answered " + message);
        }
    }

    private void greet(Message.Challenge challenge) {
        Bytes own = Entropy.system().bytes(16);
        Bytes proof = key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        socket.writeBinaryMessage(
                frame(new Message.Hello(Message.VERSION, grant, challenge.nonce(), own, proof)));
        socket.writeBinaryMessage(
                frame(
                        new Message.Subscribe(
                                scope, null, Bytes.EMPTY, new Context(), Intervals.NONE)));
    }

    private void sendNext() {
        Buffer next = waiting.poll();
        if (next != null) socket.writeBinaryMessage(next);
    }

    private synchronized void failed(String reason) {
        failure = reason;
        opened.completeExceptionally(new IllegalStateException(reason));
        done.completeExceptionally(new IllegalStateException(reason));
    }
}
