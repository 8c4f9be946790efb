package dev.holdfast.node.http;

import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.Http2ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocketServerConfig;
import java.time.Duration;

/** The bounds that Vert.x itself holds. */
final class ServerConfig {
    /** A document's longest path, percent-encoded, and a query. */
    private static final int LINE_BYTES = 8 << 10;

    /** A grant in base64 is 11 KiB, and there are other headers. */
    private static final int HEADER_BYTES = 24 << 10;

    /**
     * High, since a client that opens more before it has read this number loses its whole
     * connection: Netty takes the body of a refused stream for an error of the protocol. The gates
     * of {@link Intake} are the true bound.
     */
    private static final int STREAMS_PER_CONNECTION = 1_000;

    /** What one HTTP/2 stream, and all of a connection, may send before it is read. */
    private static final int STREAM_WINDOW_BYTES = 256 << 10;

    private static final int CONNECTION_WINDOW_BYTES = 1 << 20;
    private static final Duration CLOSING = Duration.ofSeconds(2);

    private ServerConfig() {}

    static HttpServerConfig of(HttpSettings settings) {
        return new HttpServerConfig()
                .setVersions(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
                .setIdleTimeout(settings.idleTimeout())
                .setHttp1Config(
                        new Http1ServerConfig()
                                .setMaxInitialLineLength(LINE_BYTES)
                                .setMaxHeaderSize(HEADER_BYTES))
                .setHttp2Config(
                        new Http2ServerConfig()
                                .setConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                                .setInitialSettings(
                                        new Http2Settings()
                                                .setPushEnabled(false)
                                                .setMaxConcurrentStreams(STREAMS_PER_CONNECTION)
                                                .setInitialWindowSize(STREAM_WINDOW_BYTES)
                                                .setMaxHeaderListSize(HEADER_BYTES)))
                .setWebSocketConfig(
                        new WebSocketServerConfig()
                                .setMaxFrameSize(Session.MAX_MESSAGE_BYTES)
                                .setMaxMessageSize(Session.MAX_MESSAGE_BYTES)
                                .setUsePerFrameCompression(false)
                                .setUsePerMessageCompression(false)
                                .setClosingTimeout(CLOSING));
    }
}
