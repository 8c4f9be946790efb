package dev.holdfast.node.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The blocking way out through an event loop. At most a window of bytes is on its way to the
 * socket; whoever writes beyond that waits until the reader took some. A reader that takes nothing
 * for the time of {@code patience} counts as gone. Thread-safe; each write stays in one piece.
 */
public final class Outflow {
    /**
     * What may be under way: enough for a fast link, small enough for thousands of slow readers.
     */
    static final int WINDOW_BYTES = 256 << 10;

    private final Context context;
    private final Function<Buffer, Future<Void>> socket;
    private final Duration patience;
    private final Semaphore window = new Semaphore(WINDOW_BYTES, true);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicReference<@Nullable Runnable> onClose = new AtomicReference<>();

    /**
     * @param socket writes one buffer; called on {@code context} only
     */
    Outflow(Context context, Duration patience, Function<Buffer, Future<Void>> socket) {
        this.context = context;
        this.patience = patience;
        this.socket = socket;
    }

    /**
     * Hands {@code bytes} over, which must not change afterwards.
     *
     * @throws ConnectionClosedException when the other side is gone or stalled
     */
    public void write(byte[] bytes) throws ConnectionClosedException, InterruptedException {
        write(Buffer.buffer(bytes), socket);
    }

    void write(Buffer buffer, Function<Buffer, Future<Void>> way)
            throws ConnectionClosedException, InterruptedException {
        int size = Math.max(1, Math.min(buffer.length(), WINDOW_BYTES));
        if (!window.tryAcquire(size, patience.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new ConnectionClosedException(
                    "The reader took nothing for " + patience.toSeconds() + " s");
        }
        if (closed.get()) throw gone();
        context.runOnContext(_ ->
                way.apply(buffer)
                        .onComplete(done -> {
                            if (done.failed()) close();
                            window.release(size);
                        }));
    }

    /** Waits until everything that was written went to the socket. */
    void flush() throws ConnectionClosedException, InterruptedException {
        if (!window.tryAcquire(WINDOW_BYTES, patience.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new ConnectionClosedException(
                    "The reader took nothing for " + patience.toSeconds() + " s");
        }
        window.release(WINDOW_BYTES);
        if (closed.get()) throw gone();
    }

    public boolean isOpen() {
        return !closed.get();
    }

    /**
     * Has {@code action} run once, as soon as the other side is gone: to wake a writer that waits
     * for something to write. It runs on an event loop and must not block.
     */
    public void onClose(Runnable action) {
        onClose.set(action);
        if (closed.get()) runOnClose();
    }

    void close() {
        if (!closed.compareAndSet(false, true)) return;
        // Whoever waits for the window shall wake and find it closed.
        window.release(WINDOW_BYTES);
        runOnClose();
    }

    private void runOnClose() {
        Runnable action = onClose.getAndSet(null);
        if (action != null) action.run();
    }

    private static ConnectionClosedException gone() {
        return new ConnectionClosedException("The other side closed the connection");
    }
}
