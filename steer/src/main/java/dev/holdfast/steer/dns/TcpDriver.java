package dev.holdfast.steer.dns;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what comes over TCP at one address (RFC 7766): question after question on each
 * connection, until it has been idle for too long. A connection that takes its answers as slowly as
 * it pleases is idle too. Where there are as many connections as there may be, the one that is idle
 * for longest is closed for a new one.
 */
final class TcpDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TcpDriver.class);
    private static final int BACKLOG = 256;

    private final ServerSocket listening;
    private final DnsSettings settings;
    private final Supplier<Responder.Moment> moments;
    private final InstantSource clock;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);

    /** Answers of all connections, one at a time: they are made in microseconds. */
    private final ReentrantLock answering = new ReentrantLock();

    private final Responder responder;
    private final byte[] out = new byte[Responder.MAX_BYTES];

    private final class Connection {
        final Socket socket;
        final InetAddress client;
        volatile long movedMillis;

        Connection(Socket socket) throws IOException {
            this.socket = socket;
            InetAddress remote = socket.getInetAddress();
            if (remote == null) throw new IOException("it has gone again");
            this.client = remote;
            this.movedMillis = clock.millis();
        }

        void serve() {
            try (socket) {
                socket.setTcpNoDelay(true);
                DataInputStream in =
                        new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                OutputStream to = socket.getOutputStream();
                byte[] from = client.getAddress();
                while (true) {
                    byte[] packet = new byte[in.readUnsignedShort()];
                    in.readFully(packet);
                    byte[] answer = TcpDriver.this.answer(packet, from);
                    // Who sends no question over TCP wants nothing that is here.
                    if (answer.length == 0) return;
                    to.write(answer);
                    movedMillis = clock.millis();
                }
            } catch (IOException e) {
                // The other side has gone, or was made to.
            } finally {
                open.remove(this);
            }
        }

        void end() {
            open.remove(this);
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed, or about to be.
            }
        }
    }

    /** Starts to listen; the settings' connections are for this address. */
    TcpDriver(
            InetSocketAddress at,
            DnsSettings settings,
            Responder responder,
            Supplier<Responder.Moment> moments,
            InstantSource clock)
            throws IOException {
        this.settings = settings;
        this.responder = responder;
        this.moments = moments;
        this.clock = clock;
        this.listening = new ServerSocket();
        listening.setReuseAddress(true);
        try {
            listening.bind(at, BACKLOG);
        } catch (IOException e) {
            listening.close();
            throw new IOException("listening at " + at + ": " + e.getMessage(), e);
        }
        Thread.ofPlatform().name("dns-tcp").start(this::accept);
        Thread.ofPlatform().daemon().name("dns-tcp-idle").start(this::watch);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Connection connection = new Connection(listening.accept());
                if (open.size() >= settings.tcpConnections())
                    open.stream()
                            .min(Comparator.comparingLong(other -> other.movedMillis))
                            .ifPresent(Connection::end);
                open.add(connection);
                Thread.ofVirtual().name("dns-tcp-connection").start(connection::serve);
            } catch (IOException e) {
                if (!listening.isClosed() && !pause(e)) return;
            }
        }
    }

    /** Where even accepting fails, such as for want of descriptors, time may help. */
    private boolean pause(IOException e) {
        LOG.warn("a connection at {} was not taken: {}", address(), e.getMessage());
        try {
            return !closing.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void watch() {
        long idle = settings.tcpIdle().toMillis();
        try {
            while (!closing.await(Math.min(1_000, idle / 2), TimeUnit.MILLISECONDS)) {
                long now = clock.millis();
                for (Connection connection : open) {
                    if (now - connection.movedMillis > idle) connection.end();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** With its length before it; empty where there is nothing to say. */
    private byte[] answer(byte[] packet, byte[] from) {
        answering.lock();
        try {
            int length =
                    responder.respond(
                            packet,
                            packet.length,
                            from,
                            Responder.Transport.TCP,
                            moments.get(),
                            out);
            if (length == 0) return new byte[0];
            byte[] answer = new byte[length + 2];
            answer[0] = (byte) (length >>> 8);
            answer[1] = (byte) length;
            System.arraycopy(out, 0, answer, 2, length);
            return answer;
        } finally {
            answering.unlock();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            listening.close();
        } catch (IOException e) {
            // It is closed, or about to be.
        }
        open.forEach(Connection::end);
    }
}
