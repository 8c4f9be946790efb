package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.rings.Database;
import dev.holdfast.drill.rings.DeviceProcess;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.RegionProcess;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.SteerRing;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Devices that know a region by its name alone, and lose it. */
@Command(
        name = "gtm",
        description =
                "Runs two regions, three steer nodes that watch them, and devices that know a region"
                        + " by its name alone. Packets are lost, a steer is cut off, and a region"
                        + " is killed and comes back.",
        footer = {
            "",
            "It takes five minutes or so, and needs network namespaces.",
            "Example: holdfast drill gtm --report gtm.html"
        })
public final class SteerDrill extends Drill {
    private int losing;

    @Option(
            names = "--losing",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long packets are lost (default: ${DEFAULT-VALUE}).")
    void of(int seconds) {
        losing = atLeastOne("--losing", seconds);
    }

    @Override
    protected int parts() {
        return 5;
    }

    @Override
    protected void place(Rings rings, Disks disks) {
        rings.mirror(2);
        rings.steer();
    }

    @Override
    protected Story story(Scene scene) {
        return new Steered(scene, Duration.ofSeconds(losing));
    }

    @Override
    protected String next() {
        return "holdfast drill region-loss";
    }

    private static final class Steered implements Story {
        private static final int WRITES = 20;
        private static final int LOSS_PERCENT = 30;

        /** From the loss of a region to the last device that writes through another. */
        private static final Duration AIM = Duration.ofSeconds(15);

        /** Longer than looks need to agree that something is gone. */
        private static final Duration CUT_OFF = Duration.ofSeconds(20);

        private final Scene scene;
        private final Duration losing;
        private final SteerRing steer;
        private final RegionProcess home;
        private final RegionProcess other;
        private final List<DeviceProcess> steered = new ArrayList<>();
        private final Map<String, Object> figures = new TreeMap<>();
        private final Database otherDatabase;

        Steered(Scene scene, Duration losing) {
            this.scene = scene;
            this.losing = losing;
            Rings rings = scene.rings();
            steer = rings.steerRing();
            home = rings.regions().getFirst();
            other = rings.regions().getLast();
            otherDatabase = rings.reader(other, "database-reader-" + other.name());
        }

        @Override
        public void tell() throws InterruptedException {
            gather();
            lose();
            cutOff();
            kill();
            comeBack();
        }

        /** There is no resolver on these machines: whoever finds a region was told by a steer. */
        private void gather() throws InterruptedException {
            scene.begin("   Devices find a region by its name");
            boolean known = Scene.await(() -> everySteer(home, true) && everySteer(other, true));
            Rings rings = scene.rings();
            List<String> inside = List.of("dalia", "esi");
            List<String> abroad = List.of("femi", "grace");
            for (String name : inside) steered.add(start(rings, name, Host.DEVICE_A));
            for (String name : abroad) steered.add(start(rings, name, Host.DEVICE_B));
            steered.forEach(DeviceProcess::awaitReady);
            Context written = write();
            boolean there = Scene.await(() -> scene.reached(written, Durability.APPLIED));
            scene.evidence()
                    .saw(
                            "devices find a region by its name, with no resolver but steer",
                            known && there,
                            steered.size() + " devices, " + count(Dots.count(written)) + " writes");
        }

        private DeviceProcess start(Rings rings, String name, Host host) {
            return rings.devices().start(name, host, rings.steered(), scene.ledger());
        }

        private void lose() throws InterruptedException {
            scene.begin("   A third of all packets is lost");
            long before = changes();
            scene.network().lose(LOSS_PERCENT);
            long began = System.nanoTime();
            Scene.write(steered, WRITES, 100);
            Scene.last(began, losing);
            scene.network().lose(0);
            Scene.finish(steered);
            long flapped = changes() - before;
            figures.put("changes-under-loss", flapped);
            scene.evidence()
                    .saw(
                            "nothing flaps while " + LOSS_PERCENT + " % of packets are lost",
                            flapped == 0,
                            flapped + " changes at three steers in " + seconds(losing));
        }

        private void cutOff() throws InterruptedException {
            String alone = steer.names().getLast();
            scene.begin("   A steer is cut off from everybody");
            List<String> rest = steer.names().subList(0, steer.names().size() - 1);
            long before = changes(rest);
            long began = System.nanoTime();
            scene.network().isolate(steer.host(alone));
            scene.requireCut(steer.host(alone), home.host());
            Scene.last(began, CUT_OFF);
            long changed = changes(rest) - before;
            scene.network().heal();
            scene.requireOpen(steer.host(alone), home.host());
            scene.evidence()
                    .saw(
                            "a steer that is cut off takes nothing down for the others",
                            changed == 0,
                            changed + " changes at the other two in " + seconds(CUT_OFF));
            boolean agree = Scene.await(() -> everySteer(home, true) && everySteer(other, true));
            scene.evidence().saw("healed, all steers agree", agree, "three of three");
        }

        private void kill() throws InterruptedException {
            scene.begin("   The preferred region dies");
            long killed = System.nanoTime();
            scene.timeline().mark("kill -9 of the home region");
            home.kill();
            Context written = write();
            boolean through =
                    Scene.await(() ->
                            Dots.contains(otherDatabase.context().orElse(new Context()), written));
            Duration time = Scene.since(killed);
            figures.put("last-device-seconds", time.toMillis() / 1000.0);
            scene.evidence()
                    .saw(
                            "the last device writes through another region within " + seconds(AIM),
                            through && time.compareTo(AIM) <= 0,
                            seconds(time) + ", by that region's database");
            boolean down = Scene.await(() -> everySteer(home, false));
            scene.evidence().saw("every steer has the dead region down", down, "three of three");
        }

        private void comeBack() throws InterruptedException {
            scene.begin("   It comes back");
            scene.timeline().mark("the home region comes back");
            home.start();
            boolean up = Scene.await(() -> everySteer(home, true));
            scene.evidence().saw("a region that comes back is named again", up, "three of three");
            write();
            Context all = standing();
            boolean caughtUp =
                    Scene.await(() ->
                            Dots.contains(scene.inDatabase(), all)
                                    && Dots.contains(
                                            otherDatabase.context().orElse(new Context()), all));
            scene.evidence()
                    .saw(
                            "both regions have all that was written",
                            caughtUp,
                            count(Dots.count(all)) + " writes");
        }

        private boolean everySteer(RegionProcess region, boolean up) {
            return steer.names().stream().allMatch(name -> steer.isUp(name, region) == up);
        }

        private long changes() {
            return changes(steer.names());
        }

        private long changes(List<String> names) {
            return names.stream().mapToLong(steer::changes).sum();
        }

        /** What the devices write that know a region by its name. */
        private Context write() {
            Context before = standing();
            Scene.write(steered, WRITES, 10);
            Scene.finish(steered);
            return Dots.minus(standing(), before);
        }

        private Context standing() {
            return Dots.minus(scene.ledger().at(Durability.DEVICE), scene.ledger().refusedDots());
        }

        @Override
        public void judge(RegionImage region) {
            otherDatabase.close();
        }

        @Override
        public Map<String, Object> figures() {
            return figures;
        }
    }
}
