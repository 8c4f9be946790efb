package dev.holdfast.node.backbone;

import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.Default;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How a node takes part in the backbone, under the name in its certificate.
 *
 * @param topology the file that {@code holdfast backbone sign} wrote; looked at again every few
 *     seconds
 * @param door the port on loopback at which programs of this machine reach other members by HTTP
 *     CONNECT; 0 for any free one
 * @param proxy an HTTP proxy through which links are dialled, {@code http://user@host:port}
 * @param proxyPassword the file that holds that user's password, and nothing else
 */
public record BackboneSettings(
        Path topology,
        @Default("0") int door,
        Optional<URI> proxy,
        Optional<Path> proxyPassword,
        @Default("") Relaying relay) {

    /**
     * What is carried for others.
     *
     * @param bytesPerSecond all together; as fast as it goes where nothing is said
     * @param members the same for single ones, by the name of whose streams they are; 0 for nothing
     * @param streams at one time; half a megabyte each at most
     */
    public record Relaying(
            Optional<ByteSize> bytesPerSecond,
            @Default("") Map<String, ByteSize> members,
            @Default("128") int streams) {
        public static final Relaying UNLIMITED = new Relaying(Optional.empty(), Map.of(), 128);

        public Relaying {
            if (streams < 0) throw new IllegalArgumentException("streams is 0 or more");
            if (bytesPerSecond.isPresent() && bytesPerSecond.get().bytes() < 1_000)
                throw new IllegalArgumentException(
                        "bytes-per-second is at least 1kB; streams: 0 carries nothing");
        }

        Optional<ByteSize> of(String member) {
            return Optional.ofNullable(members.get(member));
        }
    }

    public BackboneSettings {
        if (door < 0 || door > 65_535)
            throw new IllegalArgumentException("door is a port, 0 to 65535");
        proxy.ifPresent(BackboneSettings::requireProxy);
        if (proxyPassword.isPresent() && proxy.map(URI::getUserInfo).orElse("").isEmpty())
            throw new IllegalArgumentException(
                    "proxy-password goes with a proxy that names its user");
    }

    private static void requireProxy(URI proxy) {
        if (!"http".equals(proxy.getScheme()) || proxy.getHost() == null || proxy.getPort() < 1)
            throw new IllegalArgumentException(
                    "proxy is http://host:port or http://user@host:port");
        String user = proxy.getUserInfo();
        if (user != null && user.indexOf(':') >= 0)
            throw new IllegalArgumentException(
                    "proxy names the user alone; its password is in the file of proxy-password");
    }

    /** A member with nothing but its topology. */
    public static BackboneSettings of(Path topology) {
        return new BackboneSettings(
                topology, 0, Optional.empty(), Optional.empty(), Relaying.UNLIMITED);
    }

    public BackboneSettings withRelay(Relaying other) {
        return new BackboneSettings(topology, door, proxy, proxyPassword, other);
    }

    public BackboneSettings withProxy(URI other, Optional<Path> password) {
        return new BackboneSettings(topology, door, Optional.of(other), password, relay);
    }
}
