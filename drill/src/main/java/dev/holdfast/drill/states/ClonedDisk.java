package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.PATIENCE;

import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.rings.DeviceMain;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Tally;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A device whose whole folder is copied, key and witness and all; both go on, on two machines, and
 * give out the same numbers to different writes while neither knows of the other.
 */
final class ClonedDisk implements Misfortune {
    private static final String NAME = "emeka";
    private static final int WRITES = 10;

    /** Patients whose telephone number both write. */
    private static final int CONTESTED_FROM = 301;

    private static final int CONTESTED = 3;

    private final Scene scene;
    private final Ledger ledger = new Ledger();
    private final Ledger copysLedger = new Ledger();
    private final DeviceProcess original;
    private final URI copysEdge;
    private Optional<DeviceProcess> copy = Optional.empty();

    ClonedDisk(Scene scene) {
        this.scene = scene;
        Rings rings = scene.rings();
        original = rings.devices().start(NAME, Host.DEVICE_A, rings.edge(Host.DEVICE_A), ledger);
        // Asked for while there is a network to ask for it.
        copysEdge = rings.edge(Host.DEVICE_B);
    }

    @Override
    public void begin() {
        original.awaitReady();
        write(original);
    }

    @Override
    public void inTheDark() {
        write(original);
        original.stop();
        DeviceProcess second =
                scene.rings()
                        .devices()
                        .clone(original, NAME + "-copy", Host.DEVICE_B, copysEdge, copysLedger);
        copy = Optional.of(second);
        scene.timeline().mark("a device's disk cloned");
        original.restart();
        second.awaitReady();
        for (DeviceProcess each : List.of(original, second)) {
            write(each);
            Scene.contest(each, CONTESTED_FROM, CONTESTED);
            each.awaitDone(PATIENCE);
        }
    }

    @Override
    public void afterwards() throws InterruptedException {
        DeviceProcess second = copy.orElseThrow(() -> new DrillException("there is no copy"));
        Scene.await(() -> original.status().settled() && second.status().settled());
        write(original);
        write(second);
    }

    @Override
    public void judge(RegionImage region) {
        Tally tally = Tally.of(region.store(), Tally.document(NAME));
        Set<String> tallied = new TreeSet<>(ledger.values());
        tallied.addAll(copysLedger.values());
        Set<String> telephones = new TreeSet<>(tallied);
        telephones.removeIf(value -> !value.startsWith("+"));
        tallied.removeAll(telephones);
        long lost = tally.missing(tallied) + telephones.size() - readable(region, telephones);
        long both = Dots.count(ledger.savedBy(NAME)) - Dots.count(onlyOriginals());
        scene.evidence()
                .saw(
                        "a cloned disk loses nothing, overwrites nothing",
                        both > 0 && lost == 0 && tally.excess() == 0,
                        lost
                                + " of "
                                + (tallied.size() + telephones.size())
                                + " writes lost, "
                                + tally.excess()
                                + " counted again; "
                                + both
                                + " numbers were given out by both");
    }

    private dev.holdfast.core.merge.Context onlyOriginals() {
        return Dots.minus(ledger.savedBy(NAME), copysLedger.savedBy(NAME + "-copy"));
    }

    /** How many of the telephone numbers stand at their patients, shown or as a conflict. */
    private static long readable(RegionImage region, Set<String> telephones) {
        long count = 0;
        for (int i = CONTESTED_FROM; i < CONTESTED_FROM + CONTESTED; i++) {
            String shown =
                    region.shown()
                            .getOrDefault(ClinicData.patient(DeviceMain.CONTESTED_FROM + i), "");
            count += telephones.stream().filter(each -> shown.contains("\"" + each + "\"")).count();
        }
        return count;
    }

    private static void write(DeviceProcess device) {
        device.perform("tally " + NAME + " " + WRITES + " 2", PATIENCE);
    }
}
