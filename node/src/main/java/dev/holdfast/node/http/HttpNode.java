package dev.holdfast.node.http;

import dev.holdfast.keys.Entropy;
import dev.holdfast.node.tls.Tls;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's HTTPS server: HTTP/1.1, HTTP/2 and WebSocket on one port, TLS 1.3 only.
 *
 * <p>Event loops read and write; every handler runs on a virtual thread of its own, so that it may
 * block. Whatever a caller can make grow has a bound: connections, requests under way, sessions,
 * the memory of bodies, the length of lines and headers, the time that a body takes.
 */
public final class HttpNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpNode.class);
    private static final int MAX_EVENT_LOOPS = 4;
    private static final Duration START = Duration.ofSeconds(30);

    /** Past the drain: for what Vert.x itself needs to shut sockets. */
    private static final Duration CLOSE_MARGIN = Duration.ofSeconds(2);

    /** Tells apart the nodes of one process that listen at any free port. */
    private static final AtomicInteger NODES = new AtomicInteger();

    private final Vertx vertx;
    private final HttpSettings settings;
    private final Intake intake;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final Gate connections;
    private final AtomicBoolean closed = new AtomicBoolean();
    private String deployment = "";

    private HttpNode(Vertx vertx, HttpSettings settings, Intake intake) {
        this.vertx = vertx;
        this.settings = settings;
        this.intake = intake;
        this.connections = new Gate(settings.maxConnections());
    }

    /**
     * Listens.
     *
     * @param router complete: later changes are not seen
     * @param threads runs each task on a virtual thread of its own
     * @throws IOException when the address cannot be listened at
     */
    public static HttpNode start(
            Vertx vertx,
            HttpSettings settings,
            Tls tls,
            Router router,
            MeterRegistry meters,
            Entropy entropy,
            Executor threads)
            throws IOException, InterruptedException {
        HttpNode node =
                new HttpNode(
                        vertx,
                        settings,
                        new Intake(vertx, settings, router, meters, entropy, threads));
        meters.gauge("holdfast.http.connections", node.connections, Gate::taken);
        node.listen(tls);
        LOG.info("listening at {}:{}", settings.host(), node.port());
        return node;
    }

    /**
     * The Vert.x that a node runs on. Its pool for blocking work does the handshakes of TLS, the
     * dearest part of a connection, and is as small as the machine: when thousands come at once
     * they wait for each other, and whoever is connected waits for none of them.
     *
     * <p>The newest goes first. A handshake takes two turns: in the order of arrival its second
     * would come after the first of everybody else, and all would be through at the same late
     * moment, if their patience lasted. So each is through soon after its first turn, and what
     * waits too long are those who waited longest, who are likely to have left.
     */
    public static Vertx vertx() {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        return VertxBootstrap.create()
                .options(new VertxOptions().setInternalBlockingPoolSize(threads))
                .executorServiceFactory((factory, size, _) -> new NewestFirst(factory, size))
                .init()
                .vertx();
    }

    /** The port it listens at. */
    public int port() {
        return servers.getFirst().actualPort();
    }

    /** Presents another certificate from now on; open connections stay as they are. */
    public void renew(Tls tls) throws IOException, InterruptedException {
        for (HttpServer server : servers) {
            await(server.updateSSLOptions(tls.serverOptions()), START, "take the new certificate");
        }
        LOG.info("certificate renewed, valid until {}", tls.identity().expires());
    }

    /**
     * Takes no more requests, gives those under way the time of {@link HttpSettings#drain}, closes
     * sessions with 1001, idle connections at once, and then the rest.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) return;
        try {
            intake.close();
            await(
                    Future.all(
                            servers.stream()
                                    .map(server -> server.shutdown(settings.drain()))
                                    .toList()),
                    settings.drain().plus(CLOSE_MARGIN),
                    "close its connections");
            await(vertx.undeploy(deployment), CLOSE_MARGIN, "stop");
            LOG.info("no longer listening");
        } catch (IOException e) {
            LOG.warn("closing took too long: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen(Tls tls) throws IOException, InterruptedException {
        int loops = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAX_EVENT_LOOPS);
        DeploymentOptions options = new DeploymentOptions().setInstances(loops);
        // Every loop listens at one port; where any free one will do, they share what they find.
        SocketAddress address =
                settings.port() == 0
                        ? SocketAddress.sharedRandomPort(NODES.incrementAndGet(), settings.host())
                        : SocketAddress.inetSocketAddress(settings.port(), settings.host());
        deployment =
                await(
                        vertx.deployVerticle(() -> new Loop(address, tls), options),
                        START,
                        "listen at " + settings.host() + ":" + settings.port());
    }

    /** One event loop's share of the server. */
    private final class Loop extends VerticleBase {
        private final SocketAddress address;
        private final Tls tls;

        Loop(SocketAddress address, Tls tls) {
            this.address = address;
            this.tls = tls;
        }

        @Override
        public Future<?> start() {
            HttpServer server =
                    vertx.httpServerBuilder()
                            .with(ServerConfig.of(settings))
                            .with(tls.serverOptions())
                            .with(Tls.engine())
                            .build();
            server.connectionHandler(HttpNode.this::connected)
                    .requestHandler(intake::accept)
                    .invalidRequestHandler(Intake::invalid)
                    .exceptionHandler(e -> LOG.debug("connection failed: {}", e.toString()));
            return server.listen(address).onSuccess(servers::add);
        }
    }

    private void connected(HttpConnection connection) {
        if (!connections.tryEnter(1)) {
            connection.close();
            return;
        }
        connection.closeHandler(_ -> connections.leave(1));
    }

    private static <T> T await(Future<T> future, Duration patience, String what)
            throws IOException, InterruptedException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("Cannot " + what + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new IOException("Cannot " + what + " within " + patience.toSeconds() + " s", e);
        }
    }
}
