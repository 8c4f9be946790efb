package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/**
 * Passes bytes between a socket and a stream, both ways, until both have ended or either breaks.
 */
final class Pump {
    private final Socket socket;
    private final Stream stream;

    private Pump(Socket socket, Stream stream) {
        this.socket = socket;
        this.stream = stream;
    }

    /**
     * Returns when it is over. The socket is closed then, and by a reset of TCP where the stream
     * was reset, so that whoever is at its other end knows at once.
     *
     * @param threads runs each task on a virtual thread of its own
     */
    static void run(Socket socket, Stream stream, Executor threads) throws InterruptedException {
        new Pump(socket, stream).run(threads);
    }

    private void run(Executor threads) throws InterruptedException {
        CountDownLatch inward = new CountDownLatch(1);
        threads.execute(() -> {
            try {
                intoSocket();
            } finally {
                inward.countDown();
            }
        });
        try {
            intoStream();
        } finally {
            inward.await();
            close();
        }
    }

    private void intoStream() throws InterruptedException {
        byte[] buffer = new byte[Frame.MAX_DATA_BYTES];
        try {
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer))
                stream.write(buffer, count);
            stream.end();
        } catch (IOException e) {
            broken(e);
        }
    }

    private void intoSocket() {
        try {
            OutputStream out = socket.getOutputStream();
            for (Bytes next = stream.read(); next != null; next = stream.read()) {
                out.write(next.unsafeArray());
                stream.consumed(next.size());
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            broken(e);
        } catch (InterruptedException e) {
            broken(new IOException("interrupted", e));
            Thread.currentThread().interrupt();
        }
    }

    private void broken(IOException why) {
        stream.reset(Frame.Why.GONE, "its socket is closed");
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            why.addSuppressed(e); // it is closed already
        }
        close();
    }

    private void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what it was to be.
        }
    }
}
