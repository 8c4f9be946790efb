package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.Default;
import java.util.List;
import java.util.Optional;

/**
 * One line of users.
 *
 * @param networks whose addresses are of it, such as {@code 10.1.0.0/16}; the longest prefix of all
 *     lines decides
 * @param latitude where its users are, in degrees north, for pools that take the nearest
 * @param longitude the same in degrees east
 */
public record LineSettings(
        @Default("") List<String> networks, Optional<Double> latitude, Optional<Double> longitude) {

    public LineSettings {
        networks.forEach(Network::parse);
        if (latitude.isPresent() != longitude.isPresent())
            throw new IllegalArgumentException("a place has latitude and longitude");
    }
}
