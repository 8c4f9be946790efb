package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
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
     * Checks that nobody listens at any of them.
     *
     * @throws Failure saying at which one somebody does, and what that means
     */
    void requireFree() {
        byPart().forEach((part, port) -> {
            if (!isFree(port)) {
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

    /** Waits, {@code patience} at most, until nobody listens at the nodes' own ports. */
    void awaitFree(Duration patience) throws InterruptedException {
        for (Duration waited = Duration.ZERO;
                waited.compareTo(patience) < 0;
                waited = waited.plusMillis(200)) {
            if (byPart().values().stream().allMatch(Ports::isFree)) return;
            Thread.sleep(Duration.ofMillis(200));
        }
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
