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
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several councils on virtual time, with links between nodes and ways to endpoints that are cut at
 * random; each node's clock is off by up to a minute.
 */
final class CouncilSimulationTest {
    private static final Duration TICK = Duration.ofMillis(250);
    private static final int TICKS_PER_EPOCH = 120;

    /** Three failures at a pause of two seconds and one, and a report that grows old. */
    private static final int TICKS_TO_SETTLE = 60;

    private static final List<EndpointName> ENDPOINTS =
            List.of(
                    new EndpointName("regions", "singapore"),
                    new EndpointName("regions", "jakarta"),
                    new EndpointName("edges", "kota"));
    private static final Map<String, String> LINES =
            new TreeMap<>(
                    Map.of(
                            "out-1", "default", "out-2", "default", "out-3", "default", "in-1",
                            "inside", "in-2", "inside"));

    @TempDir private Path folder;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Set<String> cut = new HashSet<>();
    private final Map<String, SimNode> nodes = new TreeMap<>();

    private final class SimNode {
        private final String name;
        private final Duration clockOff;
        private final Map<EndpointName, EndpointHealth> health = new HashMap<>();
        private final Map<EndpointName, Instant> next = new HashMap<>();
        private final Council council;

        SimNode(String name, Random random) {
            this.name = name;
            this.clockOff = Duration.ofMillis(random.nextInt(-60_000, 60_000));
            for (EndpointName endpoint : ENDPOINTS) {
                health.put(
                        endpoint,
                        new EndpointHealth(
                                Duration.ofSeconds(2), 3, 2, Optional.empty(), clock()));
                next.put(endpoint, now.plusMillis(random.nextInt(2_000)));
            }
            Set<String> others = new HashSet<>(LINES.keySet());
            others.remove(name);
            council =
                    new Council(
                            name,
                            LINES.get(name),
                            others,
                            new Drains(folder.resolve(random.nextLong() + ".json"), name),
                            this::sight);
        }

        Instant clock() {
            return now.plus(clockOff);
        }

        private Map<EndpointName, Council.Look> sight() {
            Map<EndpointName, Council.Look> looks = new HashMap<>();
            health.forEach(
                    (name, each) -> looks.put(name, new Council.Look(each.verdict(), true)));
            return looks;
        }

        void look() {
            health.forEach((endpoint, machine) -> {
                if (now.isBefore(next.get(endpoint))) return;
                machine.step(
                        reaches(endpoint)
                                ? new Seen.Well(Duration.ZERO)
                                : new Seen.Failed("no answer within 1 s"),
                        clock());
                next.put(endpoint, now.plus(machine.pause()));
            });
        }

        boolean reaches(EndpointName endpoint) {
            return !cut.contains(name + " " + endpoint);
        }

        void tell(SimNode other) {
            if (!linked(name, other.name)) return;
            Bytes sent = Bytes.wrap(GossipJson.print(council.gossip(clock())));
            other.council.hear(GossipJson.parse(sent), other.clock());
            Bytes back = Bytes.wrap(GossipJson.print(other.council.gossip(other.clock())));
            council.hear(GossipJson.parse(back), clock());
        }

        Standing standing(EndpointName endpoint, String line) {
            return council.standings().of(endpoint, line);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private boolean linked(String a, String b) {
        return !cut.contains(a.compareTo(b) < 0 ? a + " " + b : b + " " + a);
    }

    @Test
    void an_endpoint_that_most_of_a_line_see_is_never_down_for_it_and_after_healing_all_agree() {
        for (long seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            start(random);
            run(random, _ -> true);
            for (int epoch = 0; epoch < 4; epoch++) {
                Map<String, Set<String>> seenBefore = seeing();
                cut(random);
                Map<String, Set<String>> seenNow = seeing();
                String when = "seed " + seed + ", epoch " + epoch;
                run(random, tick -> {
                    mostOfALineAreBelieved(seenBefore, seenNow, when);
                    if (tick >= TICKS_TO_SETTLE) asTheComponentSees(when);
                    return true;
                });
            }
            cut.clear();
            // Those that flapped may be held down, for four minutes at most.
            for (int i = 0; i < 8; i++) run(random, _ -> true);
            for (SimNode node : nodes.values()) {
                for (EndpointName endpoint : ENDPOINTS) {
                    for (String line : List.of("default", "inside"))
                        assertThat(node.standing(endpoint, line))
                                .as("seed %d, %s, %s for %s", seed, node, endpoint, line)
                                .isInstanceOf(Standing.Up.class);
                }
            }
        }
    }

    @Test
    void a_drain_reaches_all_by_whatever_way_and_its_undoing_wins_though_clocks_differ() {
        for (long seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            start(random);
            List<SimNode> all = new ArrayList<>(nodes.values());
            boolean out = false;
            for (int i = 0; i < 4; i++) {
                cut(random);
                cut.removeIf(way -> way.contains("/"));
                SimNode told = all.get(random.nextInt(all.size()));
                // Whoever speaks has seen what was said before: all are linked by then.
                out = !out;
                told.council
                        .drains()
                        .tell(ENDPOINTS.get(0), out, Optional.empty(), "amina", "", told.clock());
                run(random, _ -> true);
                cut.clear();
                run(random, _ -> true);
                for (SimNode node : all)
                    assertThat(node.standing(ENDPOINTS.get(0), "inside") instanceof Standing.Drained)
                            .as("seed %d, word %d at %s, seen by %s", seed, i, told, node)
                            .isEqualTo(out);
            }
        }
    }

    private void start(Random random) {
        cut.clear();
        nodes.clear();
        for (String name : LINES.keySet()) nodes.put(name, new SimNode(name, random));
    }

    private void cut(Random random) {
        cut.clear();
        int share = random.nextInt(10, 60);
        for (String a : LINES.keySet()) {
            for (String b : LINES.keySet()) {
                if (a.compareTo(b) < 0 && random.nextInt(100) < share) cut.add(a + " " + b);
            }
            for (EndpointName endpoint : ENDPOINTS) {
                if (random.nextInt(100) < share) cut.add(a + " " + endpoint);
            }
        }
    }

    private void run(Random random, Predicate<Integer> atEachTick) {
        List<SimNode> all = new ArrayList<>(nodes.values());
        for (int tick = 0; tick < TICKS_PER_EPOCH; tick++) {
            now = now.plus(TICK);
            for (SimNode node : all) {
                node.look();
                SimNode other = all.get(random.nextInt(all.size()));
                if (other != node) node.tell(other);
                node.council.decide(
                        new Council.Matter(Set.copyOf(ENDPOINTS), Set.of("inside")),
                        node.clock());
            }
            atEachTick.test(tick);
        }
    }

    /** Who reaches an endpoint, by its name. */
    private Map<String, Set<String>> seeing() {
        Map<String, Set<String>> seeing = new HashMap<>();
        for (EndpointName endpoint : ENDPOINTS) {
            Set<String> who = new HashSet<>();
            for (SimNode node : nodes.values()) if (node.reaches(endpoint)) who.add(node.name);
            seeing.put(endpoint.toString(), who);
        }
        return seeing;
    }

    /**
     * Also while things change: whoever hears all of a line, and of it most see an endpoint and saw
     * it before, has it up. Those that were held down or were down before may still be so.
     */
    private void mostOfALineAreBelieved(
            Map<String, Set<String>> before, Map<String, Set<String>> after, String when) {
        for (SimNode node : nodes.values()) {
            for (String line : List.of("default", "inside")) {
                List<String> judges =
                        LINES.keySet().stream().filter(n -> LINES.get(n).equals(line)).toList();
                if (!fresh(node).containsAll(judges)) continue;
                for (EndpointName endpoint : ENDPOINTS) {
                    long up =
                            judges.stream()
                                    .filter(judge ->
                                            before.get(endpoint.toString()).contains(judge)
                                                    && after.get(endpoint.toString())
                                                            .contains(judge)
                                                    && nodes.get(judge)
                                                                    .health
                                                                    .get(endpoint)
                                                                    .verdict()
                                                                    .state()
                                                            == Verdict.State.UP)
                                    .count();
                    if (up * 2 <= judges.size() || justCameUp(judges, endpoint)) continue;
                    assertThat(node.standing(endpoint, line))
                            .as("%s, %s for %s at %s", when, endpoint, line, node)
                            .isNotInstanceOf(Standing.Down.class);
                }
            }
        }
    }

    /** What one has found out a moment ago the others have not heard yet. */
    private boolean justCameUp(List<String> judges, EndpointName endpoint) {
        return judges.stream().anyMatch(judge -> {
            SimNode node = nodes.get(judge);
            Verdict verdict = node.health.get(endpoint).verdict();
            return verdict.state() == Verdict.State.UP
                    && Duration.between(verdict.since(), node.clock()).compareTo(Council.FRESH) < 0;
        });
    }

    private Set<String> fresh(SimNode node) {
        Set<String> names = new HashSet<>(Set.of(node.name));
        node.council.fresh(node.clock()).forEach(report -> names.add(report.node()));
        return names;
    }

    /** Once all is settled: each decides by those that it can hear, over whatever way. */
    private void asTheComponentSees(String when) {
        for (SimNode node : nodes.values()) {
            Set<String> heard = component(node.name);
            assertThat(fresh(node)).as("%s, heard by %s", when, node).isEqualTo(heard);
            for (EndpointName endpoint : ENDPOINTS) {
                for (String line : List.of("default", "inside")) {
                    List<String> judges = judges(heard, line);
                    if (judges.isEmpty()) judges = List.of(node.name);
                    long up =
                            judges.stream()
                                    .filter(judge ->
                                            nodes.get(judge).health.get(endpoint).verdict().state()
                                                    == Verdict.State.UP)
                                    .count();
                    // A report is under way for a while.
                    if (justChanged(heard, endpoint)) continue;
                    assertThat(node.standing(endpoint, line) instanceof Standing.Down)
                            .as("%s, %s for %s at %s", when, endpoint, line, node)
                            .isEqualTo(up * 2 < judges.size());
                }
            }
        }
    }

    private boolean justChanged(Set<String> judges, EndpointName endpoint) {
        return judges.stream().anyMatch(judge -> {
            SimNode node = nodes.get(judge);
            Instant since = node.health.get(endpoint).verdict().since();
            return Duration.between(since, node.clock()).compareTo(Council.FRESH) < 0;
        });
    }

    private List<String> judges(Set<String> heard, String line) {
        List<String> seeing =
                heard.stream()
                        .filter(name -> heard.size() > 1 || !seesNothing(name))
                        .toList();
        List<String> ofLine = seeing.stream().filter(n -> LINES.get(n).equals(line)).toList();
        return ofLine.isEmpty() ? seeing : ofLine;
    }

    private boolean seesNothing(String name) {
        return nodes.get(name).health.values().stream()
                .allMatch(health -> health.verdict().state() == Verdict.State.DOWN);
    }

    private Set<String> component(String start) {
        Set<String> reached = new HashSet<>(Set.of(start));
        List<String> todo = new ArrayList<>(reached);
        while (!todo.isEmpty()) {
            String at = todo.removeLast();
            for (String other : LINES.keySet())
                if (!other.equals(at) && linked(at, other) && reached.add(other)) todo.add(other);
        }
        return reached;
    }
}
