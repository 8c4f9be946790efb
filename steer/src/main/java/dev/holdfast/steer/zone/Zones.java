package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.steer.pool.Pool;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** All that a zones file says, checked as a whole. Immutable, so that an answer is of one file. */
public final class Zones {
    /** Nothing at all: every question is refused. */
    public static final Zones NONE = new Zones(new Lines(Map.of()), Map.of(), Map.of());

    private final Lines lines;
    private final Map<String, Pool> pools;
    private final Map<DnsName, Zone> zones;

    Zones(Lines lines, Map<String, Pool> pools, Map<DnsName, Zone> zones) {
        this.lines = lines;
        this.pools = Map.copyOf(pools);
        this.zones = Map.copyOf(zones);
    }

    /**
     * Reads {@code file}.
     *
     * @param serial of zones that say none themselves
     * @throws SettingsException when it cannot be read, or names its mistakes with their lines
     */
    public static Zones load(Path file, long serial) {
        return parse(SettingsFile.read(file), file.toString(), serial);
    }

    /** As {@link #load}, from text; {@code origin} names it in problems. */
    public static Zones parse(String yaml, String origin, long serial) {
        return SettingsFile.parse(
                yaml,
                origin,
                ZonesSettings.class,
                (settings, mistakes) -> new ZonesReading(settings, mistakes, serial).read());
    }

    public Lines lines() {
        return lines;
    }

    /** By name. */
    public Map<String, Pool> pools() {
        return pools;
    }

    /** By the name of their apex. */
    public Map<DnsName, Zone> zones() {
        return zones;
    }

    /**
     * The zone that has the answers for {@code name}: the one with the longest name that holds it.
     */
    public Optional<Zone> holding(DnsName name) {
        for (DnsName at = name; ; at = at.parent()) {
            Zone zone = zones.get(at);
            if (zone != null) return Optional.of(zone);
            if (at.isRoot()) return Optional.empty();
        }
    }
}
