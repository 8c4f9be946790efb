package dev.holdfast.steer.pool;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One endpoint, as answers name it.
 *
 * @param target what a CNAME to it names, in place of addresses
 * @param port what SRV and HTTPS records say
 * @param lines whose users it is for; everybody's when empty
 */
public record Endpoint(
        EndpointName name,
        List<InetAddress> addresses,
        Optional<String> target,
        int port,
        int priority,
        int weight,
        Optional<Place> place,
        List<String> lines) {

    static Endpoint of(EndpointName name, EndpointSettings settings, CheckSettings check) {
        return new Endpoint(
                name,
                settings.addresses().stream().map(InetAddress::ofLiteral).toList(),
                settings.name(),
                settings.port().orElse(check.port()),
                settings.priority(),
                settings.weight(),
                settings.latitude()
                        .flatMap(north -> settings.longitude().map(east -> new Place(north, east))),
                settings.lines());
    }

    /** Whether it is for the users of {@code line}. */
    public boolean isFor(String line) {
        return lines.isEmpty() || lines.contains(line);
    }
}
