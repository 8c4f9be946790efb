package dev.holdfast.region.mirror;

import dev.holdfast.node.tls.Tls;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;

/**
 * How other regions are dialled, whatever is asked of them: with this node's certificate, and by a
 * backbone's door where there is one. What goes by a door goes on when the direct link is cut.
 * Thread-safe.
 */
public final class Dial {
    private static final int HTTPS = 443;

    /** The same for every request: a client uses a connection again only where nothing differs. */
    private final ClientSSLOptions ssl;

    private final Function<URI, Optional<InetSocketAddress>> doors;

    /**
     * @param doors the HTTP proxy by which a region is reached, where not directly
     */
    public Dial(Tls tls, Function<URI, Optional<InetSocketAddress>> doors) {
        // HTTP/1.1, as a WebSocket is, needs no agreement.
        this.ssl = tls.clientOptions().setUseAlpn(false);
        this.doors = doors;
    }

    /** Aims a request at {@code peer}. */
    <T extends RequestOptions> T at(URI peer, T request) {
        request.setHost(peer.getHost())
                .setPort(peer.getPort() < 0 ? HTTPS : peer.getPort())
                .setSsl(true)
                .setSslOptions(ssl);
        doors.apply(peer).ifPresent(door -> request.setProxyOptions(proxy(door)));
        return request;
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
