package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.wire.Frames;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket to another region's {@code GET /v1/sync}, for blocking code. What comes in waits in a
 * short queue; while that is full the socket is not read, so that a fast region costs no memory
 * here. One thread connects, polls, sends and pings; any may close.
 */
final class PeerSocket implements AutoCloseable {
    private static final int QUEUED_MESSAGES = 16;

    /** For one message to be handed to the socket, which is slow only when the other side is. */
    private static final Duration SENDING = Duration.ofSeconds(30);

    /** Pings in a row without a sign of life after which nobody is there. */
    private static final int SILENT_PINGS = 3;

    private static final short NORMAL = 1000;

    private final ClientWebSocket socket;
    private final Context context;
    private final Runnable bell;
    private final LinkedBlockingQueue<Bytes> frames = new LinkedBlockingQueue<>();
    private final AtomicBoolean paused = new AtomicBoolean();
    private final AtomicBoolean heard = new AtomicBoolean();
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();
    private volatile boolean connected;
    private int silentPings;

    /**
     * Not connected yet.
     *
     * @param context on which the socket lives
     * @param bell rung whenever something arrived, or the socket is lost
     */
    PeerSocket(ClientWebSocket socket, Context context, Runnable bell) {
        this.socket = socket;
        this.context = context;
        this.bell = bell;
        socket.binaryMessageHandler(buffer -> arrived(Bytes.wrap(buffer.getBytes())));
        socket.textMessageHandler(_ -> lose(new IOException("the peer sent text")));
        socket.pongHandler(_ -> heard.set(true));
        socket.exceptionHandler(e -> lose(new IOException("the connection failed: " + e, e)));
        socket.closeHandler(_ ->
                lose(
                        new IOException(
                                "the peer closed the connection: "
                                        + socket.closeStatusCode()
                                        + " "
                                        + socket.closeReason())));
    }

    /**
     * Connects, and waits until the peer has said its challenge.
     *
     * @param patience for the one, and then for the other
     */
    Message.Challenge connect(WebSocketConnectOptions to, Duration patience)
            throws IOException, InterruptedException {
        await(() -> socket.connect(to).onSuccess(_ -> connected()), patience, "connect");
        long waitMillis = patience.toMillis();
        // In short turns, since a socket that is closed meanwhile says nothing more.
        for (long waited = 0; waited < waitMillis; waited += 20) {
            Bytes frame = frames.poll(20, TimeUnit.MILLISECONDS);
            if (frame == null) {
                throwIfLost();
                continue;
            }
            if (decoded(frame) instanceof Message.Challenge said) return said;
            throw new IOException("the peer did not begin with a challenge");
        }
        throw new IOException("no challenge in " + patience.toSeconds() + " s");
    }

    /**
     * What arrived, or null if nothing has.
     *
     * @throws IOException once the socket is lost and everything that came before was taken
     */
    @Nullable Message poll() throws IOException {
        // Looked at first: what was queued before the loss must not be passed over.
        boolean lost = end.isDone();
        Bytes frame = frames.poll();
        resumeWhereRoom();
        if (frame != null) return decoded(frame);
        if (lost) throwIfLost();
        return null;
    }

    void send(Message message) throws IOException, InterruptedException {
        Buffer frame = Buffer.buffer(Frames.frame(MessageCodec.encode(message)).unsafeArray());
        await(() -> socket.writeBinaryMessage(frame), SENDING, "send");
    }

    /**
     * Asks for a sign of life.
     *
     * @throws IOException when none came for so long that nobody is there
     */
    void ping() throws IOException {
        // What waits here to be taken has come from somebody; silence says nothing meanwhile.
        boolean alive = heard.getAndSet(false) || !frames.isEmpty();
        silentPings = alive ? 0 : silentPings + 1;
        if (silentPings > SILENT_PINGS) throw new IOException("the peer is silent");
        context.runOnContext(_ -> {
            if (!socket.isClosed()) socket.writePing(Buffer.buffer());
        });
    }

    @Override
    public void close() {
        lose(new IOException("closed here"));
        context.runOnContext(_ -> {
            if (connected && !socket.isClosed()) socket.close(NORMAL);
        });
    }

    /** On the context. */
    private void connected() {
        connected = true;
        if (end.isDone()) socket.close(NORMAL); // closed meanwhile
    }

    private void arrived(Bytes frame) {
        heard.set(true);
        frames.add(frame);
        if (frames.size() >= QUEUED_MESSAGES) {
            paused.set(true);
            socket.pause();
            // The other thread may have emptied the queue before it could see that it is to resume.
            resumeWhereRoom();
        }
        bell.run();
    }

    private void resumeWhereRoom() {
        if (frames.size() < QUEUED_MESSAGES / 2 && paused.compareAndSet(true, false))
            context.runOnContext(_ -> socket.resume());
    }

    private void lose(IOException why) {
        if (end.completeExceptionally(why)) bell.run();
    }

    private void throwIfLost() throws IOException {
        if (end.isCompletedExceptionally() && end.exceptionNow() instanceof IOException lost)
            throw new IOException(lost.getMessage(), lost);
    }

    /** Waits for what is done on the socket's context, or until the socket is lost. */
    private <T> void await(Supplier<Future<T>> work, Duration patience, String what)
            throws IOException, InterruptedException {
        CompletableFuture<Object> done = new CompletableFuture<>();
        context.runOnContext(_ -> {
            // A socket that is closed throws.
            Future.future(promise -> work.get().mapEmpty().onComplete(promise))
                    .onComplete(
                            _ -> done.complete(true),
                            failure -> done.completeExceptionally(failure));
        });
        try {
            CompletableFuture.anyOf(done, end).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("cannot " + what + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IOException("cannot " + what + " in " + patience.toSeconds() + " s", e);
        }
    }

    private static Message decoded(Bytes frame) throws IOException {
        try {
            return MessageCodec.decode(Frames.message(frame));
        } catch (MalformedException e) {
            throw new IOException("the peer sent what is no message: " + e.getMessage(), e);
        }
    }
}
