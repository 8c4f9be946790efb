package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.wire.Frames;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open WebSocket for blocking code. Sending waits for a slower reader, as {@link Outflow} says;
 * what comes in waits in a short queue, and when that is full the socket is read no further. One
 * thread receives; any may send or close.
 */
public final class Session {
    /** A message, whole: the protocol's longest, and the byte that a frame adds. */
    public static final int MAX_MESSAGE_BYTES = Frames.MAX_BYTES;

    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    public static final int PROTOCOL_ERROR = 1002;
    public static final int POLICY = 1008;
    public static final int TOO_LARGE = 1009;
    public static final int INTERNAL = 1011;
    public static final int TRY_LATER = 1013;

    /** The connection went without a word. */
    public static final int ABNORMAL = 1006;

    private static final Duration ENDLESS = Duration.ofDays(1);
    private static final int QUEUED_MESSAGES = 8;
    private static final int QUEUED_BYTES = MAX_MESSAGE_BYTES;

    /** What came in. */
    public sealed interface Incoming {
        record Binary(Bytes bytes) implements Incoming {}

        record Text(String text) implements Incoming {}

        /** The last one, and from then on every one. */
        record Closed(int code, String reason) implements Incoming {}
    }

    private final ServerWebSocket socket;
    private final Context context;
    private final Outflow out;
    private final LinkedBlockingQueue<Incoming> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger queuedBytes = new AtomicInteger();
    private final AtomicBoolean paused = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Channel channel;
    private final Liveness liveness;
    private volatile Runnable onArrival = () -> {};
    private volatile Bytes heartbeat = Bytes.EMPTY;

    private Session(ServerWebSocket socket, Context context) {
        this.socket = socket;
        this.context = context;
        // How long a reader may take is judged by its bytes, below; not by the messages it
        // finished.
        this.out = new Outflow(context, ENDLESS, socket::writeBinaryMessage);
        this.channel = ((WebSocketInternal) socket).channelHandlerContext().channel();
        this.liveness = Liveness.watch(channel);
    }

    /** On the socket's context, before anything can arrive. */
    static Session open(
            ServerWebSocket socket, Vertx vertx, Context context, Duration pingInterval) {
        Session session = new Session(socket, context);
        long timer = vertx.setPeriodic(pingInterval.toMillis(), _ -> session.ping());
        socket.binaryMessageHandler(buffer ->
                session.arrived(
                        new Incoming.Binary(Bytes.wrap(buffer.getBytes())), buffer.length()));
        socket.textMessageHandler(
                text -> session.arrived(new Incoming.Text(text), 2 * text.length()));
        socket.exceptionHandler(session::failed);
        socket.closeHandler(_ -> {
            vertx.cancelTimer(timer);
            Short code = socket.closeStatusCode();
            String reason = socket.closeReason();
            session.end(code == null ? ABNORMAL : code, reason == null ? "" : reason);
        });
        return session;
    }

    /**
     * Sends one binary message.
     *
     * @throws ConnectionClosedException when the other side is gone or stalled
     */
    public void send(Bytes message) throws ConnectionClosedException, InterruptedException {
        out.write(Buffer.buffer(message.unsafeArray()), socket::writeBinaryMessage);
    }

    /** Sends one text message. */
    public void send(String text) throws ConnectionClosedException, InterruptedException {
        Buffer utf8 = Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
        out.write(utf8, _ -> socket.writeTextMessage(text));
    }

    /** Waits for what comes next. */
    public Incoming receive() throws InterruptedException {
        return taken(queue.take());
    }

    /** Waits at most so long; empty when nothing came. */
    public Optional<Incoming> receive(Duration patience) throws InterruptedException {
        Incoming next = queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        return next == null ? Optional.empty() : Optional.of(taken(next));
    }

    /**
     * Has {@code action} run after each thing that came in, the end included: for a receiver that
     * waits for other things too. It runs on an event loop, for what came already at once, and must
     * not block.
     */
    public void onArrival(Runnable action) {
        onArrival = action;
        if (!queue.isEmpty()) action.run();
    }

    /** Has this binary message sent with each ping: to a page, which is not told of pings. */
    public void heartbeat(Bytes message) {
        heartbeat = message;
    }

    public boolean isOpen() {
        return !ended.get() && out.isOpen();
    }

    /** Says why, and closes; what was sent before still goes out. Closing twice does nothing. */
    public void close(int code, String reason) {
        context.runOnContext(_ -> closeNow(code, reason));
    }

    /** On the event loop. */
    private void closeNow(int code, String reason) {
        // A close frame has room for 123 bytes.
        String shortened = reason.length() > 40 ? reason.substring(0, 40) : reason;
        if (!socket.isClosed()) socket.close((short) code, shortened);
        end(code, shortened);
    }

    /** Counts what goes over the connection from now on; asked for once at most. */
    public Traffic traffic() {
        return Traffic.watch(channel);
    }

    private void ping() {
        if (paused.get()) liveness.excuse();
        if (!liveness.tick(channel)) {
            close(GOING_AWAY, "silent");
        } else if (!socket.isClosed()) {
            socket.writePing(Buffer.buffer());
            if (heartbeat.size() > 0)
                socket.writeBinaryMessage(Buffer.buffer(heartbeat.unsafeArray()));
        }
    }

    private void failed(Throwable fault) {
        if (fault instanceof CorruptedWebSocketFrameException corrupted) {
            // At once: Vert.x closes too, and says that all was well.
            closeNow(corrupted.closeStatus().code(), "not a message that is taken here");
        } else if (fault instanceof IllegalStateException) {
            // In parts that are more than a message may be: Vert.x leaves it at this.
            closeNow(TOO_LARGE, "over " + MAX_MESSAGE_BYTES + " bytes");
        } else {
            out.close();
        }
    }

    private void arrived(Incoming message, int sizeBytes) {
        int bytes = queuedBytes.addAndGet(sizeBytes);
        queue.add(message);
        onArrival.run();
        if (queue.size() >= QUEUED_MESSAGES || bytes >= QUEUED_BYTES) {
            paused.set(true);
            socket.pause();
            // The receiver may have emptied the queue just before it could see that it is to
            // resume.
            resumeWhereRoom(queuedBytes.get());
        }
    }

    private void resumeWhereRoom(int bytes) {
        if (queue.size() < QUEUED_MESSAGES / 2
                && bytes < QUEUED_BYTES / 2
                && paused.compareAndSet(true, false)) {
            context.runOnContext(_ -> socket.resume());
        }
    }

    private Incoming taken(Incoming next) {
        int size =
                switch (next) {
                    case Incoming.Binary binary -> binary.bytes().size();
                    case Incoming.Text text -> 2 * text.text().length();
                    case Incoming.Closed closed -> {
                        queue.add(closed);
                        yield 0;
                    }
                };
        resumeWhereRoom(queuedBytes.addAndGet(-size));
        return next;
    }

    private void end(int code, String reason) {
        if (!ended.compareAndSet(false, true)) return;
        queue.add(new Incoming.Closed(code, reason));
        onArrival.run();
        out.close();
    }
}
