package dev.holdfast.drill.net;

import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;

/** Ports at which nobody listens, below those that the machine gives to outgoing connections. */
public final class Ports {
    private static final int FROM = 20_000;
    private static final int TO = 30_000;
    private static final int ATTEMPTS = 200;

    private Ports() {}

    /** The first of {@code count} free ones in a row. */
    public static int free(int count, RandomGenerator random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int first = random.nextInt(FROM, TO - count);
            if (areFree(first, count)) return first;
        }
        throw new DrillException("found no " + count + " free ports in a row");
    }

    private static boolean areFree(int first, int count) {
        for (int port = first; port < first + count; port++) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }
}
