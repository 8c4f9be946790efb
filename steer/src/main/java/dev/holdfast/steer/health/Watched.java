package dev.holdfast.steer.health;

import dev.holdfast.steer.pool.CheckSettings;
import java.util.List;
import java.util.Optional;

/**
 * An endpoint, as far as looking at it goes.
 *
 * @param addresses those that must all be well
 * @param name of one that has no addresses here: any of those that the system's resolver has for it
 *     will do
 */
public record Watched(
        List<String> addresses, Optional<String> name, int port, CheckSettings check) {
    public Watched {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() == name.isEmpty())
            throw new IllegalArgumentException("addresses, or else a name");
    }
}
