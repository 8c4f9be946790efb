package dev.holdfast.node.backbone;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The way to each member, for each lane, from what the members say of their links; a machine
 * without clock.
 *
 * <p>A link counts where the topology names it and both of its ends say that it works. Of all ways
 * the best has the fewest costly links, then the fewest weak ones (unsettled, or losing), then the
 * fewest hops, then the shortest time (Dijkstra 1959, on those four added up). A way that is dead
 * is left at once; for one that lives a better one must have been better for a while, and if only
 * its time is, by a good part of it. No way goes through a member twice, and it is said whole to
 * each member on it, so that no two opinions can make a loop.
 *
 * <p>Times are microseconds. Not thread-safe.
 */
final class Routes {
    /** A better way is taken after it was better for so many probes. */
    static final int HOLD_PROBES = 5;

    private static final int LOSING_PERMILLE = 250;
    private static final long MIN_GAIN = 50;
    private static final long MAX_TIME = 600_000;

    // One number that adds up: 8 bits each of costly, weak and hops, then tenths of milliseconds.
    private static final int HOP_BITS = 32;
    private static final long HOP = 1L << HOP_BITS;
    private static final long WEAK = HOP << 8;
    private static final long COSTLY = WEAK << 8;

    /**
     * A way.
     *
     * @param members from this one to the one that is meant
     */
    record Route(List<String> members, long cost) {
        Route {
            members = List.copyOf(members);
        }

        int relays() {
            return members.size() - 2;
        }

        /** All but the time. */
        private long kind() {
            return cost >>> HOP_BITS;
        }

        private long time() {
            return cost & HOP - 1;
        }

        boolean isCostly() {
            return cost >= COSTLY;
        }
    }

    private static final class Choice {
        @Nullable Route current;
        boolean betterKnown;
        long betterSince;
    }

    private record Target(String member, Lane lane) {}

    private final String self;
    private final Map<String, LinkState> states = new HashMap<>();
    private final Map<Target, Choice> choices = new TreeMap<>(Routes::compare);
    private Topology topology;
    private long changes;
    private boolean pending;

    Routes(String self, Topology topology) {
        this.self = self;
        this.topology = topology;
    }

    private static int compare(Target a, Target b) {
        int byMember = a.member().compareTo(b.member());
        return byMember != 0 ? byMember : a.lane().compareTo(b.lane());
    }

    void topology(Topology other) {
        topology = other;
        choices.keySet().removeIf(target -> !other.members().containsKey(target.member()));
    }

    void state(LinkState state) {
        states.put(state.member(), state);
    }

    void forget(String member) {
        states.remove(member);
    }

    /** The way that holds now. */
    Optional<Route> to(String member, Lane lane) {
        Choice choice = choices.get(new Target(member, lane));
        return choice == null ? Optional.empty() : Optional.ofNullable(choice.current);
    }

    /** Whether every link on that way works. */
    boolean isAlive(List<String> members, Lane lane) {
        return priced(members, lane) != null;
    }

    /** Whether one living way has fewer costly links than another, or as many and fewer hops. */
    boolean isShorter(List<String> one, List<String> other, Lane lane) {
        Route first = priced(one, lane);
        Route second = priced(other, lane);
        if (first == null || second == null) return first != null;
        if (first.isCostly() != second.isCostly()) return second.isCostly();
        return first.relays() < second.relays();
    }

    /** How often the way to anybody has become another, or none. */
    long changes() {
        return changes;
    }

    /** Whether a better way waits for its time, so that {@link #update} is to be called again. */
    boolean isPending() {
        return pending;
    }

    /**
     * Chooses anew, after anything changed or time has passed.
     *
     * @return whether any way has become another
     */
    boolean update(long now) {
        long before = changes;
        pending = false;
        for (Lane lane : Lane.values()) {
            Map<String, Route> best = best(lane);
            for (String member : topology.members().keySet()) {
                if (member.equals(self)) continue;
                Choice choice =
                        choices.computeIfAbsent(new Target(member, lane), _ -> new Choice());
                choose(choice, best.get(member), lane, now);
                pending |= choice.betterKnown;
            }
        }
        return changes != before;
    }

    private void choose(Choice choice, @Nullable Route best, Lane lane, long now) {
        Route current = choice.current == null ? null : priced(choice.current.members(), lane);
        if (current == null) {
            if (best != null || choice.current != null) changes++;
            choice.current = best;
            choice.betterKnown = false;
            return;
        }
        choice.current = current;
        if (best == null || !isBetter(best, current)) {
            choice.betterKnown = false;
            return;
        }
        if (!choice.betterKnown) {
            choice.betterKnown = true;
            choice.betterSince = now;
        }
        if (now - choice.betterSince < holdMicros()) return;
        choice.current = best;
        choice.betterKnown = false;
        changes++;
    }

    private long holdMicros() {
        return HOLD_PROBES * topology.probe().toMillis() * 1_000;
    }

    private static boolean isBetter(Route one, Route other) {
        if (one.kind() != other.kind()) return one.kind() < other.kind();
        long gain = other.time() - one.time();
        return gain >= MIN_GAIN && gain * 4 >= other.time();
    }

    /** The same way at today's price; null where it is dead. */
    private @Nullable Route priced(List<String> members, Lane lane) {
        long cost = 0;
        for (int i = 1; i < members.size(); i++) {
            String from = members.get(i - 1);
            if (i > 1 && !topology.mayRelay(from)) return null;
            long step = cost(from, members.get(i), lane);
            if (step < 0) return null;
            cost += step;
        }
        return new Route(members, cost);
    }

    private record Step(String member, long cost, int hops) {}

    private Map<String, Route> best(Lane lane) {
        Map<String, Long> costs = new HashMap<>();
        Map<String, String> before = new HashMap<>();
        Map<String, Route> found = new HashMap<>();
        PriorityQueue<Step> queue =
                new PriorityQueue<>((a, b) ->
                        a.cost() != b.cost()
                                ? Long.compare(a.cost(), b.cost())
                                : a.member().compareTo(b.member()));
        queue.add(new Step(self, 0, 0));
        costs.put(self, 0L);
        while (!queue.isEmpty()) {
            Step step = queue.remove();
            if (step.cost() != costs.getOrDefault(step.member(), -1L)) continue;
            if (!step.member().equals(self)) found.put(step.member(), route(step, before));
            boolean passes = step.member().equals(self) || topology.mayRelay(step.member());
            LinkState state = states.get(step.member());
            if (!passes || state == null || step.hops() + 1 >= Frame.MAX_ROUTE) continue;
            for (String next : state.neighbours()) {
                long cost = cost(step.member(), next, lane);
                if (cost < 0) continue;
                long sum = step.cost() + cost;
                Long known = costs.get(next);
                if (known != null && known <= sum) continue;
                costs.put(next, sum);
                before.put(next, step.member());
                queue.add(new Step(next, sum, step.hops() + 1));
            }
        }
        return found;
    }

    private Route route(Step end, Map<String, String> before) {
        List<String> members = new ArrayList<>();
        for (String at = end.member(); at != null; at = before.get(at)) members.add(at);
        Collections.reverse(members);
        return new Route(members, end.cost());
    }

    /** Of one link in one direction; below zero where it cannot be used. */
    private long cost(String from, String to, Lane lane) {
        Topology.Link link = topology.link(from, to).orElse(null);
        if (link == null || !lane.isWithin(link.lane())) return -1;
        LinkState.Living one = living(from, to);
        LinkState.Living other = living(to, from);
        if (one == null || other == null || !one.takes(lane) || !other.takes(lane)) return -1;
        int loss = Math.max(one.lossPermille(), other.lossPermille());
        long rtt = (one.rttMicros() + other.rttMicros()) / 2;
        long time = Math.min(rtt / 200 * (1_000 + 4L * loss) / 1_000, MAX_TIME);
        boolean weak = !one.settled() || !other.settled() || loss > LOSING_PERMILLE;
        return HOP + time + (weak ? WEAK : 0) + (link.isCostly() ? COSTLY : 0);
    }

    private LinkState.@Nullable Living living(String member, String neighbour) {
        LinkState state = states.get(member);
        return state == null ? null : state.links().get(neighbour);
    }
}
