package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.keys.PinnedTrust;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Where a link goes, and whom it believes.
 *
 * @param endpoints base addresses such as {@code https://edge.clinic.example:8443}, any of which
 *     will do; none for now is allowed
 * @param sockets makes TLS sockets, with a certificate where one is to be presented; only TLS 1.3
 *     is spoken whatever it offers
 * @param trust who may vouch for a server's certificate
 * @param authorities raw public keys that may sign grants
 * @param retainUntil up to which level the store answers for what it took in
 * @param proxies by which HTTP proxy an endpoint is reached, where not directly
 * @param nameServers the deployment's own, which are asked for endpoints' addresses beside the
 *     machine's resolver; none for that alone
 */
public record LinkSettings(
        List<URI> endpoints,
        SSLSocketFactory sockets,
        X509TrustManager trust,
        Set<Bytes> authorities,
        Durability retainUntil,
        LinkTimes times,
        Optional<ProxySelector> proxies,
        List<InetSocketAddress> nameServers) {

    private static final int MOST_NAME_SERVERS = 8;

    public LinkSettings {
        endpoints = List.copyOf(endpoints);
        endpoints.forEach(LinkSettings::requireEndpoint);
        authorities = Set.copyOf(authorities);
        nameServers = List.copyOf(nameServers);
        if (nameServers.size() > MOST_NAME_SERVERS)
            throw new IllegalArgumentException("at most " + MOST_NAME_SERVERS + " name servers");
    }

    /** A device's: no certificate of its own, operations kept until they are APPLIED. */
    public static LinkSettings device(
            List<URI> endpoints, PinnedTrust trust, Set<Bytes> authorities) {
        return new LinkSettings(
                endpoints,
                trust.socketFactory(),
                trust.trustManager(),
                authorities,
                Durability.APPLIED,
                LinkTimes.DEFAULT,
                Optional.empty(),
                List.of());
    }

    public LinkSettings withRetainUntil(Durability level) {
        return new LinkSettings(
                endpoints, sockets, trust, authorities, level, times, proxies, nameServers);
    }

    public LinkSettings withTimes(LinkTimes other) {
        return new LinkSettings(
                endpoints, sockets, trust, authorities, retainUntil, other, proxies, nameServers);
    }

    public LinkSettings withProxies(ProxySelector selector) {
        return new LinkSettings(
                endpoints,
                sockets,
                trust,
                authorities,
                retainUntil,
                times,
                Optional.of(selector),
                nameServers);
    }

    public LinkSettings withNameServers(List<InetSocketAddress> servers) {
        return new LinkSettings(
                endpoints, sockets, trust, authorities, retainUntil, times, proxies, servers);
    }

    static void requireEndpoint(URI endpoint) {
        if (!"https".equals(endpoint.getScheme()) || endpoint.getHost() == null) {
            throw new IllegalArgumentException("An endpoint is https://host:port, not " + endpoint);
        }
    }
}
