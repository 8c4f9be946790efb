package dev.holdfast.drill.rings;

import dev.holdfast.cli.node.SettingsTemplate;
import dev.holdfast.cli.output.Said;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Ports;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Three steer nodes, two abroad and one in the country, and the zone in which the regions are found
 * by one name. What they do is read from their audit trails, not asked of them. Used by one thread.
 */
public final class SteerRing {
    /** Under which a region is found; it stands in the regions' certificates. */
    static final String NAME = "region.drill.test";

    private static final Duration VALID = Duration.ofDays(30);

    private record Place(Host host, int http, int dns) {}

    private final Network network;
    private final Deployment deployment;
    private final Path folder;
    private final Map<String, Place> places = new LinkedHashMap<>();

    SteerRing(Network network, Deployment deployment, Path folder) {
        this.network = network;
        this.deployment = deployment;
        this.folder = folder;
        add("steer-1", Host.DEVICE_B);
        add("steer-2", Host.CLOUD_C);
        add("steer-3", Host.EDGE);
    }

    private void add(String name, Host host) {
        deployment.issueWithoutGrant(name, List.of(network.address(host), "localhost"), VALID);
        places.put(name, new Place(host, Ports.free(1, new Random()), Ports.free(1, new Random())));
    }

    /** Where each stands. */
    Map<String, Host> hosts() {
        Map<String, Host> hosts = new LinkedHashMap<>();
        places.forEach((name, place) -> hosts.put(name, place.host()));
        return hosts;
    }

    public List<String> names() {
        return List.copyOf(places.keySet());
    }

    /** The machine of one of them. */
    public Host host(String name) {
        return place(name).host();
    }

    /** Where they answer, for devices. */
    List<String> nameServers() {
        return places.values().stream()
                .map(place -> network.address(place.host()) + ":" + place.dns())
                .toList();
    }

    /** Where devices find a region, whichever. */
    static URI endpoint(int port) {
        return URI.create("https://" + NAME + ":" + port);
    }

    /** Regions in the order in which they are preferred; all at the same port. */
    void write(List<RegionProcess> regions) {
        StringBuilder endpoints = new StringBuilder();
        for (int i = 0; i < regions.size(); i++)
            endpoints
                    .append("      ")
                    .append(regions.get(i).name())
                    .append(": {addresses: [")
                    .append(network.address(regions.get(i).host()))
                    .append("], priority: ")
                    .append(i + 1)
                    .append("}\n");
        String zones =
                "pools:\n  regions:\n    check: {kind: ready, port: "
                        + regions.getFirst().port()
                        + ", every: 2s, timeout: 1s, down-after: 3, up-after: 2}\n"
                        + "    ttl: 5s\n    endpoints:\n"
                        + endpoints
                        + "zones:\n  drill.test:\n    soa: {primary: ns1, mailbox: hostmaster}\n"
                        + "    records:\n      \"@\": {ns: [ns1]}\n      ns1: {a: ["
                        + network.address(Host.DEVICE_B)
                        + "]}\n      region: {pool: regions}\n";
        try {
            Files.writeString(folder.resolve("zones.yaml"), zones);
            for (String name : places.keySet())
                Files.writeString(settings(name), SettingsTemplate.STEER.filled(values(name)));
        } catch (IOException e) {
            throw new DrillException("writing the settings of the steers", e);
        }
    }

    private Map<String, String> values(String name) {
        Place own = place(name);
        String others =
                places.entrySet().stream()
                        .filter(other -> !other.getKey().equals(name))
                        .map(other ->
                                other.getKey()
                                        + ": https://"
                                        + network.address(other.getValue().host())
                                        + ":"
                                        + other.getValue().http())
                        .collect(Collectors.joining(", "));
        String address = network.address(own.host());
        return Map.of(
                "file",
                settings(name).toString(),
                "data",
                data(name).toString(),
                "keys",
                deployment.node(name).folder().toString(),
                "host",
                address,
                "port",
                Integer.toString(own.http()),
                "origins",
                "",
                "dns",
                address + ":" + own.dns(),
                "zones",
                folder.resolve("zones.yaml").toString(),
                "line",
                "default",
                "others",
                others);
    }

    private Place place(String name) {
        Place place = places.get(name);
        if (place == null) throw new DrillException("no steer is called " + name);
        return place;
    }

    private Path settings(String name) {
        return folder.resolve(name + ".yaml");
    }

    private Path data(String name) {
        return folder.resolve(name);
    }

    /** How often what a node answers has changed so far, for whatever region. */
    public long changes(String name) {
        return standings(name).size();
    }

    /** Whether a node names the region among those that work, by its newest change. */
    public boolean isUp(String name, RegionProcess region) {
        List<Value> about =
                standings(name).stream()
                        .filter(entry ->
                                Said.text(entry, "endpoint").equals("regions/" + region.name()))
                        .toList();
        return !about.isEmpty() && Said.text(about.getLast(), "what").startsWith("up");
    }

    private List<Value> standings(String name) {
        Path trail = data(name).resolve("audit.jsonl");
        try {
            return Files.readAllLines(trail).stream()
                    .filter(line -> line.endsWith("}")) // not one that is being written
                    .map(Json::parse)
                    .filter(entry -> Said.text(entry, "kind").equals("standing"))
                    .toList();
        } catch (IOException e) {
            throw new DrillException("reading the audit trail of " + name, e);
        }
    }
}
