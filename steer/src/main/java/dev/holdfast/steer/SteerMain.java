package dev.holdfast.steer;

import ch.qos.logback.classic.Level;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** Runs one steer node from a settings file until the process is told to stop. */
public final class SteerMain {
    private SteerMain() {}

    /** The exit status is 0 when it was told to stop, and 1 when it could not start. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: steer SETTINGS.yaml");
            System.exit(2);
        }
        Logs.start(LogFormat.AUTO, Level.INFO);
        try {
            SteerNode steer = start(SettingsFile.load(Path.of(arguments[0]), SteerSettings.class));
            Runtime.getRuntime().addShutdownHook(new Thread(steer::close, "holdfast-steer-close"));
            System.err.println("steer at " + steer.address());
            new CountDownLatch(1).await();
        } catch (SettingsException | KeysException | IOException e) {
            System.err.println("Steer cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    /** A node in this process, on the machine's own clock, randomness and threads. */
    public static SteerNode start(SteerSettings settings) throws IOException, InterruptedException {
        return SteerNode.start(
                settings,
                InstantSource.system(),
                Entropy.system(),
                Executors.newVirtualThreadPerTaskExecutor());
    }
}
