package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.node.http.Traffic;
import dev.holdfast.node.tls.PeerName;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.internal.http.WebSocketInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** What this member has dialled. */
final class DialledWire implements Wire {
    private static final int QUEUED_FRAMES = 64;

    /** What Netty may hold: the link's window is what bounds more. */
    private static final int UNDER_WAY_BYTES = 256 << 10;

    private static final short NORMAL = 1000;

    private final ClientWebSocket socket;
    private final Context context;
    private final LinkedBlockingQueue<Optional<Bytes>> frames = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(UNDER_WAY_BYTES);
    private final AtomicBoolean paused = new AtomicBoolean();
    private final AtomicReference<@Nullable IOException> lost = new AtomicReference<>();
    private volatile @Nullable Traffic traffic;

    private DialledWire(ClientWebSocket socket, Context context) {
        this.socket = socket;
        this.context = context;
        socket.binaryMessageHandler(buffer -> arrived(Bytes.wrap(buffer.getBytes())));
        socket.textMessageHandler(_ -> lose(new IOException("the neighbour sent text")));
        socket.exceptionHandler(e -> lose(new IOException("the connection failed: " + e, e)));
        socket.closeHandler(_ ->
                lose(
                        new IOException(
                                "the neighbour closed the connection: "
                                        + socket.closeStatusCode()
                                        + " "
                                        + socket.closeReason())));
    }

    /**
     * Connects.
     *
     * @param name that must be in the certificate of whoever answers
     */
    static DialledWire connect(
            ClientWebSocket socket,
            Context context,
            WebSocketConnectOptions to,
            String name,
            Duration patience)
            throws IOException, InterruptedException {
        DialledWire wire = new DialledWire(socket, context);
        CompletableFuture<Object> done = new CompletableFuture<>();
        context.runOnContext(_ ->
                Future.future(promise ->
                                socket.connect(to)
                                        .onSuccess(_ -> wire.connected())
                                        .mapEmpty()
                                        .onComplete(promise))
                        .onComplete(_ -> done.complete(true), done::completeExceptionally));
        try {
            done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            wire.requireName(name);
            return wire;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(cause.getMessage() == null ? "" + cause : cause.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer in " + patience.toMillis() + " ms", e);
        } catch (IOException | InterruptedException e) {
            wire.close();
            throw e;
        } finally {
            if (!done.isDone()) wire.lose(new IOException("it took too long"));
        }
    }

    @Override
    public void send(Bytes frame) throws IOException, InterruptedException {
        int size = Math.clamp(frame.size(), 1, UNDER_WAY_BYTES);
        room.acquire(size);
        throwIfLost();
        Buffer buffer = Buffer.buffer(frame.unsafeArray());
        context.runOnContext(_ -> {
            if (lost.get() != null) return;
            socket.writeBinaryMessage(buffer)
                    .onComplete(
                            _ -> room.release(size),
                            e -> lose(new IOException("sending failed: " + e, e)));
        });
    }

    @Override
    public Bytes receive() throws IOException, InterruptedException {
        Optional<Bytes> next = frames.take();
        if (next.isEmpty()) {
            frames.add(next);
            throwIfLost();
            throw new IOException("the connection is lost");
        }
        if (frames.size() < QUEUED_FRAMES / 2 && paused.compareAndSet(true, false))
            context.runOnContext(_ -> socket.resume());
        return next.get();
    }

    @Override
    public long bytes() {
        Traffic counted = traffic;
        return counted == null ? 0 : counted.bytes();
    }

    @Override
    public void close() {
        lose(new IOException("closed here"));
    }

    /** On the context. */
    private void connected() {
        if (socket instanceof WebSocketInternal open)
            traffic = Traffic.watch(open.channelHandlerContext().channel());
        if (lost.get() != null) socket.close(NORMAL); // given up meanwhile
    }

    private void requireName(String name) throws IOException {
        try {
            String peer = PeerName.of(socket.peerCertificates()).orElse("nobody");
            if (!peer.equals(name))
                throw new IOException("whoever answers there is " + peer + ", not " + name);
        } catch (SSLPeerUnverifiedException e) {
            throw new IOException("whoever answers there has no certificate", e);
        }
    }

    private void arrived(Bytes frame) {
        frames.add(Optional.of(frame));
        if (frames.size() < QUEUED_FRAMES) return;
        paused.set(true);
        socket.pause();
        // The other thread may have emptied the queue before it could see that it is to resume.
        if (frames.size() < QUEUED_FRAMES / 2 && paused.compareAndSet(true, false)) socket.resume();
    }

    private void lose(IOException why) {
        if (!lost.compareAndSet(null, why)) return;
        frames.add(Optional.empty());
        // Whoever waits for room shall wake and find it lost.
        room.release(UNDER_WAY_BYTES);
        context.runOnContext(_ -> {
            if (traffic != null && !socket.isClosed()) socket.close(NORMAL);
        });
    }

    private void throwIfLost() throws IOException {
        IOException why = lost.get();
        if (why != null) throw new IOException(why.getMessage(), why);
    }
}
