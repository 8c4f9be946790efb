package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.PATIENCE;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/**
 * A device whose database is put back as it was: backed up with writes in it that had not been sent
 * yet, it sent them and wrote on, and then the backup is restored. It would give out numbers again
 * that others know already, were it not for the witness beside the database.
 */
final class RestoredBackup implements Misfortune {
    private static final String NAME = "dalia";
    private static final int WRITES = 10;

    private final Scene scene;
    private final Ledger ledger = new Ledger();
    private final DeviceProcess dalia;
    private final Path database;
    private final Path backup;
    private Context backedUp = new Context();

    RestoredBackup(Scene scene) {
        this.scene = scene;
        Rings rings = scene.rings();
        dalia = rings.devices().start(NAME, Host.DEVICE_A, rings.edge(Host.DEVICE_A), ledger);
        database = dalia.folder().resolve("store.db");
        backup = dalia.folder().resolveSibling(NAME + "-backup.db");
    }

    @Override
    public void begin() {
        dalia.awaitReady();
        write();
    }

    @Override
    public void inTheDark() {
        write();
        // A device that was stopped has all of its store in this one file.
        dalia.stop();
        backedUp = scene.rings().dead(dalia.folder()).context();
        copy(database, backup);
        dalia.restart();
        write();
    }

    @Override
    public void afterwards() throws InterruptedException {
        Scene.await(() -> Dots.contains(ledger.atLeast(Durability.EDGE), ledger.savedBy(NAME)));
        dalia.stop();
        copy(backup, database);
        scene.timeline().mark("a device restored from a backup");
        dalia.restart();
        write();
    }

    @Override
    public void judge(RegionImage region) {
        Tally tally = Tally.of(region.store(), Tally.document(NAME));
        Set<String> saved = ledger.values();
        // Else the backup was no older than what others knew, and nothing was at stake.
        long newer = Dots.count(Dots.minus(ledger.atLeast(Durability.EDGE), backedUp));
        long lost = tally.missing(saved);
        boolean held = newer > 0 && lost == 0 && tally.excess() == 0 && ledger.reused() == 0;
        scene.evidence()
                .saw(
                        "a device restored from a backup loses nothing, overwrites nothing",
                        held,
                        lost
                                + " of "
                                + saved.size()
                                + " writes lost, "
                                + tally.excess()
                                + " counted again; the backup lacked "
                                + newer);
    }

    private void write() {
        dalia.perform("tally " + NAME + " " + WRITES + " 2", PATIENCE);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DrillException("copying " + from + " to " + to, e);
        }
    }
}
