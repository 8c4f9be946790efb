package dev.holdfast.node.backbone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A port that leads to another, and can become a black hole in either direction. */
final class TestLink implements AutoCloseable {
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger target = new AtomicInteger();
    private boolean there = true;
    private boolean back = true;
    private boolean closed;

    TestLink() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void leadTo(int port) {
        target.set(port);
    }

    /** Which directions pass: to the target, and from it. */
    void pass(boolean there, boolean back) {
        lock.lock();
        try {
            this.there = there;
            this.back = back;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (true) {
            try {
                Socket near = server.accept();
                Socket far = new Socket();
                sockets.add(near);
                sockets.add(far);
                Thread.ofVirtual().start(() -> serve(near, far));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket near, Socket far) {
        try (near;
                far) {
            await(true);
            far.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), target.get()), 2_000);
            Thread answering = Thread.ofVirtual().start(() -> pump(far, near, false));
            pump(near, far, true);
            answering.join();
        } catch (IOException e) {
            // One end is gone, and so is the other.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pump(Socket from, Socket to, boolean forward) {
        byte[] buffer = new byte[16 << 10];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                await(forward);
                out.write(buffer, 0, count);
            }
            await(forward);
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(boolean forward) throws IOException, InterruptedException {
        lock.lock();
        try {
            while (!closed && !(forward ? there : back)) changed.await();
            if (closed) throw new IOException("closed");
        } finally {
            lock.unlock();
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone all the same.
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        server.close();
        sockets.forEach(TestLink::closeQuietly);
    }
}
