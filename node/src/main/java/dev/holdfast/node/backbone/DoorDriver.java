package dev.holdfast.node.backbone;

import dev.holdfast.node.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member's door on loopback: an HTTP proxy that knows {@code CONNECT} to the members of the
 * topology, and nothing else, so that any client can go by the backbone; or directly, where no way
 * leads to one and it may be dialled ({@link DirectDriver}). {@code GET /} says how all stands.
 *
 * <p>The lane is said by the header {@code Holdfast-Lane}, or as the proxy's user name by clients
 * that set no headers there; fresh where nothing is said.
 */
final class DoorDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DoorDriver.class);
    private static final int MAX_HEAD_BYTES = 8 << 10;
    private static final int MAX_CALLERS = 256;
    private static final Duration HEAD = Duration.ofSeconds(10);

    /** For a way to come, and again for the other end to answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final BackboneDriver backbone;
    private final DirectDriver direct;
    private final Supplier<String> status;
    private final Executor threads;
    private final ServerSocket door;
    private final Semaphore room = new Semaphore(MAX_CALLERS);
    private final Set<Socket> callers = ConcurrentHashMap.newKeySet();

    /** What was asked for, and why it is not had. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final String status;

        Refusal(String status, String why) {
            super(why);
            this.status = status;
        }
    }

    private record Head(String method, String target, Optional<String> lane) {}

    private DoorDriver(
            BackboneDriver backbone, Supplier<String> status, Executor threads, ServerSocket door) {
        this.backbone = backbone;
        this.direct = new DirectDriver(backbone, backbone.dialling().proxy(), threads);
        this.status = status;
        this.threads = threads;
        this.door = door;
    }

    /**
     * Listens.
     *
     * @param status as JSON, for whoever asks
     * @throws SettingsException when somebody else listens there
     */
    static DoorDriver open(
            BackboneDriver backbone, int port, Supplier<String> status, Executor threads) {
        ServerSocket door;
        try {
            door = new ServerSocket();
            // Connections that were closed lately do not count as somebody who listens.
            door.setReuseAddress(true);
            door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
        } catch (IOException e) {
            throw new SettingsException(
                    List.of(
                            "backbone.door: cannot listen at port "
                                    + port
                                    + " on loopback ("
                                    + e.getMessage()
                                    + "): name a free port, or 0"));
        }
        DoorDriver driver = new DoorDriver(backbone, status, threads, door);
        Thread.ofVirtual().name("backbone-door").start(driver::live);
        return driver;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(door.getInetAddress(), door.getLocalPort());
    }

    @Override
    public void close() {
        closeQuietly(door);
        callers.forEach(DoorDriver::closeQuietly);
    }

    private void live() {
        while (!door.isClosed()) {
            try {
                Socket caller = door.accept();
                if (!room.tryAcquire()) {
                    caller.close();
                    continue;
                }
                threads.execute(() -> serve(caller));
            } catch (SocketException e) {
                if (!door.isClosed()) LOG.warn("the backbone's door: {}", e.toString());
            } catch (IOException e) {
                LOG.warn("the backbone's door: {}", e.toString());
            }
        }
    }

    private void serve(Socket caller) {
        callers.add(caller);
        try (caller) {
            if (door.isClosed()) return;
            caller.setTcpNoDelay(true);
            caller.setSoTimeout((int) HEAD.toMillis());
            answer(caller);
        } catch (IOException e) {
            LOG.debug("a caller at the door left: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            callers.remove(caller);
            room.release();
        }
    }

    private void answer(Socket caller) throws IOException, InterruptedException {
        try {
            Head head = read(caller.getInputStream());
            if (head.method().equals("GET")) {
                say(caller, "200 OK", "application/json", status.get() + "\n");
            } else if (head.method().equals("CONNECT")) {
                connect(caller, head);
            } else {
                throw new Refusal("405 Method Not Allowed", "this door takes CONNECT");
            }
        } catch (Refusal refused) {
            say(caller, refused.status, "text/plain", refused.getMessage() + "\n");
        }
    }

    private void connect(Socket caller, Head head)
            throws IOException, InterruptedException, Refusal {
        Lane lane = lane(head);
        String member = member(head.target());
        Stream stream;
        try {
            stream = backbone.open(member, lane, PATIENCE);
        } catch (Stream.ResetException e) {
            Optional<HostPort> address = direct.address(member);
            if (e.why() != Frame.Why.LINK_DOWN || address.isEmpty()) throw refusal(e);
            if (connectDirectly(caller, member, address.get(), lane)) return;
            stream = openAgain(member, lane);
        }
        try {
            welcome(caller);
            Pump.run(caller, stream, threads);
        } catch (IOException e) {
            stream.reset(Frame.Why.GONE, "its socket is closed");
            throw e;
        } finally {
            backbone.forget(stream);
        }
    }

    private static Refusal refusal(Stream.ResetException why) {
        boolean forbidden = why.why() == Frame.Why.FORBIDDEN;
        return new Refusal(
                forbidden ? "403 Forbidden" : "503 Service Unavailable",
                String.valueOf(why.getMessage()));
    }

    private Stream openAgain(String member, Lane lane)
            throws IOException, InterruptedException, Refusal {
        try {
            return backbone.open(member, lane, PATIENCE);
        } catch (Stream.ResetException e) {
            throw refusal(e);
        }
    }

    /** Answers false, having done nothing, where a way has come meanwhile. */
    private boolean connectDirectly(Socket caller, String member, HostPort address, Lane lane)
            throws IOException, InterruptedException, Refusal {
        Socket dialled;
        try {
            dialled = direct.dial(member, lane, address);
        } catch (IOException e) {
            if (backbone.route(member, lane).isPresent()) return false;
            throw new Refusal(
                    "503 Service Unavailable",
                    "no way leads to " + member + " now, nor " + address + ": " + e.getMessage());
        }
        try (Socket far = dialled) {
            welcome(caller);
            direct.run(caller, far);
        } finally {
            direct.forget(dialled);
        }
        return true;
    }

    private static void welcome(Socket caller) throws IOException {
        caller.setSoTimeout(0);
        caller.getOutputStream()
                .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private String member(String target) throws Refusal {
        HostPort place;
        try {
            place = HostPort.parse(target);
        } catch (IllegalArgumentException e) {
            throw new Refusal("400 Bad Request", String.valueOf(e.getMessage()));
        }
        String member =
                backbone.topology()
                        .memberAt(place)
                        .orElseThrow(() ->
                                new Refusal(
                                        "403 Forbidden",
                                        "the topology names no member at " + place));
        if (member.equals(backbone.name()))
            throw new Refusal("403 Forbidden", place + " is this member itself");
        return member;
    }

    private static Lane lane(Head head) throws Refusal {
        if (head.lane().isEmpty()) return Lane.FRESH;
        String word = head.lane().get();
        for (Lane lane : Lane.values()) {
            if (lane.name().equalsIgnoreCase(word)) return lane;
        }
        throw new Refusal("400 Bad Request", "a lane is control, fresh or bulk");
    }

    /** No byte behind the head is taken: it is the tunnel's. */
    private static Head read(InputStream in) throws IOException, Refusal {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) throw new IOException("it ended within its request");
            if (head.length() >= MAX_HEAD_BYTES)
                throw new Refusal("431 Request Header Fields Too Large", "the head is too long");
            head.append((char) next);
        }
        List<String> lines = head.toString().lines().toList();
        String[] first = lines.getFirst().split(" ", 3);
        if (first.length != 3) throw new Refusal("400 Bad Request", "this is not HTTP");
        Optional<String> lane = Optional.empty();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon < 0) continue;
            String value = line.substring(colon + 1).strip();
            switch (line.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
                case "holdfast-lane" -> lane = Optional.of(value);
                case "proxy-authorization" -> lane = lane.or(() -> user(value));
                default -> {}
            }
        }
        return new Head(first[0], first[1], lane);
    }

    private static Optional<String> user(String authorization) {
        String prefix = "basic ";
        if (!authorization.toLowerCase(Locale.ROOT).startsWith(prefix)) return Optional.empty();
        try {
            byte[] plain =
                    Base64.getDecoder().decode(authorization.substring(prefix.length()).strip());
            String both = new String(plain, StandardCharsets.ISO_8859_1);
            int colon = both.indexOf(':');
            return Optional.of(colon < 0 ? both : both.substring(0, colon));
        } catch (IllegalArgumentException e) {
            return Optional.of("?"); // what is no lane
        }
    }

    private static void say(Socket caller, String status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 "
                        + status
                        + "\r\nContent-Type: "
                        + type
                        + "\r\nContent-Length: "
                        + bytes.length
                        + "\r\nConnection: close\r\n\r\n";
        caller.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        caller.getOutputStream().write(bytes);
        caller.shutdownOutput();
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            LOG.debug("closing a socket of the door: {}", e.toString());
        }
    }
}
