package dev.holdfast.drill.bench;

import dev.holdfast.store.StoreSettings;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * The least that a write's way over an edge can take: a row flushed here, sent over loopback,
 * flushed there, sent on, flushed again. No TLS, no signature, no merge; the answer that ends the
 * clock is one more byte.
 */
final class BareRelay implements AutoCloseable {
    /** About what an operation of the clinic has. */
    private static final int ROW_BYTES = 300;

    private final Station device;
    private final Socket toEdge;
    private final Socket fromSecond;

    /** A database with one table. */
    private static final class Station implements AutoCloseable {
        private final BareSqlite database;
        private final PreparedStatement insert;

        Station(Path folder, String name) throws SQLException {
            database =
                    new BareSqlite(
                            folder.resolve(name + ".db"),
                            StoreSettings.edge(folder).cacheKib(),
                            "create table writes (n integer primary key, body blob not null)");
            insert = database.prepare("insert into writes (body) values (?)");
        }

        void keep(byte[] row) throws SQLException {
            insert.setBytes(1, row);
            insert.executeUpdate();
            database.commit();
        }

        @Override
        public void close() throws SQLException {
            database.close();
        }
    }

    private BareRelay(Station device, Socket toEdge, Socket fromSecond) {
        this.device = device;
        this.toEdge = toEdge;
        this.fromSecond = fromSecond;
    }

    static BareRelay start(Path folder) throws IOException, SQLException {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket edge = new ServerSocket(0, 1, here);
                ServerSocket second = new ServerSocket(0, 1, here);
                ServerSocket end = new ServerSocket(0, 1, here)) {
            Socket toEdge = connect(edge);
            pass(new Station(folder, "bare-edge"), edge.accept(), connect(second), ROW_BYTES);
            pass(new Station(folder, "bare-second"), second.accept(), connect(end), 1);
            return new BareRelay(new Station(folder, "bare-first"), toEdge, end.accept());
        }
    }

    /** Writes at a steady pace; a write that had to begin late counts from when it was due. */
    void measure(Duration time, int perSecond, Histogram times) throws IOException, SQLException {
        DataOutputStream out = new DataOutputStream(toEdge.getOutputStream());
        DataInputStream in = new DataInputStream(fromSecond.getInputStream());
        byte[] row = new byte[ROW_BYTES];
        long gap = 1_000_000_000L / perSecond;
        long due = System.nanoTime();
        long end = due + time.toNanos();
        while (due < end) {
            while (System.nanoTime() < due) LockSupport.parkNanos(due - System.nanoTime());
            device.keep(row);
            out.write(row);
            in.readFully(new byte[1]);
            times.recordValue(System.nanoTime() - due);
            due += gap;
        }
    }

    private static Socket connect(ServerSocket to) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.getLocalPort());
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Keeps each row that comes in, then sends the first bytes of it on; ends with its sockets. */
    private static void pass(Station station, Socket from, Socket to, int bytesOn) {
        Thread.ofPlatform()
                .daemon(true)
                .name("bare-relay")
                .start(() -> {
                    try (station;
                            from;
                            to) {
                        DataInputStream in = new DataInputStream(from.getInputStream());
                        byte[] row = new byte[ROW_BYTES];
                        while (true) {
                            in.readFully(row);
                            station.keep(row);
                            to.getOutputStream().write(row, 0, bytesOn);
                        }
                    } catch (IOException | SQLException e) {
                        // The measurement is over: whoever waits for an answer sees its socket
                        // close.
                    }
                });
    }

    @Override
    public void close() throws IOException, SQLException {
        toEdge.close();
        fromSecond.close();
        device.close();
    }
}
