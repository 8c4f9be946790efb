package dev.holdfast.drill.states;

import static dev.holdfast.drill.rings.Scene.PATIENCE;

import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.rings.DeviceMain;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Tally;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;

/**
 * A device whose clock is a day ahead. First it knows only the edge, which teaches nobody the time:
 * what it writes is stamped a day ahead, leaves, and must be corrected by the region. Amina, who
 * has seen some of it, writes over that. Then it knows the region, and must be told.
 */
final class FastClock implements Misfortune {
    private static final String NAME = "farah";
    private static final Duration AHEAD = Duration.ofDays(1);
    private static final int WRITES = 5;

    /**
     * Tallies. Each time another one: a write that replaces what was stamped ahead, as counters
     * fold their own, has to go past that.
     */
    private static final String BEFORE = NAME + "-before";

    private static final String IN_THE_DARK = NAME + "-in-the-dark";
    private static final String AFTERWARDS = NAME + "-afterwards";

    /** Patients whose telephone number it writes, and amina later. */
    private static final int CONTESTED_FROM = 201;

    private static final int CONTESTED = 5;

    private final Scene scene;
    private final Ledger ledger = new Ledger();
    private final DeviceProcess farah;
    private final URI region;
    private Duration told = Duration.ZERO;

    FastClock(Scene scene) {
        this.scene = scene;
        Rings rings = scene.rings();
        farah =
                rings.devices()
                        .start(NAME, Host.DEVICE_A, rings.edge(Host.DEVICE_A), AHEAD, ledger);
        // Asked for while there is a network to ask for it.
        region = rings.region(Host.DEVICE_A);
    }

    @Override
    public void begin() throws InterruptedException {
        farah.awaitReady();
        scene.timeline().mark("a device whose clock is a day ahead writes");
        farah.begin("contest " + CONTESTED_FROM + " " + (CONTESTED_FROM + CONTESTED - 1));
        farah.awaitDone(PATIENCE);
        write(BEFORE);
        DeviceProcess amina = scene.rings().amina();
        Scene.await(() ->
                Dots.contains(Scene.seenBy(amina), ledger.savedBy(NAME))
                        && Dots.contains(ledger.atLeast(Durability.APPLIED), ledger.savedBy(NAME)));
        Scene.contest(amina, CONTESTED_FROM, CONTESTED);
        amina.awaitDone(PATIENCE);
    }

    @Override
    public void inTheDark() {
        write(IN_THE_DARK);
        farah.stop();
        farah.restart(region);
    }

    @Override
    public void afterwards() throws InterruptedException {
        Scene.await(() -> !farah.status().clockAhead().isZero());
        told = farah.status().clockAhead();
        write(AFTERWARDS);
    }

    private void write(String name) {
        farah.perform("tally " + name + " " + WRITES + " 2", PATIENCE);
    }

    @Override
    public void judge(RegionImage region) {
        long won = 0;
        for (int i = CONTESTED_FROM; i < CONTESTED_FROM + CONTESTED; i++)
            won += wins(region, ClinicData.patient(DeviceMain.CONTESTED_FROM + i)) ? 1 : 0;
        scene.evidence()
                .saw(
                        "a clock a day ahead does not win over later writes that saw its own",
                        won == CONTESTED,
                        won + " of " + CONTESTED + " later values are shown, alone");
        judgeHealing(region);
    }

    /** Whether what amina wrote is shown, and what it replaced is nowhere. */
    private boolean wins(RegionImage region, DocumentId id) {
        String shown = region.shown().getOrDefault(id, "");
        return shown.contains("\"" + written(scene.ledger(), id) + "\"")
                && !shown.contains(written(ledger, id));
    }

    private static String written(Ledger ledger, DocumentId id) {
        return ledger.saved().stream()
                .filter(saved -> saved.document().equals(id))
                .map(Ledger.Saved::value)
                .findFirst()
                .orElse("nobody wrote this");
    }

    /**
     * What left with a wrong stamp is shown at its right time; what came later was stamped right.
     */
    private void judgeHealing(RegionImage region) {
        ReplicaId self = Objects.requireNonNull(ledger.replicas().get(NAME));
        long bound = InstantSource.system().millis() + Limits.DRIFT_MILLIS;
        long ahead = 0;
        long right = 0;
        for (RegionImage.Row row : region.operations()) {
            if (!row.dot().replica().equals(self)) continue;
            boolean isAhead = row.millis() > bound;
            boolean isLater = row.document().equals(Tally.document(AFTERWARDS));
            // What was written in the dark had left or not when it was told.
            if (isAhead) ahead++;
            else if (isLater) right++;
        }
        long shownAhead = region.shownAfter(bound);
        Duration error = told.minus(AHEAD).abs();
        boolean isTold = error.toMillis() <= Limits.DRIFT_MILLIS;
        long tallied = 0;
        for (String name : List.of(BEFORE, IN_THE_DARK, AFTERWARDS))
            tallied += Tally.of(region.store(), Tally.document(name)).count();
        scene.evidence()
                .saw(
                        "a clock a day ahead is told, and healed",
                        isTold
                                && tallied == 3L * WRITES
                                && ahead >= WRITES + CONTESTED
                                && right == WRITES
                                && shownAhead == 0,
                        "told "
                                + told.toMinutes()
                                + " min; "
                                + ahead
                                + " stamps left a day ahead, "
                                + shownAhead
                                + " still shown so; "
                                + right
                                + " later ones right");
    }
}
