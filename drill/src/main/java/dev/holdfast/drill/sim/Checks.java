package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.schema.View;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The judge.
 *
 * <ul>
 *   <li>After every event, for each node that wrote or lost something in it: what is saved is
 *       there, and what a node answers for it holds until a region has it. After a region's crash,
 *       for all nodes, and that what was told at APPLIED still is.
 *   <li>At the moment it is said: an acknowledgement is so, a watermark that an author believes is
 *       so, a queue is within its bound, a write is seen by its author (in the nodes' drivers).
 *   <li>At sampled events and at the end: all of a node against itself ({@link NodeCheck}), two
 *       nodes of equal contexts against each other, each batch an edge acknowledged by its hash.
 *   <li>At the end: everybody has everything, counters add up, refusals are told, no clock that ran
 *       ahead decides.
 * </ul>
 */
final class Checks {
    private final Cluster cluster;
    private final Claims claims;
    private final List<String> scopes;

    /** Of its own, so that looking changes nothing. */
    private final Random random;

    Checks(Cluster cluster, long seed) {
        this.cluster = cluster;
        this.claims = cluster.claims;
        this.scopes = cluster.topology.scopes();
        this.random = World.random(seed + 1);
    }

    void afterEvent() {
        boolean regionLost = false;
        for (SimRegion region : cluster.regions) regionLost |= region.hasCrashed();
        if (regionLost) reached();
        for (SimNode node : cluster.honest()) {
            if (!node.disk.hasChanged() && !regionLost) continue;
            for (String scope : scopes) {
                if (node instanceof SimDevice device) device(device, scope);
                if (node instanceof SimEdge edge) edge(edge, scope);
            }
        }
    }

    void sampled() {
        String scope = scopes.get(random.nextInt(scopes.size()));
        SimNode node = anyone();
        NodeCheck.check(node, scope);
        if (node instanceof SimEdge edge) batches(edge, scope);
        equalContexts(node, anyone(), scope);
    }

    private SimNode anyone() {
        return cluster.honest().get(random.nextInt(cluster.honest().size()));
    }

    /** What its person saw saved is there, and in the outbox until a region has it. */
    private void device(SimDevice device, String scope) {
        ReplicaId id = device.id();
        Intervals here = device.disk.store.read(tables -> tables.context(scope, id));
        Intervals lost = claims.saved(scope).of(id).minus(here);
        Invariant.ACKNOWLEDGED_IS_KEPT.hold(
                lost.isEmpty(), () -> lost + " were saved at " + device + " and are gone");
        Intervals held =
                device.disk.store.read(tables -> {
                    AuthorState author = tables.author(scope);
                    long sealed = author == null ? 0 : author.sealedSeq();
                    Intervals unconfirmed = tables.unconfirmed(scope).of(id);
                    for (Verdict refused : tables.verdicts(scope, id)) {
                        Span span = refused.rejection().span();
                        unconfirmed = unconfirmed.with(span.from(), span.to());
                    }
                    return here.max() > sealed
                            ? unconfirmed.with(sealed + 1, here.max())
                            : unconfirmed;
                });
        Intervals left = here.minus(held).minus(cluster.settled(scope, id, device.retainUntil()));
        Invariant.UNCONFIRMED_IS_HELD.hold(
                left.isEmpty(), () -> device + " gave up " + left + ", which no region has");
    }

    private Intervals applied(String scope, ReplicaId id) {
        return cluster.home().disk.store.read(tables -> tables.context(scope, id));
    }

    /**
     * What it said it keeps it sends on, until a region has it or refused it. What it has from a
     * region it need not send on, though its author waits for GLOBAL.
     */
    private void edge(SimEdge edge, String scope) {
        Context unconfirmed = edge.disk.store.read(tables -> tables.unconfirmed(scope));
        edge.saidKept(scope)
                .replicas()
                .forEach((replica, said) -> {
                    Intervals left =
                            said.minus(unconfirmed.of(replica))
                                    .minus(cluster.appliedOnce(scope, replica));
                    if (left.isEmpty()) return;
                    Intervals lost = left.minus(refused(edge, scope, replica));
                    Invariant.UNCONFIRMED_IS_HELD.hold(
                            lost.isEmpty(),
                            () ->
                                    "%s gave up %s of %s, which no region has"
                                            .formatted(edge, lost, replica));
                });
    }

    private static Intervals refused(SimNode node, String scope, ReplicaId replica) {
        Intervals refused = Intervals.NONE;
        for (Rejection rejection : rejections(node, scope, replica))
            refused = refused.with(rejection.span().from(), rejection.span().to());
        return refused;
    }

    private static List<Rejection> rejections(SimNode node, String scope, ReplicaId replica) {
        return node.disk.store.read(tables ->
                tables.verdicts(scope, replica).stream().map(Verdict::rejection).toList());
    }

    /** The same by the bytes; what is settled is looked at no more. */
    private void batches(SimEdge edge, String scope) {
        Context unconfirmed = edge.disk.store.read(tables -> tables.unconfirmed(scope));
        for (Iterator<Batch> all = edge.saidBatches(scope).iterator(); all.hasNext(); ) {
            Batch batch = all.next();
            if (unconfirmed.of(batch.author()).contains(batch.first(), batch.last())) continue;
            boolean settled = cluster.regions.stream().anyMatch(region -> region.isSettled(batch));
            boolean refused =
                    rejections(edge, scope, batch.author()).stream()
                            .anyMatch(rejection -> rejection.span().equals(Span.of(batch)));
            Invariant.UNCONFIRMED_IS_HELD.hold(
                    settled || refused,
                    () -> edge + " gave up " + Span.of(batch) + ", and no region has these bytes");
            if (settled) all.remove();
        }
    }

    /** What authors were told is still so. */
    private void reached() {
        for (String scope : scopes) {
            for (SimRegion region : cluster.regions) {
                if (!cluster.burned.contains(region)) reached(region, scope);
            }
            for (SimRegion burned : cluster.burned) survived(burned, scope);
        }
    }

    private void reached(SimRegion region, String scope) {
        Map<Dot, Durability> said = claims.reached(scope, region.id());
        if (said.isEmpty()) return;
        Context applied = region.applied(scope);
        Context reached = region.reached(scope);
        said.forEach((dot, level) -> {
            boolean so =
                    level.reaches(Durability.APPLIED)
                            ? applied.contains(dot)
                            : !level.reaches(Durability.REGION) || reached.contains(dot);
            Invariant.WATERMARKS_ARE_TRUE.hold(
                    so, () -> dot + " was told to be at " + level + " and is not");
        });
    }

    /** What a region said to be GLOBAL before it burned is in another one. */
    private void survived(SimRegion burned, String scope) {
        Map<Dot, Durability> said = claims.reached(scope, burned.id());
        if (said.isEmpty()) return;
        Context applied = new Context();
        cluster.allRegions()
                .filter(region -> !cluster.burned.contains(region))
                .forEach(region -> applied.addAll(region.applied(scope)));
        said.forEach((dot, level) ->
                Invariant.WATERMARKS_ARE_TRUE.hold(
                        !level.reaches(Durability.GLOBAL) || applied.contains(dot),
                        () -> dot + " was told to be GLOBAL and burned with " + burned));
    }

    private void equalContexts(SimNode a, SimNode b, String scope) {
        if (a.name.equals(b.name)) return;
        Context mine = a.disk.store.read(tables -> tables.context(scope));
        if (mine.isEmpty() || !mine.equals(b.disk.store.read(tables -> tables.context(scope))))
            return;
        cluster.world.coverage.count(Coverage.EQUAL);
        sameDocuments(a, b, scope);
    }

    private static void sameDocuments(SimNode a, SimNode b, String scope) {
        Map<DocumentId, Bytes> mine = documents(a, scope);
        Map<DocumentId, Bytes> theirs = documents(b, scope);
        if (mine.equals(theirs)) return;
        // Says which of them is wrong, if either is by itself.
        NodeCheck.check(a, scope);
        NodeCheck.check(b, scope);
        Set<DocumentId> differ = new TreeSet<>(mine.keySet());
        differ.addAll(theirs.keySet());
        differ.removeIf(id -> java.util.Objects.equals(mine.get(id), theirs.get(id)));
        throw new Broken(
                Invariant.EQUAL_CONTEXTS_EQUAL_DOCUMENTS,
                a + " and " + b + " have equal contexts and other documents: " + differ);
    }

    /** But for those of copied keys, of which nobody knows the right bytes. */
    private static Map<DocumentId, Bytes> documents(SimNode node, String scope) {
        return node.disk.store.read(tables -> {
            Map<DocumentId, Bytes> documents = new TreeMap<>();
            for (DocumentId id : tables.documents(scope)) {
                if (!id.collection().equals(Workload.FORGED))
                    documents.put(id, tables.document(scope, id).encoded());
            }
            return documents;
        });
    }

    /** What is not yet as it must be at the end; nothing when all is. */
    String waiting() {
        for (SimRegion region : cluster.regions)
            if (!region.isDrained()) return "the log of " + region;
        for (String scope : scopes) {
            Context applied =
                    honest(cluster.home().disk.store.read(tables -> tables.context(scope)));
            for (SimNode node : cluster.honest()) {
                if (!reads(node, scope)) continue;
                Context outbox = outbox(node, scope);
                if (!outbox.isEmpty()) return "the outbox of " + node + ": " + outbox;
                Context context = honest(node.disk.store.read(tables -> tables.context(scope)));
                if (node instanceof SimDevice device) {
                    if (isUnsealed(node, scope)) return "what was not sealed at " + node;
                    // An author keeps what was refused; whether it was told is asked at the end.
                    context.put(node.id(), applied.of(node.id()));
                    Context unheard = honest(device.unheard(scope));
                    if (!unheard.isEmpty()) return "what " + node + " has not heard of: " + unheard;
                }
                if (!context.equals(applied))
                    return "the context of " + node + ": " + context + " of " + applied;
            }
        }
        return "";
    }

    /** Each branch of a copied key may be in one region only, and then nobody says GLOBAL of it. */
    private Context outbox(SimNode node, String scope) {
        Context outbox = node.disk.store.read(tables -> tables.unconfirmed(scope));
        return cluster.regions.size() > 1 ? honest(outbox) : outbox;
    }

    private static boolean isUnsealed(SimNode node, String scope) {
        return !node.disk.store.read(tables -> tables.unsealed(scope, 0, 1)).isEmpty();
    }

    private static boolean reads(SimNode node, String scope) {
        return !(node instanceof SimDevice device) || device.scopes.contains(scope);
    }

    private Context honest(Context all) {
        Context honest = new Context(all);
        for (ReplicaId replica : all.replicas().keySet())
            if (claims.isForker(replica)) honest.put(replica, Intervals.NONE);
        return honest;
    }

    void end() {
        reached();
        SimRegion home = cluster.home();
        for (String scope : scopes) {
            for (SimNode node : cluster.honest()) {
                if (!reads(node, scope)) continue;
                NodeCheck.check(node, scope);
                if (node instanceof SimEdge edge) batches(edge, scope);
                boolean refusedSome =
                        node instanceof SimDevice && !rejections(node, scope, node.id()).isEmpty();
                if (!refusedSome) sameDocuments(node, home, scope);
                sameBytes(node, home, scope);
            }
            counters(scope);
            cluster.writers().forEach(device -> refusals(device, scope));
            clocks(scope);
        }
    }

    /** But for copied keys, whose dots name two things. */
    private void sameBytes(SimNode node, SimRegion home, String scope) {
        List<FeedItem> feed =
                node.disk.store.read(tables -> tables.feedAfter(scope, 0, Integer.MAX_VALUE));
        home.disk.store.read(tables -> {
            for (FeedItem item : feed) {
                Batch batch = item.batch();
                if (claims.isForker(batch.author())) continue;
                BatchHead there = tables.batchFrom(scope, batch.author(), batch.first());
                // What home refused it does not have.
                Invariant.DOTS_ARE_THE_SAME_EVERYWHERE.hold(
                        there == null || there.hash().equals(batch.hash()),
                        () -> node + " and " + home + " have two of " + Span.of(batch));
            }
            return true;
        });
    }

    /** Each counter is what was added to it by every operation that stands, once. */
    private void counters(String scope) {
        Context applied = cluster.home().disk.store.read(tables -> tables.context(scope));
        Map<DocumentId, Long> sums = new TreeMap<>();
        for (Claims.Written written : claims.written(scope).values()) {
            if (written.increment() != 0 && applied.contains(written.dot()))
                sums.merge(written.document(), written.increment(), Long::sum);
        }
        sums.forEach((id, sum) -> {
            Document document =
                    cluster.home().disk.store.read(tables -> tables.document(scope, id));
            long counted = View.sum(document, Key.counter("count"));
            Invariant.COUNTERS_ADD_UP.hold(
                    counted == sum,
                    () -> id + " counts " + counted + " where " + sum + " was added");
        });
    }

    private void refusals(SimDevice device, String scope) {
        ReplicaId id = device.id();
        Intervals told = refused(device, scope, id);
        Intervals here = device.disk.store.read(tables -> tables.context(scope, id));
        Intervals applied = applied(scope, id);
        Invariant.REFUSALS_ARE_TOLD.hold(
                here.minus(applied).equals(told),
                () ->
                        device
                                + " was told of the refusal of "
                                + told
                                + ", has "
                                + here
                                + " of which "
                                + applied
                                + " are applied");
        for (Claims.Written written : claims.written(scope).values()) {
            Dot dot = written.dot();
            if (!dot.replica().equals(id)) continue;
            boolean refused = told.contains(dot.seq());
            Invariant.REFUSALS_ARE_TOLD.hold(
                    refused == written.forbidden(),
                    () -> dot + (refused ? " was allowed and is refused" : " was not allowed"));
            if (refused) cluster.world.coverage.count(Coverage.REFUSED);
        }
    }

    private void clocks(String scope) {
        long bound = cluster.world.nowMillis() + Limits.DRIFT_MILLIS;
        cluster.home()
                .disk
                .store
                .read(tables -> {
                    for (DocumentId id : tables.documents(scope)) {
                        Document document = tables.document(scope, id);
                        for (Key key : document.keys()) {
                            for (Map.Entry<Dot, Entry> entry : document.at(key).entrySet())
                                Invariant.CLOCKS_ARE_CORRECTED.hold(
                                        entry.getValue().shown().millis() <= bound,
                                        () ->
                                                entry.getKey()
                                                        + " is shown as of a time that has not come");
                        }
                    }
                    return bound;
                });
    }
}
