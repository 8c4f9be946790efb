package dev.holdfast.drill.sim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Does the acts of a plan to a cluster. */
final class Faults {
    private static final long HOUR_MILLIS = 3_600_000;
    private static final long DAY_MILLIS = 24 * HOUR_MILLIS;

    private final Cluster cluster;
    private final World world;
    private final SimNetwork network;
    private final Set<SimDevice> halfDeaf = new HashSet<>();
    private boolean over;

    Faults(Cluster cluster) {
        this.cluster = cluster;
        this.world = cluster.world;
        this.network = cluster.network;
    }

    /** Nothing that goes on by itself shall go on. */
    void end() {
        over = true;
    }

    void act(Act act) {
        Random dice = World.random(act.dice());
        SimDevice device = cluster.devices.get(act.who() % cluster.devices.size());
        SimEdge edge =
                cluster.edges.isEmpty()
                        ? null
                        : cluster.edges.get(act.who() % cluster.edges.size());
        if (!done(act, dice, device, edge)) return;
        world.coverage.count(act.kind().text());
        if (act.kind() != Act.Kind.WRITE) world.note(act.kind().text() + " " + act.who());
    }

    /** Answers whether there was what it takes. */
    private boolean done(Act act, Random dice, SimDevice device, @Nullable SimEdge edge) {
        SimRegion region = cluster.regions.get(act.who() % cluster.regions.size());
        boolean several = cluster.regions.size() > 1;
        return switch (act.kind()) {
            case WRITE -> {
                device.write(dice);
                yield true;
            }
            case DUEL -> duel(device, dice);
            case MOVE -> {
                if (several && edge != null && dice.nextBoolean()) edge.moveOn();
                else device.moveOn();
                yield true;
            }
            case GATEWAY_CUT -> edge != null && cut(edge, region, dice, 20_000);
            case BLACKOUT -> edge != null && cut(device, edge, dice, 20_000);
            case ONE_WAY_FOR_EVER -> oneWayForEver(device, dice);
            case FLICKER -> {
                if (several && dice.nextBoolean()) yield flicker(region, other(region), dice);
                yield edge != null && flicker(edge, region, dice);
            }
            case LOSS -> {
                network.loss = 0.02;
                yield later(dice, 15_000, () -> network.loss = 0);
            }
            case LATENCY -> {
                network.slowestMillis = World.between(dice, 500, 5_000);
                yield later(dice, 15_000, network::calm);
            }
            case REORDERING -> {
                network.reordering = 0.5;
                yield later(dice, 15_000, () -> network.reordering = 0);
            }
            case DEVICE_CRASH -> crash(device, dice);
            case EDGE_CRASH -> edge != null && crash(edge, dice);
            case REGION_CRASH -> crash(region, dice);
            case REGIONS_CUT -> several && cut(region, other(region), dice, 30_000);
            case REGION_AWAY -> several && away(region, dice);
            case REGION_BURNS -> burn(region, dice);
            case EDGE_BURNS -> edge != null && burn(edge, dice);
            case DEVICE_CLOCK_STEP -> step(device, dice);
            case EDGE_CLOCK_STEP -> edge != null && step(edge, dice);
            case CLOCK_DRIFT -> {
                SimNode node = edge != null && dice.nextBoolean() ? edge : device;
                node.clock.drift(World.between(dice, -20, 20));
                yield true;
            }
            case DATABASE_AWAY -> {
                region.awayUntilMillis = world.nowMillis() + World.between(dice, 100, 10_000);
                yield true;
            }
            case DATABASE_SLOW -> {
                region.slowUntilMillis = world.nowMillis() + World.between(dice, 1_000, 20_000);
                yield true;
            }
            case REDELIVERY -> {
                region.redeliver(World.between(dice, 1, 50));
                yield true;
            }
            case DISK_FULL -> {
                SimNode node = edge != null && dice.nextBoolean() ? edge : device;
                node.disk.fullUntilMillis = world.nowMillis() + World.between(dice, 100, 5_000);
                yield true;
            }
            case ROLLBACK -> {
                if (cluster.liar == null) yield false;
                cluster.liar.rollBack();
                yield true;
            }
            case NAME_AHEAD -> nameAhead(device, dice);
            case FORK -> fork(dice);
            case GRANT_NARROWED -> device.narrow();
        };
    }

    private boolean duel(SimDevice device, Random dice) {
        int at = cluster.devices.indexOf(device);
        SimDevice other = cluster.devices.get((at + 1) % cluster.devices.size());
        String scope = device.scopes.getFirst();
        if (other.name.equals(device.name) || !other.scopes.contains(scope)) return false;
        long seed = dice.nextLong();
        // The same document and field; the values may differ.
        device.write(Workload.duel(scope, World.random(seed), 1));
        other.write(Workload.duel(scope, World.random(seed), 2));
        return true;
    }

    private SimRegion other(SimRegion region) {
        List<SimRegion> all = cluster.regions;
        return all.get((all.indexOf(region) + 1) % all.size());
    }

    /** Longer than anything else is cut, and from everybody at once. */
    private boolean away(SimRegion region, Random dice) {
        List<SimNode> others = new ArrayList<>(cluster.devices);
        others.addAll(cluster.edges);
        others.addAll(cluster.regions);
        others.addAll(cluster.twins);
        if (cluster.namer != null) others.add(cluster.namer);
        for (SimNode other : others) {
            network.cut(region.name, other.name, true);
            network.cut(other.name, region.name, true);
        }
        return later(dice, 45_000, () -> others.forEach(other -> join(region, other)));
    }

    /** At most one, and only where all that is said to be safe is in a second region. */
    private boolean burn(SimRegion region, Random dice) {
        boolean safe = cluster.topology.regions().retain() == Regions.Retain.GLOBAL;
        boolean can = safe && region != cluster.home() && cluster.burned.isEmpty();
        if (!can || !region.up) return false;
        cluster.burn(region);
        world.after(World.between(dice, 100, 20_000), () -> cluster.replace(region));
        return true;
    }

    private boolean cut(SimNode a, SimNode b, Random dice, int mostMillis) {
        boolean oneWay = dice.nextInt(10) < 3;
        boolean up = dice.nextBoolean();
        if (!oneWay || up) network.cut(a.name, b.name, true);
        if (!oneWay || !up) network.cut(b.name, a.name, true);
        return later(dice, mostMillis, () -> join(a, b));
    }

    private void join(SimNode a, SimNode b) {
        network.cut(a.name, b.name, false);
        network.cut(b.name, a.name, false);
    }

    /** A device that has another way loses one direction of one of its ways for good. */
    private boolean oneWayForEver(SimDevice device, Random dice) {
        List<SimServer> ways = device.honestServers(cluster.liar);
        if (ways.size() < 2 || !halfDeaf.add(device)) return false;
        String other = ways.get(dice.nextInt(ways.size())).name;
        if (dice.nextBoolean()) network.cutForEver(device.name, other);
        else network.cutForEver(other, device.name);
        return true;
    }

    private boolean flicker(SimRegion one, SimRegion other, Random dice) {
        flick(one, other, World.random(dice.nextLong()), World.between(dice, 5, 20));
        return true;
    }

    private boolean flicker(SimEdge edge, SimRegion region, Random dice) {
        SimNode other =
                dice.nextBoolean()
                        ? region
                        : cluster.devices.get(dice.nextInt(cluster.devices.size()));
        flick(edge, other, World.random(dice.nextLong()), World.between(dice, 5, 20));
        return true;
    }

    private void flick(SimNode a, SimNode b, Random dice, int left) {
        if (over) return;
        boolean down = left % 2 == 1;
        network.cut(a.name, b.name, down);
        network.cut(b.name, a.name, down);
        if (left > 0)
            world.after(World.between(dice, 300, 2_000), () -> flick(a, b, dice, left - 1));
    }

    private boolean crash(SimNode node, Random dice) {
        if (!node.up) return false;
        int downMillis = World.between(dice, 10, 8_000);
        if (dice.nextBoolean()) {
            crash(node, downMillis);
        } else {
            // The worst moment: something was written and nothing flushed.
            node.disk.afterWrite(() -> {
                if (node.up && !over) crash(node, downMillis);
            });
        }
        return true;
    }

    private void crash(SimNode node, int downMillis) {
        node.crash();
        up(node, downMillis);
    }

    private boolean burn(SimEdge edge, Random dice) {
        if (!edge.up || edge == cluster.liar) return false;
        edge.burn();
        return up(edge, World.between(dice, 100, 10_000));
    }

    private boolean up(SimNode node, int afterMillis) {
        world.after(
                afterMillis,
                () -> {
                    if (!node.up && !cluster.burned.contains(node)) node.restart();
                });
        return true;
    }

    private static boolean step(SimNode node, Random dice) {
        node.clock.step(
                switch (dice.nextInt(5)) {
                    case 0 -> DAY_MILLIS * World.between(dice, 1, 30);
                    case 1 -> -DAY_MILLIS * World.between(dice, 1, 30);
                    case 2 -> 0;
                    default -> World.between(dice, (int) -HOUR_MILLIS, (int) HOUR_MILLIS);
                });
        return true;
    }

    private boolean nameAhead(SimDevice victim, Random dice) {
        SimHostile namer = cluster.namer;
        if (namer == null) return false;
        String scope = victim.scopes.getFirst();
        long next = victim.disk.store.read(tables -> tables.context(scope, victim.id())).max() + 1;
        namer.nameAhead(dice, victim.id(), scope, next);
        return true;
    }

    /** Both copies of a key write, one at an edge that is cut off as often as not. */
    private boolean fork(Random dice) {
        if (cluster.twins.isEmpty()) return false;
        List<String> scopes = cluster.topology.scopes();
        String scope = scopes.get(dice.nextInt(scopes.size()));
        for (SimHostile twin : cluster.twins) twin.fork(dice, scope);
        if (!cluster.edges.isEmpty() && dice.nextBoolean())
            cut(cluster.edges.getFirst(), cluster.home(), dice, 20_000);
        return true;
    }

    private boolean later(Random dice, int mostMillis, Runnable work) {
        world.after(
                World.between(dice, 100, mostMillis),
                () -> {
                    if (!over) work.run();
                });
        return true;
    }
}
