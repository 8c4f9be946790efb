package dev.holdfast.drill.faults;

import static dev.holdfast.drill.rings.Scene.count;
import static dev.holdfast.drill.rings.Scene.seconds;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.rings.BackboneRing;
import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.Door;
import dev.holdfast.drill.rings.Dots;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.RegionImage;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Links of the backbone, cut one by one until one way is left. */
@Command(
        name = "backbone",
        description =
                "Runs five members of a backbone (two regions, three edges), and cuts the link that is in"
                        + " use, again and again until one way is left: both ways, and one way only.",
        footer = {"", "It takes four minutes or so.", "Example: holdfast drill backbone"})
public final class BackboneDrill extends Drill {
    private @Nullable BackboneRing ring;

    @Override
    protected int parts() {
        return 6;
    }

    @Override
    protected Demands demands() {
        return Demands.CUTS;
    }

    @Override
    protected void place(Rings rings, Disks disks) {
        rings.mirror(2);
        ring = rings.backbone();
    }

    @Override
    protected Story story(Scene scene) {
        return new Cuts(scene, Objects.requireNonNull(ring));
    }

    @Override
    protected String next() {
        return "holdfast drill region-loss";
    }

    /** Which way nothing passes. */
    private enum Way {
        BOTH("both ways"),
        OUT("what the near end sends"),
        BACK("what the far end sends");

        private final String words;

        Way(String words) {
            this.words = words;
        }
    }

    private static final class Cuts implements Story {
        private static final String EDGE = "edge-1";
        private static final String HOME = "singapore";
        private static final int WRITES = 15;

        /** The aim of the backbone, at a probe a second. */
        private static final Duration AIM = Duration.ofSeconds(3);

        /** By when a way that nothing is the matter with carries writes into the record. */
        private static final Duration PROGRESS = Duration.ofSeconds(15);

        private static final Duration REROUTE = Duration.ofSeconds(30);
        private static final Duration QUIET = Duration.ofSeconds(20);

        /** Longer than a better way must have been better. */
        private static final Duration REST = Duration.ofSeconds(10);

        /** A cut may change the way to each member for each lane, there and back again. */
        private static final int CHANGES_PER_CUT = 2 * 3 * 4;

        private final Scene scene;
        private final BackboneRing ring;
        private final Door door;
        private final Map<String, Object> figures = new TreeMap<>();
        private final List<Duration> times = new ArrayList<>();
        private long restingAt = -1;
        private long restingSince;
        private long stalled;
        private long written;
        private int cuts;

        Cuts(Scene scene, BackboneRing ring) {
            this.scene = scene;
            this.ring = ring;
            this.door =
                    new Door(scene.rings(), ring, EDGE, scene.rings().region(Host.EDGE).toString());
        }

        @Override
        public void tell() throws InterruptedException {
            try {
                tellIt();
            } finally {
                door.close();
            }
        }

        private void tellIt() throws InterruptedException {
            scene.begin("   Connected: the edge goes straight to its region");
            boolean direct = awaitDirect();
            boolean recorded = writes();
            scene.evidence()
                    .saw(
                            "without a cut no relay is used",
                            direct && recorded,
                            direct ? "straight to " + HOME : String.join(", ", door.way(HOME)));
            long before = changes();
            for (Way way : Way.values()) round(way);
            scene.evidence()
                    .saw(
                            "another way carries within 3 s of a cut, at a probe a second",
                            times.size() == cuts
                                    && times.stream().allMatch(t -> t.compareTo(AIM) <= 0),
                            times.size() + " cuts, " + spread());
            scene.evidence()
                    .saw(
                            "writes get into the record while any way lives",
                            stalled == 0 && this.written > 0,
                            count(this.written) + " writes, " + stalled + " stalls");
            long changes = changes() - before;
            scene.begin("   Quiet: nothing changes any more");
            if (!Scene.await(this::isAtRest))
                throw new DrillException("ways do not come to rest: " + door.status());
            long settled = changes();
            Map<String, Passed> passed = passed();
            Thread.sleep(QUIET); // that nothing happens shows in time alone
            long restless = changes() - settled;
            atRest(passed, passed());
            scene.evidence()
                    .saw(
                            "ways change where links do, and rest where they do not",
                            restless == 0 && changes <= (long) CHANGES_PER_CUT * (cuts + 3),
                            count(changes)
                                    + " changes in "
                                    + cuts
                                    + " cuts, "
                                    + restless
                                    + " in quiet");
            overhead();
            figures.put("cuts", cuts);
            figures.put("route-changes", changes);
        }

        /** Cuts the first link of the way in use until none is left but the last. */
        private void round(Way way) throws InterruptedException {
            scene.begin("   Links are cut one by one: " + way.words);
            List<String> cut = new ArrayList<>();
            for (List<String> used = door.way(HOME); cut.size() < 3; used = door.way(HOME)) {
                String next = used.get(1);
                cut.add(next);
                cuts++;
                Host near = ring.host(EDGE);
                Host far = ring.host(next);
                awaitReached();
                long at = System.nanoTime();
                if (way != Way.BACK) scene.network().cut(near, far);
                if (way != Way.OUT) scene.network().cut(far, near);
                times.add(awaitOther(next, at));
                if (way == Way.BOTH && next.equals(HOME)) scene.requireCut(near, far);
                if (!writes()) stalled++;
            }
            scene.network().heal();
            boolean back = awaitDirect();
            scene.evidence()
                    .saw(
                            "the direct way is taken again, after a cut of " + way.words,
                            back,
                            back ? "straight to " + HOME : String.join(", ", door.way(HOME)));
        }

        private boolean awaitDirect() throws InterruptedException {
            return Scene.await(() -> door.way(HOME).equals(List.of(EDGE, HOME)));
        }

        private void awaitReached() throws InterruptedException {
            long asked = System.nanoTime();
            if (!Scene.await(() -> door.reachedSince(asked)))
                throw new DrillException(
                        "the region is not reached before the cut: " + door.status());
        }

        /** Until an answer comes that has not gone by the link that is cut. */
        private Duration awaitOther(String cut, long at) throws InterruptedException {
            // An answer that was on its way when the cut fell counts for nothing: the way must be
            // another.
            if (!Scene.await(REROUTE, () -> isOther(cut)))
                throw new DrillException("no other way is found: " + door.status());
            long other = System.nanoTime();
            if (door.reachedSince(other)) return Scene.since(at);
            if (!Scene.await(REROUTE, () -> door.reachedSince(other)))
                throw new DrillException("the other way does not carry: " + door.status());
            return Duration.ofNanos(door.reachedNanos() - at);
        }

        private boolean isOther(String cut) {
            List<String> way = door.way(HOME);
            return way.size() >= 2 && !way.get(1).equals(cut);
        }

        private boolean writes() throws InterruptedException {
            Scene.write(scene.rings().nurses().subList(0, 2), WRITES, 20);
            Scene.finish(scene.rings().nurses().subList(0, 2));
            Context all =
                    Dots.minus(scene.ledger().at(Durability.DEVICE), scene.ledger().refusedDots());
            written = Dots.count(all);
            return Scene.await(PROGRESS, () -> Dots.contains(scene.inDatabase(), all));
        }

        /** Whether ways have been what they are for longer than it takes to prefer another. */
        private boolean isAtRest() {
            long now = changes();
            if (now != restingAt) {
                restingAt = now;
                restingSince = System.nanoTime();
            }
            return Scene.since(restingSince).compareTo(REST) >= 0;
        }

        /** What passed a link, below TLS and both ways, and how much of streams was sent. */
        private record Passed(long wire, long data) {}

        private Map<String, Passed> passed() {
            Map<String, Passed> passed = new TreeMap<>();
            for (JsonNode link : door.status().path("links")) {
                long data = 0;
                for (JsonNode lane : link.path("data-bytes")) data += lane.asLong();
                passed.put(
                        link.path("to").asText(),
                        new Passed(link.path("wire-bytes").asLong(), data));
            }
            return passed;
        }

        /** What a link costs that carries nothing. */
        private void atRest(Map<String, Passed> before, Map<String, Passed> after) {
            after.forEach((link, now) -> {
                Passed then = before.get(link);
                if (then == null || then.data() != now.data()) return;
                figures.merge(
                        "rest-bytes-per-second",
                        (now.wire() - then.wire()) / QUIET.toSeconds(),
                        (one, other) -> Math.max((long) one, (long) other));
            });
        }

        private long changes() {
            return door.status().path("route-changes").asLong();
        }

        private String spread() {
            List<Duration> sorted = times.stream().sorted().toList();
            if (sorted.isEmpty()) return "none";
            figures.put("reroute-seconds-median", inSeconds(sorted.get(sorted.size() / 2)));
            figures.put("reroute-seconds-worst", inSeconds(sorted.getLast()));
            return seconds(sorted.get(sorted.size() / 2))
                    + " in the middle, "
                    + seconds(sorted.getLast())
                    + " at worst";
        }

        private static double inSeconds(Duration time) {
            return time.toMillis() / 1_000.0;
        }

        /** What the links said for themselves beside what they carried. */
        private void overhead() {
            long overhead = 0;
            for (JsonNode link : door.status().path("links"))
                overhead += link.path("overhead-bytes").asLong();
            long wire = passed().values().stream().mapToLong(Passed::wire).sum();
            long data = passed().values().stream().mapToLong(Passed::data).sum();
            figures.put("edge-link-frames-bytes", overhead);
            figures.put("edge-wire-bytes", wire);
            figures.put("edge-data-bytes-sent", data);
            scene.evidence()
                    .saw(
                            "streams went by the backbone, and its own frames are few",
                            data > 0,
                            count(data)
                                    + " bytes of streams sent, "
                                    + count(overhead)
                                    + " of its own, "
                                    + count(wire)
                                    + " on the wire both ways; a link at rest "
                                    + figures.get("rest-bytes-per-second")
                                    + " a second");
        }

        @Override
        public void judge(RegionImage home) {
            // The stores are judged as in every drill.
        }

        @Override
        public Map<String, Object> figures() {
            return figures;
        }
    }
}
