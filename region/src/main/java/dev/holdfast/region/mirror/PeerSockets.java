package dev.holdfast.region.mirror;

import dev.holdfast.keys.wire.Frames;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.node.tls.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.time.Duration;

/** Makes sockets to other regions, with this node's certificate. Thread-safe. */
public final class PeerSockets {
    private static final int HTTPS = 443;
    private static final int CLOSING_SECONDS = 2;

    private final Vertx vertx;
    private final Tls tls;
    private final WebSocketClient client;

    /** Lives as long as {@code vertx} does. */
    public PeerSockets(Vertx vertx, Tls tls) {
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
        return new WebSocketConnectOptions()
                .setHost(peer.getHost())
                .setPort(peer.getPort() < 0 ? HTTPS : peer.getPort())
                .setURI(SyncEndpoint.PATH)
                .setSsl(true)
                // A WebSocket is HTTP/1.1, which needs no agreement.
                .setSslOptions(tls.clientOptions().setUseAlpn(false))
                .setConnectTimeout(patience.toMillis())
                .setTimeout(patience.toMillis());
    }
}
