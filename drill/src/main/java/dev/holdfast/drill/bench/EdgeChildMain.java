package dev.holdfast.drill.bench;

import ch.qos.logback.classic.Level;
import dev.holdfast.edge.EdgeMain;
import dev.holdfast.edge.EdgeNode;
import dev.holdfast.edge.EdgeSettings;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A real edge without a region, in a process of its own: says its address in a line, and ends with
 * its standard input.
 */
final class EdgeChildMain {
    private EdgeChildMain() {}

    /** Takes the edge's data folder, and the folder with its keys. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Logs.start(LogFormat.AUTO, Level.WARN);
        EdgeSettings settings =
                EdgeSettings.of(
                        Path.of(arguments[0]),
                        Path.of(arguments[1]),
                        HttpSettings.at("127.0.0.1", 0),
                        List.of());
        try (EdgeNode edge = EdgeMain.start(settings)) {
            System.out.println(edge.address());
            while (System.in.read() >= 0) {}
        }
        System.exit(0);
    }
}
