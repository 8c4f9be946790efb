package dev.holdfast.drill.sim;

import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All nodes of one history, wired as its topology says. */
final class Cluster {
    final World world;
    final SimNetwork network;
    final Claims claims = new Claims();
    final Topology topology;
    final List<SimRegion> regions = new ArrayList<>();
    final List<SimEdge> edges = new ArrayList<>();
    final List<SimDevice> devices = new ArrayList<>();

    /** Two devices of one key, or none. */
    final List<SimHostile> twins = new ArrayList<>();

    final @Nullable SimHostile namer;
    final @Nullable SimLiar liar;

    /** Who must keep every promise: all but liars and copied keys. */
    private final List<SimNode> honest = new ArrayList<>();

    private final SimNode.Place place;

    Cluster(World world, Topology topology) {
        this.world = world;
        this.topology = topology;
        network = new SimNetwork(world, topology.slowestMillis());
        SimKeys keys = new SimKeys(world);
        place = new SimNode.Place(world, keys, network, claims, keys.newKey());
        for (int i = 1; i <= topology.regions(); i++) {
            String name = "region-" + i;
            regions.add(new SimRegion(place, name, granted(name, Grant.Role.REGION)));
        }
        SimLiar lies = null;
        for (int i = 1; i <= topology.edges(); i++) {
            String name = "edge-" + i;
            SignedGrant grant = granted(name, Grant.Role.EDGE);
            if (topology.liar() && i == topology.edges()) {
                SignedGrant region = regions.getFirst().grant;
                lies = new SimLiar(place, name, grant, topology.scopes(), () -> regions, region);
                edges.add(lies);
            } else {
                edges.add(new SimEdge(place, name, grant, topology.scopes(), () -> regions));
            }
        }
        liar = lies;
        for (Topology.Person person : topology.persons()) {
            String name = "device-" + (devices.size() + 1);
            SignedGrant grant = granted(name, Grant.Role.DEVICE);
            List<SimServer> known = known(person);
            devices.add(new SimDevice(place, name, grant, person, () -> known, this::requireSo));
        }
        namer =
                topology.namer()
                        ? hostile("namer", granted("namer", Grant.Role.DEVICE), everywhere())
                        : null;
        if (topology.forker()) {
            SignedGrant grant = granted("twin", Grant.Role.DEVICE);
            claims.forks(grant.replica());
            // As far from each other as can be, so that neither hears of the other too soon.
            List<SimServer> near = edges.isEmpty() ? everywhere() : List.of(edges.getFirst());
            twins.add(hostile("twin-1", grant, near));
            twins.add(hostile("twin-2", grant, List.copyOf(regions)));
        }
        honest.addAll(devices);
        if (namer != null) honest.add(namer);
        edges.stream().filter(edge -> edge != liar).forEach(honest::add);
        honest.addAll(regions);
    }

    private SignedGrant granted(String name, Grant.Role role) {
        SignedGrant grant = place.newGrant(name, role);
        claims.knows(grant);
        return grant;
    }

    private List<SimServer> known(Topology.Person person) {
        List<SimServer> known = new ArrayList<>();
        for (int edge : person.edges()) known.add(edges.get(edge));
        if (person.region()) known.addAll(regions);
        return known;
    }

    private List<SimServer> everywhere() {
        List<SimServer> all = new ArrayList<>(edges);
        all.addAll(regions);
        return all;
    }

    private SimHostile hostile(String name, SignedGrant grant, List<SimServer> known) {
        Topology.Person person = new Topology.Person(topology.scopes(), List.of(), true, 0, false);
        return new SimHostile(place, name, grant, person, () -> known);
    }

    private void requireSo(Receipt receipt, Span span) {
        SimRegion region = regions.getFirst();
        boolean so =
                receipt.level().reaches(Durability.APPLIED)
                        ? region.hasApplied(receipt.scope(), span.replica(), span.from(), span.to())
                        : region.has(receipt.scope(), span.replica(), span.from(), span.to());
        Invariant.WATERMARKS_ARE_TRUE.hold(
                so, () -> "an author believes " + receipt.level() + " of " + span);
    }

    SimRegion region() {
        return regions.getFirst();
    }

    List<SimNode> honest() {
        return honest;
    }

    Stream<SimEdge> honestEdges() {
        return edges.stream().filter(edge -> edge != liar);
    }

    /** All devices that write honest chains. */
    Stream<SimDevice> writers() {
        return namer == null ? devices.stream() : Stream.concat(devices.stream(), Stream.of(namer));
    }

    /** Ends all faults; what is down comes up, and the liar goes. */
    void heal() {
        network.heal();
        for (SimRegion region : regions) {
            region.awayUntilMillis = 0;
            region.slowUntilMillis = 0;
        }
        if (liar != null) liar.retire();
        List<SimNode> all = new ArrayList<>(honest);
        all.addAll(twins);
        for (SimNode node : all) {
            node.disk.fullUntilMillis = 0;
            if (!node.up) node.restart();
        }
        world.note("healed");
    }

    /** What each node has and waits for, for whoever looks into a seed that failed. */
    List<String> nodes() {
        List<String> lines = new ArrayList<>();
        for (SimNode node : honest) {
            for (String scope : topology.scopes()) {
                lines.add(
                        node.disk.store.read(tables ->
                                "%s %s %s: has %s, answers for %s"
                                        .formatted(
                                                node,
                                                node.id(),
                                                scope,
                                                tables.context(scope),
                                                tables.unconfirmed(scope))));
            }
        }
        return lines;
    }
}
