package dev.holdfast.steer.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.steer.health.EndpointHealth;
import dev.holdfast.steer.health.Seen;
import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several councils on virtual time, with links between nodes and ways to endpoints that are cut at
 * random; each node's clock is off by up to a minute.
 */
final class CouncilSimulationTest {
    private static final Duration TICK = Duration.ofMillis(500);
    private static final int TICKS_PER_EPOCH = 60;

    private static final int TICKS_PER_EXCHANGE = 2;

    /** Three failures at a pause of two seconds and one, and a report that grows old. */
    private static final int TICKS_TO_SETTLE = 30;

    private static final List<EndpointName> ENDPOINTS =
            List.of(
                    new EndpointName("regions", "singapore"),
                    new EndpointName("regions", "jakarta"),
                    new EndpointName("edges", "kota"));
    private static final Map<String, String> NODES =
            new TreeMap<>(
                    Map.of(
                            "out-1", "default", "out-2", "default", "out-3", "default", "in-1",
                            "inside", "in-2", "inside"));

    private static final List<String> LINES = List.of("default", "inside");

    @TempDir private Path folder;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Set<String> cut = new HashSet<>();
    private final List<SimNode> nodes = new ArrayList<>();

    /** What a node sees of one endpoint. */
    private static final class Sight {
        private final EndpointHealth health;
        private Instant next;
        private boolean reachedBefore = true;

        Sight(Instant clock, Instant next) {
            this.health = new EndpointHealth(Duration.ofSeconds(2), 3, 2, Optional.empty(), clock);
            this.next = next;
        }

        boolean up() {
            return health.verdict().state() == Verdict.State.UP;
        }
    }

    private final class SimNode {
        private final String name;
        private final String line;
        private final Duration clockOff;
        private final Map<EndpointName, Sight> sights = new HashMap<>();
        private final Council council;

        SimNode(String name, String line, Random random) {
            this.name = name;
            this.line = line;
            this.clockOff = Duration.ofMillis(random.nextInt(-60_000, 60_000));
            for (EndpointName endpoint : ENDPOINTS)
                sights.put(endpoint, new Sight(clock(), now.plusMillis(random.nextInt(2_000))));
            Set<String> others = new HashSet<>(NODES.keySet());
            others.remove(name);
            Drains drains = new Drains(folder.resolve(random.nextLong() + ".json"), name);
            council = new Council(name, line, others, drains, this::looks);
        }

        Instant clock() {
            return now.plus(clockOff);
        }

        private Map<EndpointName, Council.Look> looks() {
            Map<EndpointName, Council.Look> looks = new HashMap<>();
            sights.forEach((endpoint, sight) ->
                    looks.put(endpoint, new Council.Look(sight.health.verdict(), true)));
            return looks;
        }

        void look() {
            sights.forEach((endpoint, sight) -> {
                if (now.isBefore(sight.next)) return;
                Seen seen =
                        reaches(endpoint)
                                ? new Seen.Well(Duration.ZERO)
                                : new Seen.Failed("no answer within 1 s");
                sight.health.step(seen, clock());
                sight.next = now.plus(sight.health.pause());
            });
        }

        boolean reaches(EndpointName endpoint) {
            return !cut.contains(name + " " + endpoint);
        }

        Sight sight(EndpointName endpoint) {
            return Objects.requireNonNull(sights.get(endpoint));
        }

        boolean seesNothing() {
            return sights.values().stream()
                    .allMatch(sight -> sight.health.verdict().state() == Verdict.State.DOWN);
        }

        /** Whether its verdict is so young that others may not have it yet. */
        boolean justChanged(EndpointName endpoint) {
            Instant since = sight(endpoint).health.verdict().since();
            return Duration.between(since, clock()).compareTo(Council.FRESH) < 0;
        }

        boolean linkedWith(SimNode other) {
            return !cut.contains(
                    name.compareTo(other.name) < 0
                            ? name + " " + other.name
                            : other.name + " " + name);
        }

        void tell(SimNode other) {
            if (!linkedWith(other)) return;
            Bytes told = Bytes.wrap(GossipJson.print(council.gossip(clock())));
            other.council.hear(GossipJson.parse(told), other.clock());
            Bytes known = Bytes.wrap(GossipJson.print(other.council.gossip(other.clock())));
            council.hear(GossipJson.parse(known), clock());
        }

        /** Those whose word counts for it at the moment, itself among them. */
        List<SimNode> hears() {
            Set<String> names = new HashSet<>(Set.of(name));
            council.fresh(clock()).forEach(report -> names.add(report.node()));
            return nodes.stream().filter(node -> names.contains(node.name)).toList();
        }

        /** Those that it can hear of, over whatever way. */
        List<SimNode> connected() {
            List<SimNode> reached = new ArrayList<>(List.of(this));
            for (int i = 0; i < reached.size(); i++) {
                SimNode at = reached.get(i);
                for (SimNode other : nodes)
                    if (!reached.contains(other) && at.linkedWith(other)) reached.add(other);
            }
            return nodes.stream().filter(reached::contains).toList();
        }

        Standing standing(EndpointName endpoint, String users) {
            return council.standings().of(endpoint, users);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Test
    void an_endpoint_that_most_of_a_line_see_is_never_down_for_it_and_after_healing_all_agree() {
        for (long seed = 0; seed < 2; seed++) {
            Random random = new Random(seed);
            start(random);
            run(_ -> {});
            for (int epoch = 0; epoch < 4; epoch++) {
                for (SimNode node : nodes)
                    node.sights.forEach(
                            (endpoint, sight) -> sight.reachedBefore = node.reaches(endpoint));
                cut(random);
                String when = "seed " + seed + ", epoch " + epoch;
                run(tick -> {
                    mostOfALineAreBelieved(when + ", tick " + tick);
                    if (tick >= TICKS_TO_SETTLE) allThatIsConnectedDecides(when);
                });
            }
            cut.clear();
            // Those that flapped may be held down, for four minutes at most.
            for (int i = 0; i < 9; i++) run(_ -> {});
            for (SimNode node : nodes) {
                for (EndpointName endpoint : ENDPOINTS) {
                    for (String line : LINES)
                        assertThat(node.standing(endpoint, line))
                                .as("seed %d, %s, %s for %s", seed, node, endpoint, line)
                                .isInstanceOf(Standing.Up.class);
                }
            }
        }
    }

    @Test
    void a_drain_reaches_all_by_whatever_way_and_its_undoing_wins_though_clocks_differ() {
        EndpointName drained = ENDPOINTS.getFirst();
        for (long seed = 0; seed < 2; seed++) {
            Random random = new Random(seed);
            start(random);
            boolean out = false;
            for (int i = 0; i < 4; i++) {
                cut(random);
                SimNode told = nodes.get(random.nextInt(nodes.size()));
                // Whoever speaks has seen what was said before: all are linked by then.
                out = !out;
                told.council
                        .drains()
                        .tell(drained, out, Optional.empty(), "amina", "", told.clock());
                run(_ -> {});
                cut.clear();
                run(_ -> {});
                for (SimNode node : nodes)
                    assertThat(node.standing(drained, "inside") instanceof Standing.Drained)
                            .as("seed %d, word %d at %s, seen by %s", seed, i, told, node)
                            .isEqualTo(out);
            }
        }
    }

    private void start(Random random) {
        cut.clear();
        nodes.clear();
        NODES.forEach((name, line) -> nodes.add(new SimNode(name, line, random)));
    }

    private void cut(Random random) {
        cut.clear();
        int share = random.nextInt(10, 60);
        for (SimNode a : nodes) {
            for (SimNode b : nodes) {
                boolean once = a.name.compareTo(b.name) < 0;
                if (once && random.nextInt(100) < share) cut.add(a + " " + b);
            }
            for (EndpointName endpoint : ENDPOINTS)
                if (random.nextInt(100) < share) cut.add(a + " " + endpoint);
        }
    }

    private void run(IntConsumer atEachTick) {
        Council.Matter matter = new Council.Matter(Set.copyOf(ENDPOINTS), Set.of("inside"));
        for (int tick = 0; tick < TICKS_PER_EPOCH; tick++) {
            now = now.plus(TICK);
            for (SimNode node : nodes) {
                node.look();
                if (tick % TICKS_PER_EXCHANGE != 0) continue;
                for (SimNode other : nodes) if (other != node) node.tell(other);
            }
            for (SimNode node : nodes) node.council.decide(matter, node.clock());
            atEachTick.accept(tick);
        }
    }

    /**
     * Also while things change: where all of a line are heard, and most of them see an endpoint,
     * and did before, it is not down. One that came back a moment ago, and is not known to have,
     * apart.
     */
    private void mostOfALineAreBelieved(String when) {
        for (SimNode node : nodes) {
            for (String line : LINES) {
                List<SimNode> judges = nodes.stream().filter(n -> n.line.equals(line)).toList();
                if (!node.hears().containsAll(judges)) continue;
                for (EndpointName endpoint : ENDPOINTS) {
                    if (judges.stream().anyMatch(judge -> cameUp(judge, endpoint))) continue;
                    long seeing =
                            judges.stream().filter(judge -> keepsSeeing(judge, endpoint)).count();
                    if (seeing * 2 <= judges.size()) continue;
                    assertThat(node.standing(endpoint, line))
                            .as("%s, %s for %s at %s", when, endpoint, line, node)
                            .isNotInstanceOf(Standing.Down.class);
                }
            }
        }
    }

    private static boolean cameUp(SimNode judge, EndpointName endpoint) {
        return judge.sight(endpoint).up() && judge.justChanged(endpoint);
    }

    /** Unless it is still held down, for having flapped. */
    private static boolean keepsSeeing(SimNode judge, EndpointName endpoint) {
        Sight sight = judge.sight(endpoint);
        return sight.reachedBefore && judge.reaches(endpoint) && sight.up();
    }

    /** Once it is quiet: each hears all that it is connected with, and decides by them. */
    private void allThatIsConnectedDecides(String when) {
        for (SimNode node : nodes) {
            List<SimNode> heard = node.connected();
            assertThat(node.hears()).as("%s, heard by %s", when, node).isEqualTo(heard);
            for (EndpointName endpoint : ENDPOINTS) {
                // A report is under way for a while.
                if (heard.stream().anyMatch(judge -> judge.justChanged(endpoint))) continue;
                for (String line : LINES) {
                    List<SimNode> judges = judges(heard, line);
                    if (judges.isEmpty()) judges = List.of(node);
                    long up = judges.stream().filter(judge -> judge.sight(endpoint).up()).count();
                    assertThat(node.standing(endpoint, line) instanceof Standing.Down)
                            .as("%s, %s for %s at %s", when, endpoint, line, node)
                            .isEqualTo(up * 2 < judges.size());
                }
            }
        }
    }

    private static List<SimNode> judges(List<SimNode> heard, String line) {
        List<SimNode> seeing =
                heard.stream().filter(node -> heard.size() > 1 || !node.seesNothing()).toList();
        List<SimNode> ofLine = seeing.stream().filter(node -> node.line.equals(line)).toList();
        return ofLine.isEmpty() ? seeing : ofLine;
    }
}
