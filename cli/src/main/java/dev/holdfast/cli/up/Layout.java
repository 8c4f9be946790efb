package dev.holdfast.cli.up;

import java.nio.file.Path;
import java.util.List;

/**
 * Where everything of a local system is kept.
 *
 * @param data the folder of all of it
 */
record Layout(Path data) {
    /** The first is home, and the edge's. */
    static final List<String> REGIONS = List.of("singapore", "jakarta");

    static final String EDGE = "edge-1";
    static final String SCOPE = "clinic-7";

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

    Path device(String name) {
        return data.resolve("devices").resolve(name);
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
}
