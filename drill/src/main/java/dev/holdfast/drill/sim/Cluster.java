package dev.holdfast.drill.sim;

import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.region.store.Copies;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All nodes of one history, wired as its topology says. */
final class Cluster {
    private static final int COPIES = 2;

    final World world;
    final SimNetwork network;
    final Claims claims = new Claims();
    final Topology topology;
    final List<SimRegion> regions = new ArrayList<>();
    final List<SimRegion> burned = new ArrayList<>();
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
        network = new SimNetwork(world, topology.slowestMillis(), topology.thinBytesPerSecond());
        SimKeys keys = new SimKeys(world);
        place = new SimNode.Place(world, keys, network, claims, keys.newKey());
        for (int i = 0; i < topology.regions().count(); i++)
            regions.add(newRegion("region-" + (i + 1), i));
        SimLiar lies = null;
        for (int i = 1; i <= topology.edges(); i++) {
            String name = "edge-" + i;
            SignedGrant grant = granted(name, Grant.Role.EDGE);
            Durability retain = topology.regions().edgesRetainUntil();
            if (topology.liar() && i == topology.edges()) {
                SignedGrant region = regions.getFirst().grant;
                lies =
                        new SimLiar(
                                place,
                                name,
                                grant,
                                topology.scopes(),
                                () -> regions,
                                retain,
                                region,
                                topology.disguises());
                edges.add(lies);
            } else {
                edges.add(
                        new SimEdge(place, name, grant, topology.scopes(), () -> regions, retain));
            }
        }
        liar = lies;
        for (Topology.Person person : topology.persons()) {
            String name = "device-" + (devices.size() + 1);
            SignedGrant grant = granted(name, Grant.Role.DEVICE);
            devices.add(
                    new SimDevice(
                            place, name, grant, person, () -> known(person), this::requireSo));
        }
        namer =
                topology.namer()
                        ? hostile("namer", granted("namer", Grant.Role.DEVICE), this::everywhere)
                        : null;
        if (topology.forker()) {
            SignedGrant grant = granted("twin", Grant.Role.DEVICE);
            claims.forks(grant.replica());
            // As far from each other as can be, so that neither hears of the other too soon.
            twins.add(
                    hostile(
                            "twin-1",
                            grant,
                            () -> edges.isEmpty() ? regions : List.of(edges.getFirst())));
            twins.add(hostile("twin-2", grant, () -> regions));
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

    private SimHostile hostile(
            String name, SignedGrant grant, Supplier<List<? extends SimServer>> known) {
        Durability retain = topology.regions().retainUntil(0);
        Topology.Person person =
                new Topology.Person(topology.scopes(), List.of(), true, 0, false, retain);
        return new SimHostile(place, name, grant, person, known);
    }

    private SimRegion newRegion(String name, int at) {
        Regions plan = topology.regions();
        List<Supplier<SimRegion>> peers = new ArrayList<>();
        for (int other : plan.followedBy(at)) peers.add(() -> regions.get(other));
        Copies copies = plan.count() > 1 ? new Copies(COPIES) : Copies.NONE;
        SimRegion.Site site = new SimRegion.Site(at == 0, copies, peers, this::isElsewhere);
        return new SimRegion(place, name, granted(name, Grant.Role.REGION), site);
    }

    /** A region and all that it has are gone for good. */
    void burn(SimRegion region) {
        region.crash();
        burned.add(region);
    }

    /** An empty one, of another key, takes the place of one that burned. */
    void replace(SimRegion burned) {
        int at = regions.indexOf(burned);
        if (at < 0) return;
        SimRegion empty = newRegion(burned.name, at);
        regions.set(at, empty);
        honest.set(honest.indexOf(burned), empty);
    }

    private boolean isElsewhere(SimRegion here, String scope, Span span) {
        List<SimRegion> others = allRegions().filter(region -> region != here).toList();
        return here.isAmong(others, scope, span);
    }

    /** Those that burned too, as they were then. */
    Stream<SimRegion> allRegions() {
        return Stream.concat(regions.stream().filter(r -> !burned.contains(r)), burned.stream());
    }

    /**
     * What may be given up by whoever answers for it until {@code level}: what is applied somewhere
     * that did not burn, and for GLOBAL in a second region, though that may have burned since.
     */
    Intervals settled(String scope, ReplicaId replica, Durability level) {
        Intervals somewhere = Intervals.NONE;
        Intervals twice = Intervals.NONE;
        Intervals alive = Intervals.NONE;
        for (SimRegion region : allRegions().toList()) {
            Intervals here = region.disk.store.read(tables -> tables.context(scope, replica));
            twice = twice.union(here.minus(here.minus(somewhere)));
            somewhere = somewhere.union(here);
            if (!burned.contains(region)) alive = alive.union(here);
        }
        if (!level.reaches(Durability.GLOBAL)) return alive;
        return twice.minus(twice.minus(alive));
    }

    /** What some region has, or had before it burned. */
    Intervals appliedOnce(String scope, ReplicaId replica) {
        Intervals applied = Intervals.NONE;
        for (SimRegion region : allRegions().toList())
            applied = applied.union(region.applied(scope).of(replica));
        return applied;
    }

    private void requireSo(Receipt receipt, Span span) {
        SimRegion region =
                allRegions().filter(r -> r.id().equals(receipt.node())).findFirst().orElse(null);
        boolean so =
                region != null
                        && (receipt.level().reaches(Durability.APPLIED)
                                ? region.hasApplied(
                                        receipt.scope(), span.replica(), span.from(), span.to())
                                : region.has(
                                        receipt.scope(), span.replica(), span.from(), span.to()))
                        && (!receipt.level().reaches(Durability.GLOBAL)
                                || isElsewhere(region, receipt.scope(), span));
        Invariant.WATERMARKS_ARE_TRUE.hold(
                so, () -> "a device believes " + receipt.level() + " of " + span);
    }

    /** The region that corrects clocks; it never burns. */
    SimRegion home() {
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
        for (SimRegion region : burned) replace(region);
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
