package dev.holdfast.node.backbone;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of last resort: where no way of the backbone leads to a member, its HTTPS port is dialled
 * as if there were none. That helps while the other end takes no links, since it is not set up for
 * the backbone yet or goes by another topology.
 *
 * <p>Only where the topology has a link between the two that is not costly: what is carried here
 * counts in no budget. It is left as soon as a way leads there. Thread-safe.
 */
final class DirectDriver {
    private static final Logger LOG = LoggerFactory.getLogger(DirectDriver.class);
    private static final Duration CONNECTING = Duration.ofSeconds(4);
    private static final int MAX_ANSWER_BYTES = 8 << 10;

    private final BackboneDriver backbone;
    private final Optional<Dialling.HttpProxy> proxy;
    private final Executor threads;
    private final Map<Socket, Towards> open = new ConcurrentHashMap<>();

    private record Towards(String member, Lane lane) {}

    /**
     * @param proxy through which this member dials, as for its links
     */
    DirectDriver(BackboneDriver backbone, Optional<Dialling.HttpProxy> proxy, Executor threads) {
        this.backbone = backbone;
        this.proxy = proxy;
        this.threads = threads;
        backbone.onRoutes(this::leave);
    }

    /** Where {@code member} may be dialled so. */
    Optional<HostPort> address(String member) {
        Topology topology = backbone.topology();
        return topology.link(backbone.name(), member)
                .filter(link -> !link.isCostly())
                .flatMap(link -> topology.address(link, member));
    }

    /**
     * Connects to a member's HTTPS port.
     *
     * @throws IOException when it cannot be reached, or a way has come meanwhile
     */
    Socket dial(String member, Lane lane, HostPort address) throws IOException {
        HostPort first = proxy.map(Dialling.HttpProxy::address).orElse(address);
        Socket socket = new Socket();
        open.put(socket, new Towards(member, lane));
        try {
            leave(); // a way may have come before this was known
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(first.host(), first.port()), (int) CONNECTING.toMillis());
            if (proxy.isPresent()) pass(socket, proxy.get(), address);
            LOG.info("no way leads to {}: it is dialled directly", member);
            return socket;
        } catch (IOException e) {
            forget(socket);
            socket.close();
            throw e;
        }
    }

    /** It is over for those who used it. */
    void forget(Socket socket) {
        open.remove(socket);
    }

    /** Has the proxy lead on to {@code address}. */
    private static void pass(Socket socket, Dialling.HttpProxy proxy, HostPort address)
            throws IOException {
        String request =
                "CONNECT "
                        + address
                        + " HTTP/1.1\r\nHost: "
                        + address
                        + "\r\n"
                        + proxy.authorization()
                                .map(basic -> "Proxy-Authorization: " + basic + "\r\n")
                                .orElse("")
                        + "\r\n";
        socket.setSoTimeout((int) CONNECTING.toMillis());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (answer.length() < 4 || !answer.substring(answer.length() - 4).equals("\r\n\r\n")) {
            int next = in.read();
            if (next < 0 || answer.length() >= MAX_ANSWER_BYTES)
                throw new IOException("the proxy gives no answer");
            answer.append((char) next);
        }
        String status = answer.substring(0, answer.indexOf("\r\n"));
        if (!status.matches("HTTP/1\\.[01] 2[0-9]{2}.*"))
            throw new IOException("the proxy answers " + status);
        socket.setSoTimeout(0);
    }

    /** Passes bytes both ways until both have ended, either breaks, or a way leads there. */
    void run(Socket caller, Socket far) throws InterruptedException {
        CountDownLatch back = new CountDownLatch(1);
        threads.execute(() -> {
            copy(far, caller);
            back.countDown();
        });
        copy(caller, far);
        back.await();
    }

    private void leave() {
        open.forEach((socket, to) -> {
            if (backbone.route(to.member(), to.lane()).isPresent()) reset(socket);
        });
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One end is gone; the other one shall know at once.
            reset(from);
            reset(to);
        }
    }

    /** By a reset of TCP: what ends so was not whole. */
    private static void reset(Socket socket) {
        try (socket) {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            LOG.debug("closing a socket: {}", e.toString());
        }
    }
}
