package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the parts of a local system listen: all within ten ports, all on loopback.
 *
 * @param base the first of the ten
 */
record Ports(int base) {
    static final String HOST = "127.0.0.1";
    static final int DEFAULT_BASE = 7700;

    Ports {
        if (base < 1024 || base > 65_535 - 10) {
            throw new Failure(
                    "--port-base " + base + " cannot be",
                    "ten ports in a row are used, from 1024 to 65535",
                    "holdfast up --port-base 7800");
        }
    }

    int edge() {
        return base;
    }

    int region() {
        return base + 1;
    }

    int database() {
        return base + 2;
    }

    int namesrv() {
        return base + 3;
    }

    /** RocketMQ also takes the port two below. */
    int broker() {
        return base + 6;
    }

    private Map<String, Integer> byPart() {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("the edge", edge());
        ports.put("the region", region());
        ports.put("PostgreSQL", database());
        ports.put("RocketMQ's name server", namesrv());
        ports.put("RocketMQ", broker());
        ports.put("RocketMQ's second listener", broker() - 2);
        return ports;
    }

    /**
     * Checks that nobody listens at any of them, but for a PostgreSQL that a killed region left:
     * the region stops it by itself.
     *
     * @param regionData where such a PostgreSQL would have its data
     * @throws Failure saying at which one somebody does, and what that means
     */
    void requireFree(Path regionData) {
        boolean leftDatabase =
                Files.exists(
                        regionData.resolve("postgres").resolve("data").resolve("postmaster.pid"));
        byPart().forEach((part, port) -> {
            if (!isFree(port) && !(port == database() && leftDatabase)) {
                throw new Failure(
                        "port " + port + " is in use",
                        part + " would listen there, and another program does",
                        "end that program (ss -ltnp 'sport = :"
                                + port
                                + "' names it), or holdfast up --port-base "
                                + (base + 100 > 65_525 ? DEFAULT_BASE : base + 100));
            }
        });
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
