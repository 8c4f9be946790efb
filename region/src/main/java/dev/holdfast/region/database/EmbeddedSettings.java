package dev.holdfast.region.database;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How {@link EmbeddedDatabase} runs its PostgreSQL.
 *
 * @param folder its data, password and output; kept from run to run
 * @param binariesFolder where PostgreSQL's programs are unpacked, once per version
 * @param port on loopback; 0 for a free one, which changes from run to run
 * @param connectionsMax what the server admits
 * @param startTimeout includes recovery after a crash
 */
public record EmbeddedSettings(
        Path folder, Path binariesFolder, int port, int connectionsMax, Duration startTimeout) {
    public EmbeddedSettings {
        folder = folder.toAbsolutePath().normalize();
        binariesFolder = binariesFolder.toAbsolutePath().normalize();
        if (connectionsMax < 10)
            throw new IllegalArgumentException("a region needs 10 connections at least");
    }

    /** The defaults: PostgreSQL's usual port, programs beside the data. */
    public static EmbeddedSettings of(Path folder) {
        return new EmbeddedSettings(
                folder, folder.resolve("programs"), 5432, 100, Duration.ofMinutes(2));
    }

    /** The same on another port. */
    public EmbeddedSettings withPort(int other) {
        return new EmbeddedSettings(folder, binariesFolder, other, connectionsMax, startTimeout);
    }

    /** The same with the programs elsewhere, so that several databases share them. */
    public EmbeddedSettings withBinaries(Path other) {
        return new EmbeddedSettings(folder, other, port, connectionsMax, startTimeout);
    }
}
