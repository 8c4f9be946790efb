package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Carries streams between links, and between links and this member itself: a machine without
 * threads and sockets.
 *
 * <p>Who opens a stream names its whole way. Each member on it checks that it is meant, that it is
 * there once, that the topology allows the link it came by and the one it goes on by, and gives the
 * stream a number on the next link. Data goes on in the order it came. The two ends alone say how
 * much may be sent ({@link Frame.Credit}); who is between passes that on, counts, and so never
 * holds more than {@link Circuit#WINDOW_BYTES} of a stream in each direction.
 *
 * <p>When a link is lost all streams over it are reset at once, so that whoever used them can open
 * others another way. Not thread-safe.
 */
final class Switch {
    static final int MAX_OWN = 256;
    private static final long CREDIT_BYTES = Circuit.WINDOW_BYTES / 8;

    /** What the driver is to do. */
    sealed interface Action {
        /** Ahead of all data. */
        record Send(String neighbour, Frame.OfStream frame) implements Action {}

        /** In its turn. */
        record SendInTurn(String neighbour, Circuit circuit, Frame.OfStream frame)
                implements Action {}

        /** Somebody wants to be connected to this member's own port. */
        record Arrived(Circuit circuit) implements Action {}

        /** The other end took a stream that was opened here. */
        record Opened(Circuit circuit) implements Action {}

        record Received(Circuit circuit, Bytes bytes) implements Action {}

        /** More may be written. */
        record Credited(Circuit circuit) implements Action {}

        /** Nothing more will be received. */
        record Ended(Circuit circuit) implements Action {}

        record Reset(Circuit circuit, Frame.Why why, String reason) implements Action {}
    }

    private static final class Link {
        final boolean dialled;
        final Map<Long, Circuit> circuits = new HashMap<>();
        long opened;
        long theirs;

        Link(boolean dialled) {
            this.dialled = dialled;
        }

        long next() {
            return 2 * opened++ + (dialled ? 1 : 0);
        }

        boolean isTheirs(long stream) {
            return (stream % 2 == 1) != dialled;
        }
    }

    private final String self;
    private final RelayLimits limits;
    private final Map<String, Link> links = new HashMap<>();
    private final Set<Circuit> circuits = new LinkedHashSet<>();
    private final Queue<Action> actions = new ArrayDeque<>();
    private Topology topology;
    private int relayed;

    Switch(String self, Topology topology, RelayLimits limits) {
        this.self = self;
        this.topology = topology;
        this.limits = limits;
    }

    @Nullable Action poll() {
        return actions.poll();
    }

    void topology(Topology other) {
        topology = other;
    }

    /**
     * A link to {@code neighbour} stands.
     *
     * @param dialled by this member
     */
    void connected(String neighbour, boolean dialled) {
        links.put(neighbour, new Link(dialled));
    }

    /** It does not any more. */
    void disconnected(String neighbour) {
        Link link = links.remove(neighbour);
        if (link == null) return;
        for (Circuit circuit : List.copyOf(link.circuits.values()))
            fail(circuit, Frame.Why.LINK_DOWN, "the link to " + neighbour + " is down");
    }

    int relayed() {
        return relayed;
    }

    int open() {
        return circuits.size();
    }

    /** Opens a stream along {@code route}, from this member; empty where its first link is gone. */
    Optional<Circuit> open(List<String> route, Lane lane) {
        Link first = links.get(route.get(1));
        if (first == null || circuits.size() - relayed >= MAX_OWN) return Optional.empty();
        Circuit.Leg leg = new Circuit.Leg(route.get(1), first.next());
        Circuit circuit = new Circuit(route, lane, Optional.empty(), Optional.of(leg));
        add(circuit);
        send(leg, new Frame.Open(leg.stream(), lane, 1, route));
        return Optional.of(circuit);
    }

    /** Takes one that {@link Action.Arrived}. */
    void accept(Circuit circuit) {
        if (circuits.contains(circuit))
            circuit.towardsOrigin.leg.ifPresent(leg -> send(leg, new Frame.Opened(leg.stream())));
    }

    /** How much this member may write now. */
    long mayWrite(Circuit circuit) {
        return circuits.contains(circuit) ? circuit.here().allowedBytes : 0;
    }

    /** Writes what {@link #mayWrite} allows. */
    void write(Circuit circuit, Bytes bytes) {
        if (circuits.contains(circuit)) data(circuit, circuit.here(), bytes);
    }

    /** This member is done with so much of what it received. */
    void consumed(Circuit circuit, int bytes) {
        if (!circuits.contains(circuit)) return;
        Circuit.Side far = circuit.other(circuit.here());
        far.consumedBytes += bytes;
        if (far.consumedBytes < CREDIT_BYTES || far.ended) return;
        far.allowedBytes += far.consumedBytes;
        Circuit.Leg leg = far.leg.orElseThrow();
        send(leg, new Frame.Credit(leg.stream(), far.consumedBytes));
        far.consumedBytes = 0;
    }

    /** This member writes nothing more. */
    void end(Circuit circuit) {
        if (circuits.contains(circuit)) end(circuit, circuit.here());
    }

    void reset(Circuit circuit, Frame.Why why, String reason) {
        if (circuits.contains(circuit)) reset(circuit, circuit.here(), why, reason);
    }

    /** A frame came from {@code neighbour}. */
    void received(String neighbour, Frame.OfStream frame) {
        Link link = links.get(neighbour);
        if (link == null) return;
        if (frame instanceof Frame.Open open) {
            opened(neighbour, link, open);
            return;
        }
        Circuit circuit = link.circuits.get(frame.stream());
        if (circuit == null) return; // It was reset here, and the other end does not know yet.
        Circuit.Side side = sideOf(circuit, neighbour);
        switch (frame) {
            case Frame.Data data -> data(circuit, side, data.bytes());
            case Frame.Credit credit -> credit(circuit, side, credit.bytes());
            case Frame.End _ -> end(circuit, side);
            case Frame.Reset reset -> reset(circuit, side, reset.why(), reset.reason());
            case Frame.Opened _ -> {
                if (circuit.towardsOrigin.isHere()) actions.add(new Action.Opened(circuit));
                else
                    circuit.towardsOrigin.leg.ifPresent(
                            leg -> send(leg, new Frame.Opened(leg.stream())));
            }
            case Frame.Open _ -> throw new IllegalStateException("handled above");
        }
    }

    /** Resets streams that were opened here, and whose way is not to be used any more. */
    void leave(BiPredicate<List<String>, Lane> usable) {
        for (Circuit circuit : List.copyOf(circuits)) {
            if (circuit.towardsOrigin.isHere() && !usable.test(circuit.route(), circuit.lane()))
                fail(circuit, Frame.Why.BETTER_WAY, "there is another way now");
        }
    }

    /** Resets what may not use the link to {@code neighbour}, which takes so many lanes. */
    void lanes(String neighbour, int lanes) {
        Link link = links.get(neighbour);
        if (link == null) return;
        for (Circuit circuit : List.copyOf(link.circuits.values())) {
            if (circuit.lane().code() >= lanes)
                fail(circuit, Frame.Why.FORBIDDEN, "the link to " + neighbour + " takes no more");
        }
    }

    private static Circuit.Side sideOf(Circuit circuit, String neighbour) {
        boolean fromOrigin =
                circuit.towardsOrigin
                        .leg
                        .map(leg -> leg.neighbour().equals(neighbour))
                        .orElse(false);
        return fromOrigin ? circuit.towardsOrigin : circuit.towardsTarget;
    }

    private void opened(String neighbour, Link link, Frame.Open open) {
        Circuit.Leg from = new Circuit.Leg(neighbour, open.stream());
        if (!link.isTheirs(open.stream()) || open.stream() < link.theirs) {
            refuse(from, Frame.Why.PROTOCOL, "a stream's number twice");
            return;
        }
        link.theirs = open.stream() + 1;
        Optional<String> wrong = wrong(neighbour, open);
        if (wrong.isPresent()) {
            refuse(from, Frame.Why.FORBIDDEN, wrong.get());
            return;
        }
        if (open.at() == open.route().size() - 1) {
            if (circuits.size() - relayed >= MAX_OWN) {
                refuse(from, Frame.Why.BUSY, self + " has as many streams as it bears");
                return;
            }
            Circuit circuit =
                    new Circuit(open.route(), open.lane(), Optional.of(from), Optional.empty());
            add(circuit);
            actions.add(new Action.Arrived(circuit));
            return;
        }
        relay(from, open);
    }

    private void relay(Circuit.Leg from, Frame.Open open) {
        String next = open.route().get(open.at() + 1);
        Link onward = links.get(next);
        if (onward == null) {
            refuse(from, Frame.Why.LINK_DOWN, self + " has no link to " + next);
            return;
        }
        if (!limits.carries(open.route().getFirst())) {
            refuse(
                    from,
                    Frame.Why.FORBIDDEN,
                    self + " carries nothing for " + open.route().getFirst());
            return;
        }
        if (relayed >= limits.streams()) {
            refuse(from, Frame.Why.BUSY, self + " carries as many streams as it bears");
            return;
        }
        Circuit.Leg to = new Circuit.Leg(next, onward.next());
        add(new Circuit(open.route(), open.lane(), Optional.of(from), Optional.of(to)));
        send(to, new Frame.Open(to.stream(), open.lane(), open.at() + 1, open.route()));
    }

    /** Why the way that it names cannot be gone. */
    private Optional<String> wrong(String neighbour, Frame.Open open) {
        List<String> route = open.route();
        int at = open.at();
        if (at < 1 || at >= route.size() || !route.get(at).equals(self))
            return Optional.of(self + " is not where the way says");
        if (Set.copyOf(route).size() != route.size())
            return Optional.of("the way goes through a member twice");
        if (!route.get(at - 1).equals(neighbour))
            return Optional.of("the way does not come from " + neighbour);
        int last = Math.min(at + 1, route.size() - 1);
        for (int i = at; i <= last; i++) {
            Topology.Link link = topology.link(route.get(i - 1), route.get(i)).orElse(null);
            if (link == null || !open.lane().isWithin(link.lane()))
                return Optional.of(
                        "the topology has no such link for this lane: "
                                + route.get(i - 1)
                                + " to "
                                + route.get(i));
        }
        if (at < route.size() - 1 && !topology.mayRelay(self))
            return Optional.of(self + " is no relay");
        return Optional.empty();
    }

    private void data(Circuit circuit, Circuit.Side from, Bytes bytes) {
        if (from.ended || bytes.size() > from.allowedBytes) {
            fail(circuit, Frame.Why.PROTOCOL, "more data than was allowed");
            return;
        }
        from.allowedBytes -= bytes.size();
        Circuit.Side to = circuit.other(from);
        if (to.isHere()) actions.add(new Action.Received(circuit, bytes));
        else inTurn(circuit, to, new Frame.Data(to.leg.orElseThrow().stream(), bytes));
    }

    private void credit(Circuit circuit, Circuit.Side from, long bytes) {
        Circuit.Side to = circuit.other(from);
        to.allowedBytes += bytes;
        if (to.allowedBytes > Circuit.WINDOW_BYTES) {
            fail(circuit, Frame.Why.PROTOCOL, "more credit than a window");
            return;
        }
        if (to.isHere()) actions.add(new Action.Credited(circuit));
        else send(to.leg.orElseThrow(), new Frame.Credit(to.leg.orElseThrow().stream(), bytes));
    }

    private void end(Circuit circuit, Circuit.Side from) {
        if (from.ended) return;
        from.ended = true;
        Circuit.Side to = circuit.other(from);
        if (to.isHere()) actions.add(new Action.Ended(circuit));
        else inTurn(circuit, to, new Frame.End(to.leg.orElseThrow().stream()));
        if (to.ended) remove(circuit);
    }

    /** One side is gone; the other one is told. */
    private void reset(Circuit circuit, Circuit.Side from, Frame.Why why, String reason) {
        circuit.reset();
        remove(circuit);
        tell(circuit, circuit.other(from), why, reason);
    }

    /** Both sides are told. */
    private void fail(Circuit circuit, Frame.Why why, String reason) {
        circuit.reset();
        remove(circuit);
        tell(circuit, circuit.towardsOrigin, why, reason);
        tell(circuit, circuit.towardsTarget, why, reason);
    }

    private void tell(Circuit circuit, Circuit.Side side, Frame.Why why, String reason) {
        if (side.isHere()) actions.add(new Action.Reset(circuit, why, reason));
        else side.leg.ifPresent(leg -> refuse(leg, why, reason));
    }

    private void refuse(Circuit.Leg leg, Frame.Why why, String reason) {
        int length = Math.min(reason.length(), Frame.MAX_REASON);
        send(leg, new Frame.Reset(leg.stream(), why, reason.substring(0, length)));
    }

    private void send(Circuit.Leg leg, Frame.OfStream frame) {
        if (links.containsKey(leg.neighbour()))
            actions.add(new Action.Send(leg.neighbour(), frame));
    }

    private void inTurn(Circuit circuit, Circuit.Side to, Frame.OfStream frame) {
        to.leg.ifPresent(
                leg -> actions.add(new Action.SendInTurn(leg.neighbour(), circuit, frame)));
    }

    private void add(Circuit circuit) {
        circuits.add(circuit);
        if (circuit.isRelayed()) relayed++;
        for (Circuit.Leg leg : legs(circuit)) {
            Link link = links.get(leg.neighbour());
            if (link != null) link.circuits.put(leg.stream(), circuit);
        }
    }

    private void remove(Circuit circuit) {
        if (!circuits.remove(circuit)) return;
        if (circuit.isRelayed()) relayed--;
        for (Circuit.Leg leg : legs(circuit)) {
            Link link = links.get(leg.neighbour());
            if (link != null) link.circuits.remove(leg.stream());
        }
    }

    private static List<Circuit.Leg> legs(Circuit circuit) {
        List<Circuit.Leg> legs = new ArrayList<>();
        circuit.towardsOrigin.leg.ifPresent(legs::add);
        circuit.towardsTarget.leg.ifPresent(legs::add);
        return legs;
    }
}
