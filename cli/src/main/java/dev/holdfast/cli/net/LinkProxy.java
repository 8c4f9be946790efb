package dev.holdfast.cli.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A link between two programs on loopback, as a TCP proxy that can become a black hole, in either
 * direction: what is sent goes on being taken, as far as buffers reach, and arrives only once it is
 * healed, as TCP's own repetition would have it. It can also reset all that stands.
 *
 * <p>A connection that is opened meanwhile is accepted by this machine and then met by silence,
 * which is less than a real cut does. Of more than a thousand at once, those that wait for the end
 * of a cut among them, each further one is closed as it comes. Thread-safe.
 */
public final class LinkProxy implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 1_000;
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int CONNECT_MILLIS = 2_000;

    /** As Linux waits before it sends again, and doubles that. */
    private static final long RESEND_MILLIS = 200;

    private static final long RESEND_MILLIS_MAX = 3_200;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore room = new Semaphore(CONNECTIONS_MAX);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean forwards = true;
    private boolean answers = true;
    private boolean closed;
    private volatile int lossPercent;
    private final AtomicLong attempts = new AtomicLong();

    /**
     * Forwards one port on loopback to another there.
     *
     * @param port where it listens; 0 for any free one
     * @param target where a server listens, or will
     */
    public LinkProxy(int port, int target) {
        this.target = target;
        try {
            server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("opening a proxy for port " + target, e);
        }
        Thread.ofVirtual().name("proxy-" + target).start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Which directions pass: {@code forwards} to the target, {@code answers} from it. */
    public void pass(boolean forwards, boolean answers) {
        lock.lock();
        try {
            this.forwards = forwards;
            this.answers = answers;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** One direction passes no more, {@code forwards} to the target or back from it. */
    public void block(boolean forwards) {
        lock.lock();
        try {
            if (forwards) this.forwards = false;
            else answers = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** So much of what is sent is late, as if it had to be sent again. */
    public void lose(int percent) {
        lossPercent = percent;
    }

    /** How many connections were opened. */
    public long attempts() {
        return attempts.get();
    }

    /** Resets every connection that stands. */
    public void reset() {
        sockets.forEach(LinkProxy::reset);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a proxy", e);
        }
        reset();
    }

    private void accept() {
        while (true) {
            try {
                Socket near = server.accept();
                sockets.add(near);
                attempts.incrementAndGet();
                if (room.tryAcquire()) Thread.ofVirtual().start(() -> serve(near));
                else end(near);
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket near) {
        Socket far = new Socket();
        sockets.add(far);
        try {
            awaitPassing(true);
            far.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), target),
                    CONNECT_MILLIS);
            Thread answering = Thread.ofVirtual().start(() -> pump(far, near, false));
            pump(near, far, true);
            answering.join();
        } catch (IOException e) {
            // The target is down, or was reset: so is this side.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(near);
            end(far);
            room.release();
        }
    }

    private void pump(Socket from, Socket to, boolean forward) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count;
            while ((count = in.read(buffer)) >= 0) {
                awaitPassing(forward);
                sendAgain();
                out.write(buffer, 0, count);
            }
            awaitPassing(forward);
            to.shutdownOutput();
        } catch (IOException e) {
            // One end is gone; a half that is left would hang for ever.
            end(from);
            end(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A piece that is lost comes when TCP sends it again, and that may be lost as well. */
    private void sendAgain() throws InterruptedException {
        int percent = lossPercent;
        for (long wait = RESEND_MILLIS; percent > 0 && wait <= RESEND_MILLIS_MAX; wait *= 2) {
            if (ThreadLocalRandom.current().nextInt(100) >= percent) return;
            Thread.sleep(wait);
        }
    }

    private void awaitPassing(boolean forward) throws InterruptedException, IOException {
        lock.lock();
        try {
            while (!closed && !(forward ? forwards : answers)) changed.await();
            if (closed) throw new IOException("the proxy is closed");
        } finally {
            lock.unlock();
        }
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone all the same.
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }
}
