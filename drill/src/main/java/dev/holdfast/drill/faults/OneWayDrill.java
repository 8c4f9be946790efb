package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.StoreImage;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Requests pass and answers do not, and the other way round. */
@Command(
        name = "one-way",
        description =
                "Lets only requests pass, then only answers, across the border and between devices and"
                        + " edge, while everybody writes.",
        footer = {
            "",
            "It takes three minutes or so.",
            "Example: holdfast drill one-way --seconds 60"
        })
public final class OneWayDrill extends Drill {
    private int seconds;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "How long each direction is cut (default: ${DEFAULT-VALUE}).")
    void lasting(int seconds) {
        this.seconds = atLeastOne("--seconds", seconds);
    }

    @Override
    protected int parts() {
        return 4;
    }

    @Override
    protected Story story(Scene scene) {
        return new HalfDeaf(scene, seconds);
    }

    @Override
    protected String next() {
        return "holdfast drill flicker";
    }

    private record HalfDeaf(Scene scene, int cutSeconds) implements Story {
        private static final int WRITES = 40;
        private static final int PAUSE_MILLIS = 50;

        @Override
        public void tell() throws InterruptedException {
            for (Cut cut : List.of(Cut.OUTWARD, Cut.INWARD)) {
                String passes = cut == Cut.OUTWARD ? "only answers pass" : "only requests pass";
                begin("border: " + passes);
                scene.network().cutGateway(cut);
                scene.requireCut(Host.EDGE, Host.CLOUD);
                live("border: " + passes, Durability.REGION);
                begin("devices and edge: " + passes);
                scene.network().cutAccess(cut);
                scene.requireCut(Host.DEVICE_A, Host.EDGE);
                live("devices and edge: " + passes, Durability.EDGE);
            }
        }

        private void begin(String words) {
            scene.begin("   " + Character.toUpperCase(words.charAt(0)) + words.substring(1));
        }

        /** Everybody writes for a while, as far as that goes; then both ways are open again. */
        private void live(String where, Durability claim) throws InterruptedException {
            Context before = scene.ledger().at(Durability.DEVICE);
            long started = System.nanoTime();
            Scene.write(scene.rings().nurses(), WRITES, PAUSE_MILLIS);
            Scene.finish(scene.rings().nurses());
            Scene.last(started, Duration.ofSeconds(cutSeconds));
            Context fresh = Dots.minus(scene.ledger().at(Durability.DEVICE), before);
            Context inside = scene.ledger().savedBy(scene.rings().amina().name());
            inside.addAll(scene.ledger().savedBy(scene.rings().bashir().name()));
            judgeClaims(where, claim, Dots.minus(inside, before));
            scene.network().heal();
            scene.requireOpen(Host.DEVICE_A, Host.EDGE);
            scene.requireOpen(Host.EDGE, Host.CLOUD);
            long healed = System.nanoTime();
            boolean applied = Scene.await(() -> scene.reached(fresh, Durability.APPLIED));
            scene.evidence()
                    .saw(
                            where + ": goes on afterwards",
                            applied,
                            count(Dots.count(fresh))
                                    + " writes in the record "
                                    + seconds(Scene.since(healed))
                                    + " after healing");
            scene.sampleWatermarks();
        }

        /**
         * What was claimed must be where it is claimed to be. Of what was written inside since the
         * cut nothing can be claimed: either it does not get through, or the answer does not.
         */
        private void judgeClaims(String where, Durability claim, Context inside)
                throws InterruptedException {
            Context claimed = scene.atLeast(claim);
            long impossible = Dots.count(inside) - Dots.count(Dots.minus(inside, claimed));
            boolean isTrue = Scene.await(() -> Dots.contains(held(claim), claimed));
            long wrong = isTrue ? 0 : Dots.count(Dots.minus(claimed, held(claim)));
            scene.evidence()
                    .saw(
                            where + ": no false acknowledgement",
                            wrong == 0
                                    && impossible == 0
                                    && !claimed.isEmpty()
                                    && !inside.isEmpty(),
                            wrong
                                    + " of "
                                    + count(Dots.count(claimed))
                                    + " claims are false, "
                                    + impossible
                                    + " of "
                                    + count(Dots.count(inside))
                                    + " writes are said to have crossed");
        }

        /** What is at {@code level}: an edge has taken all from the record that it shows. */
        private Context held(Durability level) {
            Context held = scene.inDatabase();
            if (level == Durability.EDGE)
                held.addAll(StoreImage.contextOfLiving(scene.rings().edgeStore()));
            return held;
        }
    }
}
