package dev.holdfast.edge;

import ch.qos.logback.classic.Level;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import dev.holdfast.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Executors;

/** Runs one edge from a settings file until the process is told to stop. */
public final class EdgeMain {
    private EdgeMain() {}

    /** The exit status is 0 when it was told to stop, and 1 when it could not start or go on. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: edge SETTINGS.yaml");
            System.exit(2);
        }
        Logs.start(LogFormat.AUTO, Level.INFO);
        try {
            EdgeNode edge = start(SettingsFile.load(Path.of(arguments[0]), EdgeSettings.class));
            Runtime.getRuntime().addShutdownHook(new Thread(edge::close, "holdfast-edge-close"));
            System.err.println("edge at " + edge.address());
            StoreException failure = edge.awaitFailure();
            System.err.println("The edge stops: " + failure.getMessage());
            System.exit(1);
        } catch (SettingsException | KeysException | StoreException | IOException e) {
            System.err.println("The edge cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    /** An edge in this process, on the machine's own clock, randomness and threads. */
    public static EdgeNode start(EdgeSettings settings) throws IOException, InterruptedException {
        return EdgeNode.start(
                settings,
                InstantSource.system(),
                Entropy.system(),
                Executors.newVirtualThreadPerTaskExecutor());
    }
}
