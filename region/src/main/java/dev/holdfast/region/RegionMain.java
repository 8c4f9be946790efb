package dev.holdfast.region;

import ch.qos.logback.classic.Level;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.telemetry.LogFormat;
import dev.holdfast.node.telemetry.Logs;
import dev.holdfast.region.database.DatabaseException;
import dev.holdfast.region.log.LogException;
import dev.holdfast.region.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Runs one process of a region from a settings file until it is told to stop. */
public final class RegionMain {
    private RegionMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: region SETTINGS.yaml");
            System.exit(2);
        }
        Logs.start(LogFormat.AUTO, Level.INFO);
        try {
            RegionNode region =
                    start(
                            SettingsFile.load(Path.of(arguments[0]), RegionSettings.class),
                            System.err::println);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(region::close, "holdfast-region-close"));
            System.err.println("region at " + region.address());
            new CountDownLatch(1).await();
        } catch (SettingsException
                | KeysException
                | DatabaseException
                | LogException
                | StoreException
                | IOException e) {
            System.err.println("The region cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    /** A region in this process, on the machine's own clock, randomness and threads. */
    public static RegionNode start(RegionSettings settings, Consumer<String> progress)
            throws IOException, InterruptedException {
        return RegionNode.start(
                settings,
                InstantSource.system(),
                Entropy.system(),
                Executors.newVirtualThreadPerTaskExecutor(),
                progress);
    }
}
