package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.SettingsException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One member's knowledge of all links and ways: a machine without threads, clock and sockets. It
 * probes its own links, says of them what it finds, passes on what others say of theirs, and has
 * {@link Routes} choose.
 *
 * <p>A member's word is signed by the key that the signed topology names, and is about links that
 * the topology allows; it counts until a newer one comes, or none has for long. A member that began
 * anew and hears an old word of its own goes on after its number.
 *
 * <p>Times are microseconds. Not thread-safe.
 */
final class Mesh {
    private static final int REFRESH_PROBES = 60;
    private static final int EXPIRY_PROBES = 200;

    /** A time that became another by less is not told before the next refresh. */
    private static final long MIN_RTT_CHANGE_MICROS = 5_000;

    private static final int MIN_LOSS_CHANGE_PERMILLE = 100;

    /** What the driver is to do. */
    sealed interface Action {
        record Send(String neighbour, Frame frame) implements Action {}

        /** Throws the connection away. */
        record Drop(String neighbour, String why) implements Action {}

        /** Another topology holds from now on. */
        record Adopted(SignedTopology topology) implements Action {}

        /** This link is up, or no longer. */
        record LinkChanged(String neighbour, boolean up) implements Action {}

        /** Some way has become another. */
        record RoutesChanged() implements Action {}
    }

    /** Whom it believes, and how it signs. */
    record Trust(Set<Bytes> authorities, Verifier verifier, UnaryOperator<Bytes> signer) {}

    private static final class Neighbour {
        final LinkHealth health;
        final long probeMicros;
        boolean greeted;
        long serial;
        int lanes = Lane.COUNT;
        boolean toldUp;

        Neighbour(long probeMicros, long now) {
            this.probeMicros = probeMicros;
            this.health = new LinkHealth(probeMicros, now);
        }
    }

    private record Heard(LinkState state, Frame.State frame, long at) {}

    private final String self;
    private final Trust trust;
    private final Routes routes;
    private final Map<String, Neighbour> neighbours = new TreeMap<>();
    private final Map<String, Heard> states = new TreeMap<>();
    private final Queue<Action> actions = new ArrayDeque<>();
    private SignedTopology signed;
    private long number;
    private long saidAt;
    private boolean stale;
    private boolean outdated;

    /**
     * A member.
     *
     * @param number of its first word about its links; greater than that of a process before, where
     *     that can be known
     */
    Mesh(String self, SignedTopology topology, Trust trust, long number, long now) {
        this.self = self;
        this.trust = trust;
        this.signed = topology;
        this.number = number;
        this.routes = new Routes(self, topology.topology());
        meet(now);
        say(now, Map.of());
        update(now);
    }

    Routes routes() {
        return routes;
    }

    SignedTopology topology() {
        return signed;
    }

    /** What is to be done next, or null. */
    @Nullable Action poll() {
        return actions.poll();
    }

    /** A connection to {@code neighbour} stands. */
    void connected(String neighbour, long now) {
        Neighbour known = neighbours.get(neighbour);
        if (known == null) {
            actions.add(new Action.Drop(neighbour, "there is no such link in the topology"));
            return;
        }
        known.greeted = false;
        known.health.connected(now);
        send(neighbour, new Frame.Hello(Frame.VERSION, signed.topology().serial()));
        probe(neighbour, known, now);
    }

    void disconnected(String neighbour, long now) {
        Neighbour known = neighbours.get(neighbour);
        if (known == null) return;
        known.greeted = false;
        known.health.disconnected(now);
        refresh(now);
    }

    /** A frame came that is no stream's. */
    void received(String neighbour, Frame frame, long now) {
        Neighbour known = neighbours.get(neighbour);
        if (known == null) return;
        switch (frame) {
            case Frame.Hello hello -> greeted(neighbour, known, hello);
            case Frame.Probe probe -> {
                known.health.heard(probe.seq(), now);
                send(neighbour, new Frame.Echo(probe.seq(), known.health.lossInPermille()));
            }
            case Frame.Echo echo -> {
                known.health.echoed(echo.seq(), echo.lossPermille(), now);
                if (known.health.isUp() != known.toldUp) refresh(now);
            }
            case Frame.State state -> stated(neighbour, state, now);
            case Frame.NewTopology topology -> offered(neighbour, topology, now);
            case Frame.Took _ -> {}
            case Frame.OfStream _ ->
                    throw new IllegalArgumentException("a stream's frame is the switch's");
        }
    }

    /** What was sent to {@code neighbour} at {@code sent} is known to have arrived. */
    void proven(String neighbour, long sent) {
        Neighbour known = neighbours.get(neighbour);
        if (known != null) known.health.proven(sent);
    }

    /** How many lanes the link to {@code neighbour} takes now, by its budget. */
    void lanes(String neighbour, int lanes, long now) {
        Neighbour known = neighbours.get(neighbour);
        if (known == null || known.lanes == lanes) return;
        known.lanes = lanes;
        refresh(now);
    }

    /**
     * Takes a topology from whoever.
     *
     * @return whether it holds now; not where its serial is no greater
     */
    boolean adopt(SignedTopology other, long now) {
        if (other.topology().serial() <= signed.topology().serial()) return false;
        signed = other;
        routes.topology(other.topology());
        actions.add(new Action.Adopted(other));
        meet(now);
        states.keySet()
                .removeIf(member -> {
                    boolean gone = !other.topology().members().containsKey(member);
                    if (gone) routes.forget(member);
                    return gone;
                });
        neighbours.forEach((name, known) -> {
            if (known.greeted && known.serial < other.topology().serial())
                send(name, new Frame.NewTopology(other.text()));
        });
        stale = true;
        refresh(now);
        return true;
    }

    /** Time has passed: several times within the shortest probe. */
    void tick(long now) {
        neighbours.forEach((name, known) -> {
            probe(name, known, now);
            if (known.health.isSilent(now)) {
                known.health.disconnected(now);
                actions.add(new Action.Drop(name, "no echo"));
            }
        });
        long expiry = EXPIRY_PROBES * probeMicros();
        states.values()
                .removeIf(heard -> {
                    boolean old = now - heard.at() > expiry;
                    if (old) {
                        routes.forget(heard.state().member());
                        stale = true;
                    }
                    return old;
                });
        refresh(now);
    }

    /** How a link stands, for people. */
    Optional<LinkHealth> health(String neighbour) {
        return Optional.ofNullable(neighbours.get(neighbour)).map(known -> known.health);
    }

    Set<String> neighbourNames() {
        return Set.copyOf(neighbours.keySet());
    }

    private void meet(long now) {
        Map<String, Topology.Link> links = signed.topology().neighbours(self);
        neighbours
                .keySet()
                .removeIf(name -> {
                    boolean gone = !links.containsKey(name);
                    if (gone) actions.add(new Action.Drop(name, "it is no longer in the topology"));
                    return gone;
                });
        links.forEach((name, link) -> {
            long probeMicros = signed.topology().probe(link).toMillis() * 1_000;
            Neighbour known = neighbours.get(name);
            if (known != null && known.probeMicros == probeMicros) return;
            if (known != null) actions.add(new Action.Drop(name, "it is probed anew"));
            neighbours.put(name, new Neighbour(probeMicros, now));
        });
    }

    private void probe(String name, Neighbour known, long now) {
        known.health.probe(now).ifPresent(seq -> send(name, new Frame.Probe(seq)));
    }

    private void greeted(String name, Neighbour known, Frame.Hello hello) {
        if (hello.version() != Frame.VERSION) {
            actions.add(
                    new Action.Drop(
                            name, "it speaks version " + hello.version() + " of the links"));
            return;
        }
        known.greeted = true;
        known.serial = hello.serial();
        if (known.serial < signed.topology().serial())
            send(name, new Frame.NewTopology(signed.text()));
        for (Heard heard : states.values()) send(name, heard.frame());
    }

    private void offered(String from, Frame.NewTopology offer, long now) {
        try {
            SignedTopology other =
                    SignedTopology.parse(
                            offer.text(), "from " + from, trust.authorities(), trust.verifier());
            Neighbour known = neighbours.get(from);
            if (known != null) known.serial = Math.max(known.serial, other.topology().serial());
            adopt(other, now);
        } catch (SettingsException e) {
            actions.add(new Action.Drop(from, "it offers a topology that cannot be believed"));
        }
    }

    private void stated(String from, Frame.State frame, long now) {
        LinkState state;
        try {
            state = LinkState.decode(frame.body());
        } catch (MalformedException e) {
            actions.add(new Action.Drop(from, "it sent what is no link state"));
            return;
        }
        Topology.Member author = signed.topology().members().get(state.member());
        Heard known = states.get(state.member());
        if (author == null || known != null && known.state().number() >= state.number()) return;
        boolean signedByAuthor =
                trust.verifier()
                        .verify(
                                author.publicKey(),
                                LinkState.signedText(frame.body()),
                                frame.signature());
        // Nobody else's fault: it may have been passed on by one with another topology.
        if (!signedByAuthor) return;
        if (state.member().equals(self)) {
            number = state.number();
            outdated = true;
            refresh(now);
            return;
        }
        keep(new Heard(state, frame, now));
        pass(from, frame);
        update(now);
    }

    private void keep(Heard heard) {
        states.put(heard.state().member(), heard);
        routes.state(heard.state());
    }

    private void pass(String from, Frame.State frame) {
        neighbours.forEach((name, known) -> {
            if (known.greeted && !name.equals(from)) send(name, frame);
        });
    }

    /** Says what has become of its own links, if that is worth it, and chooses ways anew. */
    private void refresh(long now) {
        Map<String, LinkState.Living> links = new HashMap<>();
        neighbours.forEach((name, known) -> {
            LinkHealth health = known.health;
            if (health.isUp() != known.toldUp) {
                known.toldUp = health.isUp();
                actions.add(new Action.LinkChanged(name, known.toldUp));
            }
            if (!health.isUp()) return;
            links.put(
                    name,
                    new LinkState.Living(
                            health.rttMicros(),
                            Math.max(health.lossInPermille(), health.lossOutPermille()),
                            known.lanes,
                            health.isSettled(now)));
        });
        Map<String, LinkState.Living> said =
                Objects.requireNonNull(states.get(self)).state().links();
        boolean late = outdated || now - saidAt >= REFRESH_PROBES * probeMicros();
        boolean gap = now - saidAt >= probeMicros();
        if (isOther(links, said) || late || gap && isMoved(links, said)) say(now, links);
        if (stale || routes.isPending()) update(now);
    }

    private static boolean isOther(
            Map<String, LinkState.Living> links, Map<String, LinkState.Living> said) {
        if (!links.keySet().equals(said.keySet())) return true;
        return links.entrySet().stream()
                .anyMatch(each -> {
                    LinkState.Living before = said.get(each.getKey());
                    return before == null
                            || before.lanes() != each.getValue().lanes()
                            || before.settled() != each.getValue().settled();
                });
    }

    private static boolean isMoved(
            Map<String, LinkState.Living> links, Map<String, LinkState.Living> said) {
        return links.entrySet().stream()
                .anyMatch(each -> {
                    LinkState.Living now = each.getValue();
                    LinkState.Living before = said.get(each.getKey());
                    if (before == null) return true;
                    long moved = Math.abs(now.rttMicros() - before.rttMicros());
                    return moved > MIN_RTT_CHANGE_MICROS && moved * 4 > before.rttMicros()
                            || Math.abs(now.lossPermille() - before.lossPermille())
                                    > MIN_LOSS_CHANGE_PERMILLE;
                });
    }

    private void say(long now, Map<String, LinkState.Living> links) {
        LinkState state = new LinkState(self, ++number, links);
        Bytes body = state.encoded();
        Frame.State frame = new Frame.State(body, trust.signer().apply(LinkState.signedText(body)));
        keep(new Heard(state, frame, now));
        saidAt = now;
        outdated = false;
        pass(self, frame);
        update(now);
    }

    private void update(long now) {
        stale = false;
        if (routes.update(now)) actions.add(new Action.RoutesChanged());
    }

    private long probeMicros() {
        return signed.topology().probe().toMillis() * 1_000;
    }

    private void send(String neighbour, Frame frame) {
        actions.add(new Action.Send(neighbour, frame));
    }
}
