package dev.holdfast.steer;

import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.settings.Default;
import dev.holdfast.node.tls.TlsSettings;
import dev.holdfast.steer.dns.DnsSettings;
import dev.holdfast.steer.pool.Standings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a steer node runs.
 *
 * @param data the folder that it owns
 * @param http where other nodes and those who run it reach it
 * @param tls its certificate, and the deployment's CA
 * @param dns where and how it answers
 * @param zones the zones file, the same on every node; read again whenever it changes
 * @param line where the node stands: for that line's users it judges together with the others there
 * @param peers the other nodes, by the names in their certificates
 * @param authorities files with the public keys that may sign operators' grants, in hexadecimal;
 *     without one only those have a say who have this node's files
 * @param console a folder with the console's pages, which it serves to operators under {@code
 *     /console}
 */
public record SteerSettings(
        Path data,
        HttpSettings http,
        TlsSettings tls,
        DnsSettings dns,
        Path zones,
        @Default(Standings.EVERYBODY_ELSE) String line,
        @Default("") Map<String, URI> peers,
        @Default("") List<Path> authorities,
        Optional<Path> console) {

    private static final int MOST_PEERS = 32;

    public SteerSettings {
        peers = Map.copyOf(peers);
        authorities = List.copyOf(authorities);
        if (line.isEmpty() || line.length() > 63)
            throw new IllegalArgumentException("line has 1 to 63 characters");
        if (peers.size() > MOST_PEERS)
            throw new IllegalArgumentException("peers are at most " + MOST_PEERS);
        peers.forEach((name, address) -> {
            if (!"https".equals(address.getScheme()) || address.getHost() == null)
                throw new IllegalArgumentException(
                        "the peer " + name + " is at https://host:port, not " + address);
        });
    }
}
