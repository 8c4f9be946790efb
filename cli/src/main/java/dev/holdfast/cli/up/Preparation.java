package dev.holdfast.cli.up;

import dev.holdfast.cli.backbone.BackboneFiles;
import dev.holdfast.cli.device.DeviceFolder;
import dev.holdfast.cli.node.SettingsTemplate;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.Rights;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.backbone.Lane;
import dev.holdfast.node.backbone.SignedTopology;
import dev.holdfast.node.backbone.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * All that must be on the disk before a local system can start: the deployment's keys, the nodes'
 * and devices' identities, and settings. Made at the first start; a start that was cut short is
 * made up for by the next.
 */
final class Preparation {
    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final Duration NODES_VALID = Duration.ofDays(365);
    private static final Duration DEVICES_VALID = Duration.ofDays(365);

    private final Layout layout;
    private final Ports ports;
    private final Clinic clinic;
    private final Console console;
    private final Entropy entropy;
    private final InstantSource clock;

    Preparation(
            Layout layout,
            Ports ports,
            Clinic clinic,
            Console console,
            Entropy entropy,
            InstantSource clock) {
        this.layout = layout;
        this.ports = ports;
        this.clinic = clinic;
        this.console = console;
        this.entropy = entropy;
        this.clock = clock;
    }

    /** Makes what is missing, and tells of it. */
    void run(Consumer<String> told) {
        Deployment deployment =
                Deployment.openOrCreate(layout.keys(), "holdfast-local", entropy, clock);
        if (Files.exists(layout.edgeBurns())) burn(deployment);
        for (String region : Layout.REGIONS) provide(deployment, region, Grant.Role.REGION, told);
        provide(deployment, Layout.EDGE, Grant.Role.EDGE, told);
        for (String steer : Layout.STEERS) provideUngranted(deployment, steer, told);
        provideUngranted(deployment, Switchboard.NAME, told);
        for (String name : Layout.DEVICES) enrol(deployment, name, told);
        for (String region : Layout.REGIONS)
            write(
                    SettingsTemplate.REGION,
                    region,
                    regionValues(deployment, region),
                    console() + backbone(ports.of(region).door()));
        clinic.publish(layout, deployment);
        console.publish(layout, ports, deployment, entropy);
        write(
                SettingsTemplate.EDGE,
                Layout.EDGE,
                edgeValues(deployment),
                site() + console() + backbone(ports.edgeDoor()));
        steer(deployment);
        link(deployment);
    }

    /**
     * Makes what the edge needs anew, once its process is gone: its disk is lost, and what takes
     * its place has keys and a grant of its own. All others go on with the settings that they have.
     */
    void burnEdge() {
        Deployment deployment = Deployment.open(layout.keys(), entropy, clock);
        burn(deployment);
        provide(deployment, Layout.EDGE, Grant.Role.EDGE, _ -> {});
        link(deployment);
    }

    private void burn(Deployment deployment) {
        try {
            Files.createDirectories(layout.edgeBurns().resolveSibling("."));
            if (!Files.exists(layout.edgeBurns())) Files.createFile(layout.edgeBurns());
            Layout.deleteAll(layout.edgeData());
            Layout.deleteAll(deployment.node(Layout.EDGE).folder());
            Files.delete(layout.edgeBurns());
        } catch (IOException e) {
            throw new UncheckedIOException("burning the edge", e);
        }
    }

    /** Two that stand on the same machine, and a zone that names the regions. */
    private void steer(Deployment deployment) {
        for (String steer : Layout.STEERS) {
            String others =
                    Layout.STEERS.stream()
                            .filter(other -> !other.equals(steer))
                            .map(other ->
                                    other + ": https://localhost:" + ports.ofSteer(other).http())
                            .collect(Collectors.joining(", "));
            Map<String, String> values =
                    Map.of(
                            "file", layout.settings(steer).toString(),
                            "data", layout.steerData(steer).toString(),
                            "keys", deployment.node(steer).folder().toString(),
                            "host", Ports.HOST,
                            "port", Integer.toString(ports.ofSteer(steer).http()),
                            "origins", origins(),
                            "dns", Ports.HOST + ":" + ports.ofSteer(steer).dns(),
                            "zones", layout.zones().toString(),
                            "line", "default",
                            "others", others);
            write(SettingsTemplate.STEER, steer, values, console());
        }
        write(layout.zones(), zones());
    }

    /** All on one address, so that it is the port that tells the regions apart: SRV has it. */
    private String zones() {
        StringBuilder endpoints = new StringBuilder();
        for (String region : Layout.REGIONS)
            endpoints
                    .append("      ")
                    .append(region)
                    .append(": {addresses: [")
                    .append(Ports.HOST)
                    .append("], port: ")
                    .append(ports.of(region).http())
                    .append(", priority: ")
                    .append(Layout.REGIONS.indexOf(region) + 1)
                    .append("}\n");
        return "pools:\n"
                + "  regions:\n"
                + "    policy: failover\n"
                + "    check: {kind: ready}\n"
                + "    endpoints:\n"
                + endpoints
                + "zones:\n"
                + "  holdfast.test:\n"
                + "    soa: {primary: ns1, mailbox: hostmaster}\n"
                + "    records:\n"
                + "      \"@\": {ns: [ns1]}\n"
                + "      ns1: {a: ["
                + Ports.HOST
                + "]}\n"
                + "      region: {pool: regions}\n"
                + "      _https._tcp.region: {pool: regions}\n";
    }

    /** All nodes with all; with a new serial where anything is another than before. */
    private void link(Deployment deployment) {
        Optional<Topology> before = Optional.empty();
        if (Files.exists(layout.topology())) {
            before =
                    Optional.of(
                            SignedTopology.load(
                                            layout.topology(),
                                            Set.of(deployment.grantsPublicKey()),
                                            new Verifier())
                                    .topology());
        }
        long serial = before.map(Topology::serial).orElse(1L);
        Topology now = topology(deployment, serial);
        if (before.isPresent() && before.get().equals(now)) return;
        if (before.isPresent()) now = topology(deployment, serial + 1);
        DurableFile.write(
                layout.topology(),
                SignedTopology.sign(now, deployment.authority().grantKey()::sign)
                        .text()
                        .getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    private Topology topology(Deployment deployment, long serial) {
        Map<String, Topology.Member> members = new TreeMap<>();
        members.put(Layout.EDGE, member(ports.edge(), ports.cableBack()));
        for (String region : Layout.REGIONS)
            members.put(region, member(ports.of(region).http(), ports.cable(region)));
        List<String> names = List.copyOf(members.keySet());
        List<Topology.Link> links = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < i; j++) links.add(link(names.get(j), names.get(i)));
        }
        return BackboneFiles.withKeys(new Topology(serial, PROBE, members, links), deployment);
    }

    /** With the edge by the cable. */
    private Topology.Link link(String one, String other) {
        if (!one.equals(Layout.EDGE) && !other.equals(Layout.EDGE))
            return Topology.Link.between(one, other);
        String region = one.equals(Layout.EDGE) ? other : one;
        return new Topology.Link(
                List.of(one, other),
                Lane.BULK,
                Optional.empty(),
                Optional.empty(),
                Map.of(
                        Layout.EDGE,
                        Ports.HOST + ":" + ports.cableBack(),
                        region,
                        Ports.HOST + ":" + ports.cable(region)));
    }

    private static Topology.Member member(int port, int byCable) {
        return new Topology.Member(
                Optional.of(Ports.HOST + ":" + port),
                List.of("localhost:" + port, "localhost:" + byCable),
                Optional.empty(),
                true,
                Optional.empty());
    }

    private void provide(
            Deployment deployment, String name, Grant.Role role, Consumer<String> told) {
        Deployment.Node node = deployment.node(name);
        if (!node.isIssued()) {
            told.accept("making the keys of " + name);
            deployment.issue(
                    name, role, List.of("localhost", "127.0.0.1"), NODES_VALID, NODES_VALID);
        } else if (node.identity().renewalIsDue(clock.instant())) {
            told.accept("renewing the keys of " + name);
            deployment.renew(name, NODES_VALID);
        }
    }

    /** A steer authors and reads nothing, and so has no grant; nor have the switches. */
    private void provideUngranted(Deployment deployment, String name, Consumer<String> told) {
        Deployment.Node node = deployment.node(name);
        if (!node.isIssued()) {
            told.accept("making the keys of " + name);
            deployment.issueWithoutGrant(name, List.of("localhost", Ports.HOST), NODES_VALID);
        } else if (node.identity().renewalIsDue(clock.instant())) {
            told.accept("renewing the keys of " + name);
            deployment.renew(name, NODES_VALID);
        }
    }

    /** Again at every start, so that the devices know where the edge is now. */
    private void enrol(Deployment deployment, String name, Consumer<String> told) {
        DeviceFolder device = new DeviceFolder(layout.device(name));
        if (!device.isEnrolled()) told.accept("enrolling the device of " + name);
        Bytes key = device.init(entropy);
        SignedGrant grant =
                deployment.grant(
                        key,
                        "nurse-" + name,
                        Grant.Role.DEVICE,
                        List.of(Rights.parse(Layout.SCOPE + ":read,write=*")),
                        DEVICES_VALID,
                        DEVICES_VALID);
        device.enrol(
                grant,
                layout.keys(),
                Layout.SCOPE,
                List.of(URI.create("https://localhost:" + ports.street())));
    }

    private Map<String, String> regionValues(Deployment deployment, String region) {
        Ports.OfRegion own = ports.of(region);
        String peers =
                Layout.REGIONS.stream()
                        .filter(other -> !other.equals(region))
                        .map(this::address)
                        .collect(Collectors.joining(", "));
        return Map.ofEntries(
                Map.entry("file", layout.settings(region).toString()),
                Map.entry("data", layout.regionData(region).toString()),
                Map.entry("keys", deployment.node(region).folder().toString()),
                Map.entry("host", Ports.HOST),
                Map.entry("port", Integer.toString(own.http())),
                Map.entry("origins", origins()),
                Map.entry("database-port", Integer.toString(own.database())),
                Map.entry("namesrv-port", Integer.toString(own.namesrv())),
                Map.entry("broker-port", Integer.toString(own.broker())),
                Map.entry("home", Boolean.toString(region.equals(Layout.REGIONS.getFirst()))),
                Map.entry("peers", peers));
    }

    private String address(String region) {
        return ports.address(region);
    }

    private Map<String, String> edgeValues(Deployment deployment) {
        return Map.of(
                "file", layout.settings(Layout.EDGE).toString(),
                "data", layout.edgeData().toString(),
                "keys", deployment.node(Layout.EDGE).folder().toString(),
                "host", Ports.HOST,
                "port", Integer.toString(ports.edge()),
                "origins", origins(),
                "region",
                        Layout.REGIONS.stream()
                                .map(region -> "https://localhost:" + ports.cable(region))
                                .collect(Collectors.joining(", ")));
    }

    /** At every start, since ports and folders may be others now; so edits would be lost. */
    private void write(
            SettingsTemplate template, String node, Map<String, String> values, String more) {
        write(layout.settings(node), template.filled(values) + more);
    }

    private String backbone(int door) {
        return "\nbackbone:\n  topology: " + layout.topology() + "\n  door: " + door + "\n";
    }

    private String site() {
        return clinic.pages().areBuilt() ? "\nsite: " + layout.site() + "\n" : "";
    }

    private String console() {
        return console.pages().areBuilt() ? "\nconsole: " + layout.console() + "\n" : "";
    }

    private String origins() {
        return String.join(", ", ports.origins());
    }

    private static void write(Path file, String settings) {
        String text =
                "# \"holdfast up\" writes this file at every start. Copy it to change it.\n"
                        + settings;
        DurableFile.write(
                file, text.getBytes(StandardCharsets.UTF_8), DurableFile.Readers.EVERYBODY);
    }
}
