package dev.holdfast.drill.sim;

import static dev.holdfast.drill.sim.Claims.hold;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One seed's history: a topology drawn from the seed, a time of writes and faults, then healing,
 * after which everything must be one.
 *
 * <p>Checked after every event: what was acknowledged at a level is kept there, and a watermark
 * says only what is so (for the operations whose claims changed, and after a crash for all).
 * Checked wherever two nodes have equal contexts: equal documents. Checked at the end: every
 * context and every document equal, each counter the sum of what was acknowledged, every refusal
 * known to its author, nothing waiting.
 */
final class Simulation {
    private static final int CHAOS_MILLIS = 60_000;
    private static final int HEALING_MILLIS = 600_000;
    private static final int SETTLE_MILLIS = 5_000;

    private final World world;
    private final SimKeys keys;
    private final SimNetwork network;
    private final Claims claims = new Claims();
    private final List<SimDevice> devices = new ArrayList<>();
    private final List<SimEdge> edges = new ArrayList<>();
    private final SimRegion region;
    private final List<String> scopes = new ArrayList<>();
    private final Map<String, Integer> seen = new TreeMap<>();
    private boolean chaos = true;
    private long events;

    /**
     * What a seed showed.
     *
     * @param healedMillis virtual time from the end of the faults to the end of all work
     * @param coverage how often each interesting thing happened
     */
    record Outcome(long events, int operations, long healedMillis, Map<String, Integer> coverage) {}

    Simulation(long seed) {
        this(seed, false);
    }

    /**
     * A simulation of {@code seed}.
     *
     * @param forgetful plants a bug, to show that it is found: disks answer before they flush
     */
    Simulation(long seed, boolean forgetful) {
        world = new World(seed);
        world.forgetful = forgetful;
        keys = new SimKeys(world);
        network = new SimNetwork(world);
        Bytes authority = keys.newKey();
        for (int i = world.between(1, 2); i > 0; i--) scopes.add("scope-" + i);
        region = new SimRegion(world, keys, network, "region", authority);
        for (int i = world.between(0, 3); i > 0; i--) {
            edges.add(
                    new SimEdge(
                            world,
                            keys,
                            network,
                            "edge-" + i,
                            authority,
                            scopes,
                            () -> List.of(region)));
        }
        for (int i = world.between(2, 8); i > 0; i--) {
            // Some devices know edges only, some the region as well; they move between them as they
            // like.
            List<SimServer> known = new ArrayList<>(edges);
            if (edges.isEmpty() || world.chance(0.3)) known.add(region);
            devices.add(
                    new SimDevice(
                            world,
                            keys,
                            network,
                            "device-" + i,
                            authority,
                            claims,
                            scopes,
                            () -> known));
        }
    }

    /**
     * Runs to the end.
     *
     * @throws Claims.Broken when a guarantee does not hold
     */
    Outcome run() {
        devices.forEach(this::scheduleWrites);
        scheduleFault();
        long chaosEnds = world.nowMillis() + CHAOS_MILLIS;
        while (world.nowMillis() < chaosEnds) stepAndCheck();
        chaos = false;
        heal();
        long healed = world.nowMillis();
        long settled = 0;
        while (settled < SETTLE_MILLIS) {
            long before = world.nowMillis();
            stepAndCheck();
            settled = isSettled() ? settled + world.nowMillis() - before : 0;
            hold(
                    world.nowMillis() - healed < HEALING_MILLIS,
                    "not converged " + HEALING_MILLIS / 1000 + " s after healing: " + waiting());
        }
        checkEnd();
        return new Outcome(events, claims.acknowledged, world.nowMillis() - healed - settled, seen);
    }

    /** What each node has and waits for, for whoever looks into a seed that failed. */
    List<String> nodes() {
        List<SimNode> all = new ArrayList<>(devices);
        all.addAll(edges);
        all.add(region);
        List<String> lines = new ArrayList<>();
        for (SimNode node : all) {
            for (String scope : scopes) {
                lines.add(
                        node.disk.store.read(tables ->
                                node.name
                                        + " "
                                        + node.id()
                                        + " "
                                        + scope
                                        + ": has "
                                        + tables.context(scope)
                                        + ", answers for "
                                        + tables.unconfirmed(scope)));
            }
        }
        return lines;
    }

    Iterable<String> trace() {
        return world.trace();
    }

    private void stepAndCheck() {
        hold(world.step(), "nothing is due any more");
        events++;
        if (events % 64 == 0) checkEqualContexts();
        if (events % 256 == 0) checkReached();
    }

    private void scheduleWrites(SimDevice device) {
        world.after(
                world.between(1, 1_500),
                () -> {
                    if (!chaos) return;
                    device.write();
                    scheduleWrites(device);
                });
    }

    // Faults.

    private void scheduleFault() {
        world.after(
                world.between(100, 3_000),
                () -> {
                    if (!chaos) return;
                    fault();
                    scheduleFault();
                });
    }

    private void fault() {
        switch (world.random.nextInt(10)) {
            case 0 -> cut(edge(), region, "gateway cut");
            case 1 -> cut(device(), edge(), "blackout");
            case 2 -> crash(device(), "device crashed");
            case 3 -> crash(edge(), "edge crashed");
            case 4 -> crash(region, "region crashed");
            case 5 -> {
                network.loss = world.chance(0.5) ? 0.02 : 0;
                count("loss");
            }
            case 6 -> {
                SimEdge edge = edge();
                if (edge == null || !edge.up || !world.chance(0.5)) return;
                if (edge.disk.store.read(MemoryTables::outboxBytes) > 0)
                    count("edge burned holding unconfirmed batches");
                world.note(edge.name + " burns");
                edge.burn();
                world.after(world.between(100, 10_000), edge::restart);
            }
            case 7 -> {
                SimDevice device = device();
                device.clockAheadMillis =
                        world.chance(0.5) ? 86_400_000L : world.between(-3_600_000, 3_600_000);
                count("clock stepped");
            }
            case 8 -> {
                region.awayUntilMillis = world.nowMillis() + world.between(100, 10_000);
                count("database away");
            }
            default -> {
                SimNode node = world.chance(0.5) ? device() : edge();
                if (node == null) return;
                node.disk.fullUntilMillis = world.nowMillis() + world.between(100, 5_000);
                count("disk full");
            }
        }
    }

    private void cut(@Nullable SimNode a, @Nullable SimNode b, String what) {
        if (a == null || b == null) return;
        boolean oneWay = world.chance(0.3);
        count(oneWay ? "one-way " + what : what);
        world.note(what + " between " + a.name + " and " + b.name + (oneWay ? ", one way" : ""));
        network.cut(a.name, b.name, true);
        if (!oneWay) network.cut(b.name, a.name, true);
        world.after(
                world.between(100, 20_000),
                () -> {
                    network.cut(a.name, b.name, false);
                    network.cut(b.name, a.name, false);
                });
    }

    private void crash(@Nullable SimNode node, String what) {
        if (node == null || !node.up) return;
        if (node.disk.store.unflushed() > 0) count(what + " with unflushed writes");
        count(what);
        world.note(node.name + " crashes");
        node.crash();
        checkReached();
        world.after(
                world.between(10, 8_000),
                () -> {
                    if (!node.up) node.restart();
                });
    }

    private SimDevice device() {
        return devices.get(world.random.nextInt(devices.size()));
    }

    private @Nullable SimEdge edge() {
        return edges.isEmpty() ? null : edges.get(world.random.nextInt(edges.size()));
    }

    private void heal() {
        network.heal();
        region.awayUntilMillis = 0;
        List<SimNode> all = new ArrayList<>(devices);
        all.addAll(edges);
        all.add(region);
        for (SimNode node : all) {
            node.disk.fullUntilMillis = 0;
            if (!node.up) node.restart();
        }
        world.note("healed");
    }

    private void count(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    // Judging.

    /** What an author was told is so: the region has it in its log or its tables, durable. */
    private void checkReached() {
        for (String scope : scopes) {
            Context applied = region.applied(scope);
            for (var claim : claims.reached(scope).entrySet()) {
                if (claim.getValue().reaches(Durability.APPLIED)) {
                    hold(
                            applied.contains(claim.getKey()),
                            claim.getKey() + " was said to be applied and is not");
                } else if (claim.getValue().reaches(Durability.REGION)) {
                    hold(
                            applied.contains(claim.getKey())
                                    || region.logHas(scope, claim.getKey()),
                            claim.getKey() + " was said to be in the region and is not");
                }
            }
            for (Claims.Written written : claims.written(scope).values()) {
                hold(
                        devices.stream()
                                .filter(device -> device.id().equals(written.dot().replica()))
                                .allMatch(device ->
                                        device.disk
                                                .store
                                                .read(tables ->
                                                        tables.context(
                                                                scope, written.dot().replica()))
                                                .contains(written.dot().seq())),
                        written.dot() + " was saved and is gone from its device");
            }
        }
    }

    /** Equal contexts, equal documents: the first law. */
    private void checkEqualContexts() {
        String scope = scopes.get(world.random.nextInt(scopes.size()));
        SimNode a = anyNode();
        SimNode b = anyNode();
        if (a.name.equals(b.name)) return;
        Context mine = a.disk.store.read(tables -> tables.context(scope));
        if (mine.isEmpty() || !mine.equals(b.disk.store.read(tables -> tables.context(scope))))
            return;
        count("equal contexts compared");
        hold(
                documents(a, scope).equals(documents(b, scope)),
                a.name + " and " + b.name + " have equal contexts and other documents");
    }

    private SimNode anyNode() {
        int index = world.random.nextInt(devices.size() + edges.size() + 1);
        if (index < devices.size()) return devices.get(index);
        index -= devices.size();
        return index < edges.size() ? edges.get(index) : region;
    }

    private static Map<DocumentId, Bytes> documents(SimNode node, String scope) {
        return node.disk.store.read(tables -> {
            Map<DocumentId, Bytes> documents = new TreeMap<>();
            for (DocumentId id : tables.documents(scope))
                documents.put(id, tables.document(scope, id).encoded());
            return documents;
        });
    }

    private boolean isSettled() {
        return waiting().isEmpty();
    }

    /** What is not yet as it must be at the end. */
    private String waiting() {
        for (String scope : scopes) {
            Context applied = region.applied(scope);
            if (!region.isDrained()) return "the region's log";
            for (SimEdge edge : edges) {
                if (!edge.disk.store.read(tables -> tables.unconfirmed(scope)).isEmpty())
                    return "the outbox of " + edge.name;
                Context edges = edge.disk.store.read(tables -> tables.context(scope));
                if (!edges.equals(applied))
                    return "the context of " + edge.name + difference(edges, applied);
            }
            for (SimDevice device : devices) {
                Context own = device.disk.store.read(tables -> tables.unconfirmed(scope));
                if (!own.isEmpty()) return "the outbox of " + device.name + ": " + own;
                Context context = device.disk.store.read(tables -> tables.context(scope));
                Context others = new Context(context);
                others.put(device.id(), applied.of(device.id()));
                if (!others.equals(applied))
                    return "the context of " + device.name + difference(others, applied);
                var left = context.of(device.id()).minus(applied.of(device.id()));
                for (int i = 0; i < left.count(); i++) {
                    for (long seq = left.from(i); seq <= left.to(i); seq++) {
                        if (!claims.refused(scope).contains(new Dot(device.id(), seq))) {
                            return "an operation of "
                                    + device.name
                                    + " that is neither applied nor refused: "
                                    + seq;
                        }
                    }
                }
            }
        }
        return "";
    }

    private static String difference(Context here, Context there) {
        StringBuilder text = new StringBuilder();
        Context all = new Context(here);
        all.addAll(there);
        all.replicas()
                .forEach((replica, any) -> {
                    if (!here.of(replica).equals(there.of(replica))) {
                        text.append(", ")
                                .append(replica)
                                .append(" has ")
                                .append(here.of(replica))
                                .append(" of ")
                                .append(there.of(replica));
                    }
                });
        return text.toString();
    }

    private void checkEnd() {
        checkReached();
        for (String scope : scopes) {
            Map<DocumentId, Bytes> truth = documents(region, scope);
            for (SimEdge edge : edges)
                hold(
                        documents(edge, scope).equals(truth),
                        edge.name + " has other documents than the region");
            for (SimDevice device : devices) {
                boolean refusedSome =
                        claims.refused(scope).stream()
                                .anyMatch(dot -> dot.replica().equals(device.id()));
                if (!refusedSome)
                    hold(
                            documents(device, scope).equals(truth),
                            device.name + " has other documents than the region");
            }
            checkCounters(scope);
            checkRefusals(scope);
        }
    }

    /** Each counter is what was added to it by every operation that stands, once. */
    private void checkCounters(String scope) {
        Context applied = region.applied(scope);
        Map<DocumentId, Long> sums = new TreeMap<>();
        for (Claims.Written written : claims.written(scope).values()) {
            if (!applied.contains(written.dot())) continue;
            written.increments().forEach((id, by) -> sums.merge(id, by, Long::sum));
        }
        sums.forEach((id, sum) -> {
            Document document = region.disk.store.read(tables -> tables.document(scope, id));
            long counted = View.sum(document, Key.counter("count"));
            hold(counted == sum, id + " counts " + counted + " where " + sum + " was added");
        });
    }

    private void checkRefusals(String scope) {
        Context applied = region.applied(scope);
        for (Claims.Written written : claims.written(scope).values()) {
            boolean refused = claims.refused(scope).contains(written.dot());
            hold(
                    refused != applied.contains(written.dot()),
                    written.dot() + " is neither applied nor refused, or both");
            if (written.forbidden()) {
                hold(refused, written.dot() + " was not allowed and is applied");
                count("refused and told so");
            }
        }
    }
}
