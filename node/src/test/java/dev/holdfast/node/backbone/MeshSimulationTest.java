package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random graphs of members on virtual time, whose links are cut both ways and one way only. A
 * connection is TCP's: what is sent into a cut waits, and is gone with the connection.
 */
final class MeshSimulationTest {
    private static final long MILLI = 1_000;
    private static final long PROBE = 1_000 * MILLI;
    private static final long TICK = 100 * MILLI;
    private static final ReplicaKey AUTHORITY = ReplicaKey.ofSeed(Bytes.wrap(new byte[32]));

    /** A dead link is in nobody's way for longer than this. */
    private static final int MAX_DEAD_PROBES = 3;

    /** By then everybody has the best way, however often links were cut before. */
    private static final int QUIET_PROBES = 120;

    @Test
    void ways_follow_the_links_in_random_graphs() {
        for (long seed = 1; seed <= 40; seed++) new Simulation(seed).run();
    }

    @Test
    void what_passes_one_way_only_is_a_dead_link_at_both_ends() {
        Simulation simulation = new Simulation(7, 3, 1.0);
        simulation.runFor(10);
        assertThat(simulation.route("m0", "m1")).containsExactly("m0", "m1");
        simulation.cut("m0", "m1", true, false);
        simulation.runFor(4);
        assertThat(simulation.route("m0", "m1")).containsExactly("m0", "m2", "m1");
        assertThat(simulation.route("m1", "m0")).containsExactly("m1", "m2", "m0");
        simulation.cut("m0", "m1", false, false);
        simulation.runFor(30);
        assertThat(simulation.route("m0", "m1")).containsExactly("m0", "m1");
    }

    @Test
    void a_link_that_goes_up_and_down_all_the_time_is_left_alone() {
        Simulation simulation = new Simulation(11, 3, 1.0);
        simulation.runFor(10);
        simulation.cut("m0", "m1", true, true);
        simulation.runFor(5);
        long before = simulation.changes("m0");
        for (int i = 0; i < 20; i++) {
            simulation.cut("m0", "m1", false, false);
            simulation.runFor(8);
            simulation.cut("m0", "m1", true, true);
            simulation.runFor(4);
        }
        // Three lanes, and not the forty times that the link came and went.
        assertThat(simulation.changes("m0") - before).isLessThanOrEqualTo(3 * 6);
    }

    @Test
    void a_member_that_began_anew_with_an_older_clock_is_believed() {
        Simulation simulation = new Simulation(5, 3, 1.0);
        simulation.runFor(10);
        simulation.restart("m2", 1);
        simulation.runFor(20);
        assertThat(simulation.route("m0", "m2")).containsExactly("m0", "m2");
        simulation.cut("m0", "m2", true, true);
        simulation.runFor(5);
        assertThat(simulation.route("m0", "m2")).containsExactly("m0", "m1", "m2");
    }

    @Test
    void a_newer_topology_reaches_everybody_and_an_older_one_nobody() {
        Simulation simulation = new Simulation(3, 4, 1.0);
        simulation.runFor(5);
        SignedTopology old = simulation.signed;
        Topology now = old.topology();
        Map<String, Topology.Member> fewer = new TreeMap<>(now.members());
        fewer.remove("m3");
        SignedTopology next =
                SignedTopology.sign(
                        new Topology(
                                2,
                                now.probe(),
                                fewer,
                                now.links().stream()
                                        .filter(link -> !link.between().contains("m3"))
                                        .toList()),
                        AUTHORITY::sign);
        simulation.machine("m0").mesh.adopt(next, simulation.now);
        simulation.runFor(5);
        for (String name : List.of("m0", "m1", "m2")) {
            Mesh mesh = simulation.machine(name).mesh;
            assertThat(mesh.topology().topology().serial()).isEqualTo(2);
            assertThat(mesh.routes().to("m3", Lane.FRESH)).isEmpty();
            assertThat(mesh.adopt(old, simulation.now)).isFalse();
        }
    }

    private static final class Machine {
        final ReplicaKey key;
        Mesh mesh;

        Machine(ReplicaKey key, Mesh mesh) {
            this.key = key;
            this.mesh = mesh;
        }
    }

    private record Way(String from, String to) {}

    private record Event(long at, long order, Runnable work) {}

    /** A TCP connection between two members; both directions, in order. */
    private static final class Connection {
        final Map<Way, Deque<Frame>> waiting = new HashMap<>();
        boolean open = true;
    }

    private static final class Simulation {
        final long seed;
        final Random random;
        final Map<String, Machine> machines = new TreeMap<>();
        final Map<Set<String>, Connection> connections = new HashMap<>();
        final Map<Way, Boolean> blocked = new HashMap<>();
        final Map<Set<String>, Long> deadSince = new HashMap<>();
        final Map<Way, Long> delays = new HashMap<>();
        final PriorityQueue<Event> events =
                new PriorityQueue<>((a, b) ->
                        a.at() != b.at()
                                ? Long.compare(a.at(), b.at())
                                : Long.compare(a.order(), b.order()));
        final SignedTopology signed;
        long now;
        long order;

        Simulation(long seed) {
            this(seed, 3 + new Random(seed).nextInt(8), 0.35);
        }

        Simulation(long seed, int members, double density) {
            this.seed = seed;
            this.random = new Random(seed * 31);
            Map<String, Topology.Member> named = new TreeMap<>();
            Map<String, ReplicaKey> keys = new TreeMap<>();
            for (int i = 0; i < members; i++) {
                byte[] drawn = new byte[32];
                random.nextBytes(drawn);
                ReplicaKey key = ReplicaKey.ofSeed(Bytes.wrap(drawn));
                keys.put("m" + i, key);
                named.put(
                        "m" + i,
                        new Topology.Member(
                                Optional.of("10.0.0." + (i + 1) + ":443"),
                                List.of(),
                                Optional.of(key.publicKey().hex()),
                                density == 1.0 || random.nextInt(5) > 0,
                                Optional.empty()));
            }
            List<Topology.Link> links = new ArrayList<>();
            for (int i = 0; i < members; i++) {
                for (int j = 0; j < i; j++) {
                    if (random.nextDouble() >= density && j != i - 1) continue;
                    links.add(
                            new Topology.Link(
                                    List.of("m" + j, "m" + i),
                                    density < 1.0 && random.nextInt(6) == 0
                                            ? Lane.FRESH
                                            : Lane.BULK,
                                    Optional.empty(),
                                    Optional.empty(),
                                    Map.of()));
                    delays.put(new Way("m" + i, "m" + j), (1 + random.nextInt(80)) * MILLI);
                    delays.put(new Way("m" + j, "m" + i), (1 + random.nextInt(80)) * MILLI);
                }
            }
            signed =
                    SignedTopology.sign(
                            new Topology(1, Duration.ofSeconds(1), named, links), AUTHORITY::sign);
            keys.forEach((name, key) -> {
                machines.put(name, new Machine(key, mesh(name, key, 1_000)));
                after(random.nextInt((int) TICK), () -> tick(name));
            });
            for (Topology.Link link : links) dial(link);
        }

        private Mesh mesh(String name, ReplicaKey key, long number) {
            return new Mesh(
                    name,
                    signed,
                    new Mesh.Trust(Set.of(AUTHORITY.publicKey()), new Verifier(), key::sign),
                    number,
                    now);
        }

        void run() {
            for (int round = 0; round < 12; round++) {
                for (Topology.Link link : signed.topology().links()) {
                    if (random.nextInt(3) > 0) continue;
                    boolean there = random.nextInt(5) < 2;
                    boolean back = random.nextInt(5) < 2;
                    cut(link.between().get(0), link.between().get(1), there, back);
                }
                runFor(1 + random.nextInt(20));
            }
            runFor(QUIET_PROBES);
            Map<String, Long> changes = new HashMap<>();
            machines.keySet().forEach(name -> changes.put(name, changes(name)));
            requireBest();
            runFor(QUIET_PROBES);
            machines.keySet()
                    .forEach(name ->
                            assertThat(changes(name))
                                    .as("changes of %s in quiet, seed %d", name, seed)
                                    .isEqualTo(changes.get(name)));
        }

        void runFor(int probes) {
            long until = now + probes * PROBE;
            for (Event event = events.peek();
                    event != null && event.at() <= until;
                    event = events.peek()) {
                events.remove(event);
                now = event.at();
                event.work().run();
            }
            now = until;
        }

        void cut(String one, String other, boolean there, boolean back) {
            blocked.put(new Way(one, other), there);
            blocked.put(new Way(other, one), back);
            Set<String> link = Set.of(one, other);
            if (there || back) deadSince.putIfAbsent(link, now);
            else deadSince.remove(link);
            flow(one, other);
            flow(other, one);
        }

        void restart(String name, long number) {
            Machine machine = machine(name);
            for (String other : machines.keySet()) {
                if (!other.equals(name)) drop(name, other);
            }
            machine.mesh = mesh(name, machine.key, number);
        }

        List<String> route(String from, String to) {
            return machine(from).mesh.routes().to(to, Lane.FRESH).orElseThrow().members();
        }

        long changes(String name) {
            return machine(name).mesh.routes().changes();
        }

        Machine machine(String name) {
            return Objects.requireNonNull(machines.get(name));
        }

        private boolean isBlocked(String from, String to) {
            return blocked.getOrDefault(new Way(from, to), false);
        }

        private void after(long delay, Runnable work) {
            events.add(new Event(now + delay, order++, work));
        }

        private void tick(String name) {
            Mesh mesh = machine(name).mesh;
            mesh.tick(now);
            perform(name);
            requireLiving(name);
            after(TICK, () -> tick(name));
        }

        /** Comes to stand only where both directions pass. */
        private void dial(Topology.Link link) {
            String one = link.between().get(0);
            String other = link.between().get(1);
            Connection there = connections.get(Set.of(one, other));
            boolean stands = there != null && there.open;
            if (!stands && !isBlocked(one, other) && !isBlocked(other, one)) {
                connections.put(Set.of(one, other), new Connection());
                machine(one).mesh.connected(other, now);
                machine(other).mesh.connected(one, now);
                perform(one);
                perform(other);
            }
            after((200 + random.nextInt(800)) * MILLI, () -> dial(link));
        }

        private void perform(String name) {
            Mesh mesh = machine(name).mesh;
            for (Mesh.Action action = mesh.poll(); action != null; action = mesh.poll()) {
                switch (action) {
                    case Mesh.Action.Send(String to, Frame frame) -> send(name, to, frame);
                    case Mesh.Action.Drop(String to, String why) -> drop(name, to);
                    case Mesh.Action.Adopted _ -> {}
                    case Mesh.Action.LinkChanged _ -> {}
                    case Mesh.Action.RoutesChanged _ -> {}
                }
            }
        }

        private void send(String from, String to, Frame frame) {
            Connection connection = connections.get(Set.of(from, to));
            if (connection == null || !connection.open) return;
            Way way = new Way(from, to);
            connection.waiting.computeIfAbsent(way, _ -> new ArrayDeque<>()).add(frame);
            flow(from, to);
        }

        private void flow(String from, String to) {
            Connection connection = connections.get(Set.of(from, to));
            if (connection == null || !connection.open || isBlocked(from, to)) return;
            Way way = new Way(from, to);
            Deque<Frame> waiting = connection.waiting.getOrDefault(way, new ArrayDeque<>());
            while (!waiting.isEmpty()) {
                Frame frame = Frame.decode(waiting.remove().encoded());
                after(
                        delays.getOrDefault(way, MILLI),
                        () -> {
                            if (!connection.open) return;
                            machine(to).mesh.received(from, frame, now);
                            perform(to);
                        });
            }
        }

        /** The other end is told where that can pass. */
        private void drop(String name, String neighbour) {
            Connection connection = connections.get(Set.of(name, neighbour));
            if (connection == null || !connection.open) return;
            connection.open = false;
            machine(name).mesh.disconnected(neighbour, now);
            if (!isBlocked(name, neighbour)) {
                machine(neighbour).mesh.disconnected(name, now);
                perform(neighbour);
            } else {
                // It finds out by itself, as its probes stay without an echo.
                Machine other = machine(neighbour);
                after(
                        3 * PROBE,
                        () -> {
                            Connection now = connections.get(Set.of(name, neighbour));
                            if (now == null || !now.open) other.mesh.disconnected(name, this.now);
                        });
            }
        }

        /** Nobody goes by a link that has been dead for long. */
        private void requireLiving(String name) {
            for (String to : machines.keySet()) {
                for (Lane lane : Lane.values()) {
                    Routes.Route route = machine(name).mesh.routes().to(to, lane).orElse(null);
                    if (route == null) continue;
                    List<String> members = route.members();
                    assertThat(new HashSet<>(members)).hasSameSizeAs(members);
                    for (int i = 1; i < members.size(); i++) {
                        Set<String> link = Set.of(members.get(i - 1), members.get(i));
                        long dead = deadSince.getOrDefault(link, now);
                        assertThat(now - dead)
                                .as("seed %d, %s goes by %s", seed, name, members)
                                .isLessThanOrEqualTo(MAX_DEAD_PROBES * PROBE);
                    }
                }
            }
        }

        /** Whoever can be reached is, by as few costly links and then hops as can be. */
        private void requireBest() {
            for (Lane lane : Lane.values()) {
                for (String from : machines.keySet()) {
                    Map<String, Integer> least = least(from, lane);
                    for (String to : machines.keySet()) {
                        if (to.equals(from)) continue;
                        Optional<Routes.Route> route = machine(from).mesh.routes().to(to, lane);
                        assertThat(route.map(this::price))
                                .as("seed %d, %s from %s to %s", seed, lane, from, to)
                                .isEqualTo(Optional.ofNullable(least.get(to)));
                    }
                }
            }
        }

        private int price(Routes.Route route) {
            int sum = 0;
            for (int i = 1; i < route.members().size(); i++)
                sum += price(route.members().get(i - 1), route.members().get(i));
            return sum;
        }

        private int price(String one, String other) {
            return signed.topology().link(one, other).orElseThrow().isCostly() ? 1_001 : 1;
        }

        /** Bellman and Ford's, since Dijkstra's is what is tested. */
        private Map<String, Integer> least(String from, Lane lane) {
            Map<String, Integer> least = new HashMap<>(Map.of(from, 0));
            for (int round = 0; round < Frame.MAX_ROUTE - 1; round++) {
                Map<String, Integer> before = Map.copyOf(least);
                for (Topology.Link link : signed.topology().links()) {
                    if (!lane.isWithin(link.lane())) continue;
                    if (deadSince.containsKey(Set.copyOf(link.between()))) continue;
                    relax(from, link.between().get(0), link.between().get(1), before, least);
                    relax(from, link.between().get(1), link.between().get(0), before, least);
                }
            }
            least.remove(from);
            return least;
        }

        private void relax(
                String from,
                String one,
                String other,
                Map<String, Integer> before,
                Map<String, Integer> least) {
            Integer known = before.get(one);
            if (known == null) return;
            if (!one.equals(from) && !signed.topology().mayRelay(one)) return;
            least.merge(other, known + price(one, other), Math::min);
        }
    }
}
