package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where the parts of a local system listen: all within thirty ports, all on loopback.
 *
 * @param base the first of the thirty
 */
record Ports(int base) {
    static final String HOST = "127.0.0.1";
    static final int DEFAULT_BASE = 7700;

    private static final int COUNT = 30;
    private static final int REGION_STEP = 10;

    Ports {
        if (base < 1024 || base > 65_535 - COUNT) {
            throw new Failure(
                    "--port-base " + base + " cannot be",
                    "thirty ports in a row are used, from 1024 to 65535",
                    "holdfast up --port-base 7800");
        }
    }

    /** Where devices find the edge: a link that can be cut, and leads to {@link #edge}. */
    int street() {
        return base;
    }

    /** Where the edge itself listens, and its operators ask it. */
    int edge() {
        return base + 10;
    }

    /** Where the edge finds a region: a link that can be cut, and leads to the region. */
    int cable(String region) {
        return base + 20 + Layout.REGIONS.indexOf(region);
    }

    /** Where the regions find the edge, by the same cable. */
    int cableBack() {
        return base + 29;
    }

    /** Where the switches of all that can be broken are asked. */
    int switches() {
        return base + 19;
    }

    /** Where a node is reached from a browser on this machine. */
    String address(String node) {
        int port =
                node.equals(Layout.EDGE)
                        ? edge()
                        : Layout.REGIONS.contains(node) ? of(node).http() : ofSteer(node).http();
        return "https://localhost:" + port;
    }

    /** Of every place at which a node of this system serves pages. */
    List<String> origins() {
        return Stream.concat(
                        Stream.of("https://localhost:" + street()),
                        Stream.of(Layout.REGIONS, List.of(Layout.EDGE), Layout.STEERS)
                                .flatMap(List::stream)
                                .map(this::address))
                .toList();
    }

    /** Where the edge's machine asks for other members of the backbone. */
    int edgeDoor() {
        return base + 9;
    }

    /** Where a steer's other nodes and people ask it, and where it answers DNS. */
    record OfSteer(int http, int dns) {}

    OfSteer ofSteer(String steer) {
        int from = base + REGION_STEP * Layout.STEERS.indexOf(steer);
        return new OfSteer(from + 5, from + 7);
    }

    /**
     * A region's.
     *
     * @param broker RocketMQ also takes the port two below
     */
    record OfRegion(int http, int database, int namesrv, int broker, int door) {}

    OfRegion of(String region) {
        int from = base + REGION_STEP * Layout.REGIONS.indexOf(region);
        return new OfRegion(from + 1, from + 2, from + 3, from + 6, from + 8);
    }

    private Map<String, Integer> byPart(String region) {
        OfRegion own = of(region);
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("the region " + region, own.http());
        ports.put("PostgreSQL of " + region, own.database());
        ports.put("RocketMQ's name server of " + region, own.namesrv());
        ports.put("RocketMQ of " + region, own.broker());
        ports.put("RocketMQ's second listener of " + region, own.broker() - 2);
        ports.put("the backbone's door of " + region, own.door());
        return ports;
    }

    /**
     * Checks that nobody listens at any of them, but for a PostgreSQL that a killed region left:
     * the region stops it by itself.
     *
     * @param layout where such a PostgreSQL would have its data
     * @throws Failure saying at which one somebody does, and what that means
     */
    void requireFree(Layout layout) {
        requireFree("the devices' way to the edge", street());
        requireFree("the edge", edge());
        requireFree("the regions' way to the edge", cableBack());
        requireFree("the switches", switches());
        requireFree("the backbone's door of the edge", edgeDoor());
        for (String steer : Layout.STEERS) {
            requireFree("the steer " + steer, ofSteer(steer).http());
            requireFree("DNS of " + steer, ofSteer(steer).dns());
        }
        for (String region : Layout.REGIONS) {
            requireFree("the edge's way to " + region, cable(region));
            Path postgres = layout.regionData(region).resolve("postgres");
            boolean leftDatabase = Files.exists(postgres.resolve("data").resolve("postmaster.pid"));
            byPart(region)
                    .forEach((part, port) -> {
                        if (port != of(region).database() || !leftDatabase) requireFree(part, port);
                    });
        }
    }

    private void requireFree(String part, int port) {
        if (isFree(port)) return;
        int other = base + 100 > 65_535 - COUNT ? DEFAULT_BASE : base + 100;
        throw new Failure(
                "port " + port + " is in use",
                part + " would listen there, and another program does",
                "end that program (ss -ltnp 'sport = :"
                        + port
                        + "' names it), or holdfast up --port-base "
                        + other);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // Connections that were closed lately do not count as somebody who listens.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
