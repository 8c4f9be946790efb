package dev.holdfast.steer.pool;

import dev.holdfast.node.settings.Default;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One endpoint of a pool.
 *
 * @param addresses its IPv4 and IPv6 addresses
 * @param name what a CNAME to it names, for one that has no addresses of its own here
 * @param port where it is checked, and what SRV and HTTPS records of the pool say
 * @param priority the lowest is taken first, by {@code failover}
 * @param weight how often among others, where the pool shares by lot; never at 0
 * @param latitude where it stands, in degrees north, for {@code nearest}
 * @param longitude the same in degrees east
 * @param lines whose users it is for; everybody's unless said
 */
public record EndpointSettings(
        @Default("") List<String> addresses,
        Optional<String> name,
        Optional<Integer> port,
        @Default("1") int priority,
        @Default("1") int weight,
        Optional<Double> latitude,
        Optional<Double> longitude,
        @Default("") List<String> lines) {

    public EndpointSettings {
        if (addresses.isEmpty() == name.isEmpty())
            throw new IllegalArgumentException("an endpoint has addresses, or else a name");
        if (priority < 0 || weight < 0 || weight > 65_535)
            throw new IllegalArgumentException("priority is 0 or more, weight 0 to 65535");
        addresses.forEach(EndpointSettings::requireAddress);
        if (port.isPresent() && (port.get() < 1 || port.get() > 65_535))
            throw new IllegalArgumentException("port is between 1 and 65535");
        if (latitude.isPresent() != longitude.isPresent())
            throw new IllegalArgumentException("a place has latitude and longitude");
    }

    private static void requireAddress(String text) {
        try {
            InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no address such as 203.0.113.7 or 2001:db8::7", e);
        }
    }
}
