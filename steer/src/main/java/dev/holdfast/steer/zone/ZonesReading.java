package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.SettingsFile.Mistakes;
import dev.holdfast.steer.pool.Pool;
import dev.holdfast.steer.pool.Standings;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One reading of a zones file: makes {@link Zones} of its settings, and tells what is wrong. */
final class ZonesReading {
    private final ZonesSettings settings;
    private final Mistakes mistakes;
    private final long serial;

    ZonesReading(ZonesSettings settings, Mistakes mistakes, long serial) {
        this.settings = settings;
        this.mistakes = mistakes;
        this.serial = serial;
    }

    /** What it says; of no use when a mistake was told. */
    Zones read() {
        Lines lines = lines();
        Map<String, Pool> pools = pools(lines);
        Map<DnsName, Zone> zones = new HashMap<>();
        settings.zones()
                .forEach((name, zone) -> {
                    List<String> path = List.of("zones", name);
                    try {
                        Zone read =
                                new ZoneReading(DnsName.parse(name), zone, path, pools, mistakes)
                                        .read(serial);
                        if (zones.put(read.origin(), read) != null)
                            mistakes.at(
                                    path,
                                    "the zone " + read.origin() + " stands here a second time");
                    } catch (IllegalArgumentException e) {
                        mistakes.at(path, String.valueOf(e.getMessage()));
                    }
                });
        zones.values().forEach(zone -> requireDelegation(zone, zones));
        return new Zones(lines, pools, zones);
    }

    private Lines lines() {
        settings.lines()
                .forEach((name, line) -> {
                    if (name.equals(Standings.EVERYBODY_ELSE) && !line.networks().isEmpty())
                        mistakes.at(
                                List.of("lines", name),
                                "the line default has the addresses that no other has, and no"
                                        + " networks");
                });
        try {
            return new Lines(settings.lines());
        } catch (IllegalArgumentException e) {
            mistakes.at(List.of("lines"), String.valueOf(e.getMessage()));
            return new Lines(Map.of());
        }
    }

    private Map<String, Pool> pools(Lines lines) {
        Map<String, Pool> pools = new LinkedHashMap<>();
        settings.pools()
                .forEach((name, written) -> {
                    List<String> path = List.of("pools", name);
                    try {
                        Pool pool = Pool.of(name, written);
                        pools.put(name, pool);
                        pool.endpoints()
                                .forEach(endpoint -> {
                                    List<String> at =
                                            List.of(
                                                    "pools",
                                                    name,
                                                    "endpoints",
                                                    endpoint.name().endpoint());
                                    endpoint.target().ifPresent(target -> requireName(target, at));
                                    endpoint.lines().stream()
                                            .filter(line -> !lines.names().contains(line))
                                            .forEach(line ->
                                                    mistakes.at(
                                                            at,
                                                            "there is no line \"" + line + "\""));
                                });
                        for (String line : lines.names()) {
                            if (pool.endpoints().stream()
                                    .noneMatch(endpoint -> endpoint.isFor(line)))
                                mistakes.at(path, "none of its endpoints is for the line " + line);
                        }
                    } catch (IllegalArgumentException e) {
                        mistakes.at(path, String.valueOf(e.getMessage()));
                    }
                });
        return pools;
    }

    private void requireName(String text, List<String> at) {
        try {
            DnsName name = DnsName.parse(text);
            if (name.labels() < 2)
                mistakes.at(at, "\"" + text + "\" must be a whole name, such as jakarta.example");
        } catch (IllegalArgumentException e) {
            mistakes.at(at, String.valueOf(e.getMessage()));
        }
    }

    /** Else the upper zone says that the lower one is not there. */
    private void requireDelegation(Zone zone, Map<DnsName, Zone> zones) {
        if (zone.origin().isRoot()) return;
        for (DnsName at = zone.origin().parent(); ; at = at.parent()) {
            Zone upper = zones.get(at);
            if (upper != null) {
                boolean delegated =
                        upper.at(zone.origin())
                                .flatMap(Node::cut)
                                .filter(zone.origin()::equals)
                                .isPresent();
                if (!delegated)
                    mistakes.at(
                            List.of("zones", upper.origin().toString()),
                            "the zone " + zone.origin() + " is below it and needs an ns there");
                return;
            }
            if (at.isRoot()) return;
        }
    }
}
