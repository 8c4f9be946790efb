package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A network that comes and goes, and loses much of what it takes. */
@Command(
        name = "flicker",
        description =
                "Takes the links up and down every 0.3 to 2 seconds and loses 30 %% of all packets, while"
                        + " everybody writes.",
        footer = {
            "",
            "It takes two minutes or so.",
            "Example: holdfast drill flicker --seconds 300"
        })
public final class FlickerDrill extends Drill {
    private static final int LOSS_PERCENT = 30;

    private int seconds;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "90",
            description = "How long that lasts (default: ${DEFAULT-VALUE}).")
    void lasting(int seconds) {
        this.seconds = atLeastOne("--seconds", seconds);
    }

    @Override
    protected int parts() {
        return 2;
    }

    @Override
    protected Story story(Scene scene) {
        return new Flickering(scene, Duration.ofSeconds(seconds));
    }

    @Override
    protected String next() {
        return "holdfast drill edge-loss";
    }

    private static final class Flickering implements Story {
        private static final int PHASE_MILLIS_MIN = 300;
        private static final int PHASE_MILLIS_MAX = 2_000;
        private static final int WRITE_EVERY_MILLIS = 250;

        /** Three devices and the edge keep a link each. */
        private static final int LINKS = 4;

        /** More tries than that a second and link would be a storm of their own. */
        private static final double ATTEMPTS_MAX = 2;

        private final Scene scene;
        private final Duration time;
        private int phases;
        private double attemptsPerSecond;

        Flickering(Scene scene, Duration time) {
            this.scene = scene;
            this.time = time;
        }

        @Override
        public void tell() throws InterruptedException {
            List<DeviceProcess> nurses = scene.rings().nurses();
            scene.begin(
                    "   The links flicker and lose "
                            + LOSS_PERCENT
                            + " % for "
                            + time.toSeconds()
                            + " s");
            long before = scene.network().attempts();
            long started = System.nanoTime();
            scene.network().lose(LOSS_PERCENT);
            Scene.write(nurses, (int) (time.toMillis() / WRITE_EVERY_MILLIS), WRITE_EVERY_MILLIS);
            while (Scene.since(started).compareTo(time) < 0) {
                down();
                phase();
                scene.network().heal();
                phase();
            }
            long attempts = scene.network().attempts() - before;
            attemptsPerSecond = attempts / (double) time.toSeconds() / LINKS;
            Context reached = scene.atLeast(Durability.APPLIED);
            scene.network().lose(0);
            scene.requireOpen(Host.DEVICE_A, Host.EDGE);
            scene.requireOpen(Host.EDGE, Host.CLOUD);
            judge(nurses, reached, before);
            Scene.finish(nurses);
        }

        private void down() {
            phases++;
            if (scene.random().nextBoolean()) {
                scene.network().blackout();
                if (phases == 1) scene.requireCut(Host.DEVICE_A, Host.EDGE);
            } else {
                scene.network().cutGateway(Cut.BOTH);
            }
            if (phases == 1) scene.requireCut(Host.EDGE, Host.CLOUD);
        }

        private void phase() throws InterruptedException {
            Thread.sleep(scene.random().nextInt(PHASE_MILLIS_MIN, PHASE_MILLIS_MAX));
        }

        /**
         * @param reached what was in the record when the flickering ended
         * @param connected how many connections had been counted when it began: where each link is
         *     not among them, the count is worth nothing
         */
        private void judge(List<DeviceProcess> nurses, Context reached, long connected) {
            Map<String, Long> arrived = new TreeMap<>();
            for (DeviceProcess nurse : nurses) {
                Context saved = scene.ledger().savedBy(nurse.name());
                arrived.put(
                        nurse.name(), Dots.count(saved) - Dots.count(Dots.minus(saved, reached)));
            }
            scene.evidence()
                    .saw(
                            "while links flicker, writes of each device get into the record",
                            Collections.min(arrived.values()) > 0,
                            arrived.entrySet().stream()
                                            .map(one -> one.getKey() + " " + count(one.getValue()))
                                            .collect(Collectors.joining(", "))
                                    + ", through "
                                    + phases
                                    + " cuts");
            scene.evidence()
                    .saw(
                            "while links flicker, retries are bounded",
                            connected >= LINKS && attemptsPerSecond <= ATTEMPTS_MAX,
                            String.format(
                                    Locale.ROOT,
                                    "%.2f connections a second and link",
                                    attemptsPerSecond));
        }

        @Override
        public Map<String, Object> figures() {
            return Map.of("phases", phases, "attempts-per-second-and-link", attemptsPerSecond);
        }
    }
}
