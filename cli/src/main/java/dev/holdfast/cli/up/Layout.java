package dev.holdfast.cli.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where everything of a local system is kept.
 *
 * @param data the folder of all of it
 */
record Layout(Path data) {
    /** The first is home, and the edge's. */
    static final List<String> REGIONS = List.of("singapore", "jakarta");

    static final String EDGE = "edge-1";
    static final List<String> STEERS = List.of("steer-1", "steer-2");
    static final String SCOPE = "clinic-7";

    /** Under which the regions are found, in a zone that exists on this machine alone. */
    static final String REGION_NAME = "_https._tcp.region.holdfast.test";

    /** The demo's devices, each with its nurse's name. */
    static final List<String> DEVICES = List.of("amina", "bashir");

    Path keys() {
        return data.resolve("keys");
    }

    Path regionData(String region) {
        return data.resolve("regions").resolve(region);
    }

    Path edgeData() {
        return data.resolve("edges").resolve(EDGE);
    }

    /** Stands while the edge burns, so that a start after a fire that was cut short ends it. */
    Path edgeBurns() {
        return data.resolve("edges").resolve(EDGE + ".burns");
    }

    Path steerData(String steer) {
        return data.resolve("steers").resolve(steer);
    }

    /** What the steers answer. */
    Path zones() {
        return data.resolve("settings").resolve("zones.yaml");
    }

    Path device(String name) {
        return data.resolve("devices").resolve(name);
    }

    /** The pages that the edge serves. */
    Path site() {
        return data.resolve("site");
    }

    /** The pages for operators, which every node serves. */
    Path console() {
        return data.resolve("console");
    }

    /** The grant that opens them. */
    Path operator() {
        return data.resolve("operator.grant");
    }

    Path settings(String node) {
        return data.resolve("settings").resolve(node + ".yaml");
    }

    /** Who is linked with whom. */
    Path topology() {
        return data.resolve("settings").resolve("topology.signed.yaml");
    }

    Path log(String node) {
        return data.resolve("log").resolve(node + ".log");
    }

    /** Deletes a folder and all that is in it; nothing where there is none. */
    static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
