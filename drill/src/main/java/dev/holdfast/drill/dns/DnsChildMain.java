package dev.holdfast.drill.dns;

import ch.qos.logback.classic.Level;
import dev.holdfast.keys.Entropy;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import dev.holdfast.steer.dns.DnsServer;
import dev.holdfast.steer.dns.DnsSettings;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.zone.ZonesDriver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * Steer's DNS server in a process of its own, without checks and without a limit for its clients;
 * ends with its standard input.
 */
final class DnsChildMain {
    private DnsChildMain() {}

    /** Takes the zones file, a folder of its own, and the port on 127.0.0.1. */
    public static void main(String[] arguments) throws IOException {
        Logs.start(LogFormat.AUTO, Level.WARN);
        DnsSettings settings =
                DnsSettings.at("127.0.0.1:" + arguments[2])
                        .withRate(new DnsSettings.Rate(0, 2, List.of()))
                        .withUdpThreads(2);
        try (ZonesDriver zones = ZonesDriver.open(Path.of(arguments[0]));
                DnsServer _ =
                        DnsServer.open(
                                settings,
                                Path.of(arguments[1]),
                                zones,
                                () -> Standings.NONE,
                                InstantSource.system(),
                                Entropy.system(),
                                new SimpleMeterRegistry())) {
            while (System.in.read() >= 0) {}
        }
    }
}
