package dev.holdfast.steer.dns;

import dev.holdfast.node.settings.Default;
import dev.holdfast.steer.zone.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a node answers DNS.
 *
 * @param listen addresses with ports, for UDP and TCP alike; addresses of this machine rather than
 *     {@code 0.0.0.0} where it has several, since an answer must come from where the question went
 * @param cookieSecret a file with 32 hexadecimal digits that all nodes of the zones share; one is
 *     made in the data folder without
 * @param keys the folder with the keys of signed zones; {@code dnssec} in the data folder unless
 *     said
 * @param udpThreads as many as there are cores unless said
 * @param udpSize the longest answer over UDP, in bytes
 * @param tcpConnections at one time; the one that is idle for longest gives way to a new one
 * @param tcpIdle after which a connection is closed
 * @param cachedAnswers how many ready answers each thread keeps, with half a KiB for each
 */
public record DnsSettings(
        List<String> listen,
        Optional<Path> cookieSecret,
        Optional<Path> keys,
        Optional<Integer> udpThreads,
        @Default("1232") int udpSize,
        @Default("512") int tcpConnections,
        @Default("10s") Duration tcpIdle,
        @Default("32768") int cachedAnswers,
        @Default("") Rate rate) {

    private static final Pattern LISTEN =
            Pattern.compile("(\\[[0-9a-fA-F:.]{2,45}]|[0-9.]{7,15}):([0-9]{1,5})");

    /**
     * How many answers a network of clients gets that has not proved, by a cookie or over TCP, that
     * it asks itself.
     *
     * @param perSecond to each /24 or /56; 0 for no limit
     * @param slip one in so many of those above it is told to ask over TCP, the others get nothing
     * @param exempt networks without a limit
     */
    public record Rate(
            @Default("200") int perSecond,
            @Default("2") int slip,
            @Default("") List<String> exempt) {
        public static final Rate STANDARD = new Rate(200, 2, List.of());

        public Rate {
            if (perSecond < 0 || perSecond > 100_000)
                throw new IllegalArgumentException("per-second is between 0 and 100000");
            if (slip < 1 || slip > 100)
                throw new IllegalArgumentException("slip is between 1 and 100");
            exempt.forEach(Network::parse);
        }
    }

    public DnsSettings {
        if (listen.isEmpty())
            throw new IllegalArgumentException("listen names at least one address, 127.0.0.1:53");
        listen.forEach(DnsSettings::address);
        if (udpThreads.isPresent() && (udpThreads.get() < 1 || udpThreads.get() > 64))
            throw new IllegalArgumentException("udp-threads is between 1 and 64");
        if (udpSize < 512 || udpSize > 4096)
            throw new IllegalArgumentException("udp-size is between 512 and 4096");
        if (tcpConnections < 1 || tcpConnections > 65_536)
            throw new IllegalArgumentException("tcp-connections is between 1 and 65536");
        if (tcpIdle.toMillis() < 100 || tcpIdle.toMinutes() > 10)
            throw new IllegalArgumentException("tcp-idle is between 100ms and 10m");
        if (cachedAnswers < 16 || cachedAnswers > 1 << 20)
            throw new IllegalArgumentException("cached-answers is between 16 and 1048576");
    }

    /** Everything as it is unless said. */
    public static DnsSettings at(String... listen) {
        return new DnsSettings(
                List.of(listen),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1232,
                512,
                Duration.ofSeconds(10),
                32_768,
                Rate.STANDARD);
    }

    public DnsSettings withRate(Rate other) {
        return new DnsSettings(
                listen,
                cookieSecret,
                keys,
                udpThreads,
                udpSize,
                tcpConnections,
                tcpIdle,
                cachedAnswers,
                other);
    }

    public DnsSettings withUdpThreads(int threads) {
        return new DnsSettings(
                listen,
                cookieSecret,
                keys,
                Optional.of(threads),
                udpSize,
                tcpConnections,
                tcpIdle,
                cachedAnswers,
                rate);
    }

    /**
     * The keys of signed zones.
     *
     * @param data the node's data folder
     */
    public ZoneKeys zoneKeys(Path data) {
        return new ZoneKeys(keys.orElse(data.resolve("dnssec")));
    }

    List<InetSocketAddress> addresses() {
        return listen.stream().map(DnsSettings::address).toList();
    }

    private static InetSocketAddress address(String text) {
        Matcher parts = LISTEN.matcher(text);
        String host = parts.matches() ? parts.group(1) : null;
        String port = host == null ? null : parts.group(2);
        if (host == null || port == null || Integer.parseInt(port, 10) > 65_535)
            throw new IllegalArgumentException(
                    "\""
                            + text
                            + "\" is no address with a port such as 203.0.113.53:53 or [::1]:53");
        String address = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new InetSocketAddress(InetAddress.ofLiteral(address), Integer.parseInt(port, 10));
    }
}
