package dev.holdfast.drill.rings;

import dev.holdfast.cli.backbone.BackboneFiles;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Ports;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.node.backbone.Lane;
import dev.holdfast.node.backbone.SignedTopology;
import dev.holdfast.node.backbone.Topology;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * The members of a drill's backbone, all linked with all: regions and edge, and two edges that only
 * carry. Used by one thread.
 */
public final class BackboneRing {
    /** Abroad, on the machine of a device. */
    public static final String VILLAGE = "village";

    /** Abroad, on a machine without a region. */
    public static final String HAVEN = "haven";

    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final Duration VALID = Duration.ofDays(30);

    private record Place(Host host, int port, int door) {}

    private final Network network;
    private final Deployment deployment;
    private final Path topology;
    private final Map<String, Place> members = new TreeMap<>();

    BackboneRing(Network network, Deployment deployment, Path folder) {
        this.network = network;
        this.deployment = deployment;
        this.topology = folder.resolve("topology.signed.yaml");
        carriers()
                .forEach((name, host) -> {
                    deployment.issue(
                            name,
                            Grant.Role.EDGE,
                            List.of(network.address(host), "localhost"),
                            VALID,
                            VALID);
                    member(name, host, Ports.free(1, new Random()));
                });
    }

    void member(String name, Host host, int port) {
        members.put(name, new Place(host, port, Ports.free(1, new Random())));
    }

    /** Those that only carry. */
    Map<String, Host> carriers() {
        Map<String, Host> all = new LinkedHashMap<>();
        all.put(VILLAGE, Host.DEVICE_B);
        all.put(HAVEN, Host.CLOUD_C);
        return all;
    }

    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    public Host host(String member) {
        return place(member).host();
    }

    int port(String member) {
        return place(member).port();
    }

    /** On the loopback of its machine. */
    public int door(String member) {
        return place(member).door();
    }

    private Place place(String member) {
        return Objects.requireNonNull(members.get(member), member);
    }

    /** What stands in the settings of a member; nothing in those of others. */
    String settings(String node) {
        if (!members.containsKey(node)) return "";
        return "\nbackbone:\n  topology: " + topology + "\n  door: " + door(node) + "\n";
    }

    void sign() {
        Map<String, Topology.Member> named = new TreeMap<>();
        members.forEach((name, place) ->
                named.put(
                        name,
                        new Topology.Member(
                                Optional.empty(),
                                reachedAt(place),
                                Optional.empty(),
                                true,
                                Optional.empty())));
        Topology whole = BackboneFiles.withKeys(new Topology(1, PROBE, named, links()), deployment);
        try {
            Files.writeString(
                    topology,
                    SignedTopology.sign(whole, deployment.authority().grantKey()::sign).text());
        } catch (IOException e) {
            throw new DrillException("writing the topology", e);
        }
    }

    private List<Topology.Link> links() {
        List<Topology.Link> links = new ArrayList<>();
        List<String> all = names();
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) links.add(link(all.get(j), all.get(i)));
        }
        return links;
    }

    /** Each link has addresses of its own, so that proxies can cut it alone. */
    private Topology.Link link(String one, String other) {
        return new Topology.Link(
                List.of(one, other),
                Lane.BULK,
                Optional.empty(),
                Optional.empty(),
                Map.of(one, address(other, one), other, address(one, other)));
    }

    private String address(String from, String to) {
        return address(place(from).host(), place(to));
    }

    private String address(Host from, Place to) {
        URI endpoint = network.endpoint(from, to.host(), to.port());
        return endpoint.getHost() + ":" + endpoint.getPort();
    }

    private List<String> reachedAt(Place place) {
        List<String> all = new ArrayList<>();
        for (Host from : Host.values()) {
            String address = address(from, place);
            if (!all.contains(address)) all.add(address);
        }
        return all;
    }
}
