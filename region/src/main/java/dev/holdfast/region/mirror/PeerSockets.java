package dev.holdfast.region.mirror;

import dev.holdfast.keys.wire.Frames;
import dev.holdfast.node.sync.SyncEndpoint;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.time.Duration;

/** Makes sockets to other regions. Thread-safe. */
public final class PeerSockets {
    private static final int CLOSING_SECONDS = 2;

    private final Vertx vertx;
    private final Dial dial;
    private final WebSocketClient client;

    /** Lives as long as {@code vertx} does. */
    public PeerSockets(Vertx vertx, Dial dial) {
        this.vertx = vertx;
        this.dial = dial;
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
        WebSocketConnectOptions to = dial.at(peer, new WebSocketConnectOptions());
        to.setURI(SyncEndpoint.PATH)
                .setConnectTimeout(patience.toMillis())
                .setTimeout(patience.toMillis());
        return to;
    }
}
