package dev.holdfast.steer.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that answers what comes to one socket. A thread of the system, not a virtual one: it
 * waits in the kernel, and nothing else should on its account.
 */
final class UdpDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UdpDriver.class);
    private static final long PATIENCE_MILLIS = 5_000;

    private final PacketSocket socket;
    private final Responder responder;
    private final Supplier<Responder.Moment> moments;
    private final Thread thread;
    private volatile boolean closed;

    /** Starts to answer. */
    UdpDriver(PacketSocket socket, Responder responder, Supplier<Responder.Moment> moments) {
        this.socket = socket;
        this.responder = responder;
        this.moments = moments;
        this.thread = Thread.ofPlatform().name("dns-udp").start(this::live);
    }

    /** A socket of the best kind that this system has. */
    static PacketSocket listen(InetSocketAddress at) throws IOException {
        return BatchSocket.isAvailable() ? new BatchSocket(at) : new ChannelSocket(at);
    }

    private void live() {
        try {
            serveAll();
        } finally {
            // Whatever ended it: a socket that nobody reads would keep its share of the clients.
            socket.release();
        }
    }

    private void serveAll() {
        byte[] out = new byte[Responder.MAX_BYTES];
        while (!closed) {
            try {
                serve(out);
            } catch (IOException e) {
                if (!closed) LOG.error("DNS over UDP ends at {}", socket.address(), e);
                break;
            } catch (RuntimeException e) {
                // A fault of this program must not end the answering, nor pass unseen.
                LOG.error("packets at {} could not be answered", socket.address(), e);
            }
        }
    }

    private void serve(byte[] out) throws IOException {
        int count = socket.receive();
        if (count == 0) return;
        Responder.Moment now = moments.get();
        for (int i = 0; i < count; i++) {
            byte[] packet = socket.packet(i);
            int length =
                    responder.respond(
                            packet,
                            socket.length(i),
                            socket.from(i),
                            Responder.Transport.UDP,
                            now,
                            out);
            if (length > 0) socket.answer(i, out, length);
        }
        socket.flush();
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
