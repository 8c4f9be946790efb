package dev.holdfast.node.backbone;

import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.tls.Tls;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Dials neighbours: a WebSocket on their HTTPS port, with this node's certificate, through an HTTP
 * proxy where one is set. Thread-safe.
 */
final class Dialling {
    /** Where links are taken, on the one port that a node has. */
    static final String PATH = "/v1/backbone";

    private static final int CLOSING_SECONDS = 1;

    private final Vertx vertx;
    private final Tls tls;
    private final WebSocketClient client;
    private final Optional<HttpProxy> proxy;

    /** Lives as long as {@code vertx} does. */
    Dialling(Vertx vertx, Tls tls, BackboneSettings settings) {
        this.vertx = vertx;
        this.tls = tls;
        this.proxy =
                settings.proxy().map(address -> HttpProxy.of(address, settings.proxyPassword()));
        this.client =
                vertx.createWebSocketClient(
                        new WebSocketClientOptions()
                                .setMaxFrameSize(Frame.MAX_BYTES)
                                .setMaxMessageSize(Frame.MAX_BYTES)
                                .setTcpNoDelay(true)
                                .setTryUsePerFrameCompression(false)
                                .setTryUsePerMessageCompression(false)
                                .setClosingTimeout(CLOSING_SECONDS));
    }

    /**
     * The HTTP proxy that a member dials through.
     *
     * @param user empty where it wants none
     */
    record HttpProxy(HostPort address, String user, String password) {
        static HttpProxy of(URI address, Optional<Path> password) {
            String user = address.getUserInfo();
            return new HttpProxy(
                    new HostPort(String.valueOf(address.getHost()), address.getPort()),
                    user == null ? "" : user,
                    password.map(Dialling::read).orElse(""));
        }

        private ProxyOptions options() {
            ProxyOptions options =
                    new ProxyOptions()
                            .setType(ProxyType.HTTP)
                            .setHost(address.host())
                            .setPort(address.port());
            return user.isEmpty() ? options : options.setUsername(user).setPassword(password);
        }

        /** What it is to be told, so that it lets this member through. */
        Optional<String> authorization() {
            if (user.isEmpty()) return Optional.empty();
            byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return Optional.of("Basic " + Base64.getEncoder().encodeToString(both));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new SettingsException(List.of("Cannot read " + file + ": " + e));
        }
    }

    Optional<HttpProxy> proxy() {
        return proxy;
    }

    /**
     * Connects to the member {@code name} at {@code address}.
     *
     * @throws IOException saying why it cannot be had
     */
    Wire dial(HostPort address, String name, Duration patience)
            throws IOException, InterruptedException {
        WebSocketConnectOptions to =
                new WebSocketConnectOptions()
                        .setHost(address.host())
                        .setPort(address.port())
                        .setURI(PATH)
                        .setSsl(true)
                        // A WebSocket is HTTP/1.1, which needs no agreement.
                        .setSslOptions(tls.clientOptions().setUseAlpn(false))
                        .setConnectTimeout(patience.toMillis())
                        .setTimeout(patience.toMillis());
        proxy.map(HttpProxy::options).ifPresent(to::setProxyOptions);
        return DialledWire.connect(
                client.webSocket(), vertx.getOrCreateContext(), to, name, patience);
    }
}
