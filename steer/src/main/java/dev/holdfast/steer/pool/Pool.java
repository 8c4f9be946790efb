package dev.holdfast.steer.pool;

import java.util.List;

/** A pool by its name, with its endpoints in the order of the file. */
public record Pool(String name, PoolSettings settings, List<Endpoint> endpoints) {
    /** What {@code settings} say. */
    public static Pool of(String name, PoolSettings settings) {
        return new Pool(
                name,
                settings,
                settings.endpoints().entrySet().stream()
                        .map(entry ->
                                Endpoint.of(
                                        new EndpointName(name, entry.getKey()),
                                        entry.getValue(),
                                        settings.check()))
                        .toList());
    }

    /** Whether some of its endpoints are only names of names elsewhere. */
    public boolean hasTargets() {
        return endpoints.stream().anyMatch(endpoint -> endpoint.target().isPresent());
    }
}
