package dev.holdfast.region.mirror;

import dev.holdfast.keys.wire.Frames;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.node.tls.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Makes sockets to other regions, with this node's certificate. Thread-safe. */
public final class PeerSockets {
    private static final int HTTPS = 443;
    private static final int CLOSING_SECONDS = 2;

    private final Vertx vertx;
    private final Tls tls;
    private final WebSocketClient client;
    private final Function<URI, Optional<InetSocketAddress>> doors;

    /**
     * Lives as long as {@code vertx} does.
     *
     * @param doors the HTTP proxy by which a region is reached, where not directly
     */
    public PeerSockets(Vertx vertx, Tls tls, Function<URI, Optional<InetSocketAddress>> doors) {
        this.doors = doors;
        this.vertx = vertx;
        this.tls = tls;
        this.client =
                vertx.createWebSocketClient(
                        new WebSocketClientOptions()
                                .setMaxFrameSize(Frames.MAX_BYTES)
                                .setMaxMessageSize(Frames.MAX_BYTES)
                                .setTryUsePerFrameCompression(false)
                                .setTryUsePerMessageCompression(false)
                                .setClosingTimeout(CLOSING_SECONDS));
    }

    /** One that is not connected yet. */
    PeerSocket socket(Runnable bell) {
        return new PeerSocket(client.webSocket(), vertx.getOrCreateContext(), bell);
    }

    WebSocketConnectOptions to(URI peer, Duration patience) {
        WebSocketConnectOptions to =
                new WebSocketConnectOptions()
                        .setHost(peer.getHost())
                        .setPort(peer.getPort() < 0 ? HTTPS : peer.getPort())
                        .setURI(SyncEndpoint.PATH)
                        .setSsl(true)
                        // A WebSocket is HTTP/1.1, which needs no agreement.
                        .setSslOptions(tls.clientOptions().setUseAlpn(false))
                        .setConnectTimeout(patience.toMillis())
                        .setTimeout(patience.toMillis());
        doors.apply(peer).ifPresent(door -> to.setProxyOptions(proxy(door)));
        return to;
    }

    /**
     * At a backbone's door the user's name is the lane: what one region has is safe there, and
     * gives way to what is not.
     */
    private static ProxyOptions proxy(InetSocketAddress door) {
        return new ProxyOptions()
                .setType(ProxyType.HTTP)
                .setHost(door.getHostString())
                .setPort(door.getPort())
                .setUsername("bulk")
                .setPassword("");
    }
}
