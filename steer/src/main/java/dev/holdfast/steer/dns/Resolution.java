package dev.holdfast.steer.dns;

import dev.holdfast.steer.pool.Choice;
import dev.holdfast.steer.pool.Endpoint;
import dev.holdfast.steer.pool.Pool;
import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.Node;
import dev.holdfast.steer.zone.PoolRecords;
import dev.holdfast.steer.zone.Rdata;
import dev.holdfast.steer.zone.RecordSet;
import dev.holdfast.steer.zone.Zone;
import dev.holdfast.steer.zone.Zones;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * Finds what is to be answered: RFC 1034 section 4.3.2, in zones of which some records are made of
 * pools. Without any state of its own; what draws among endpoints, and what a pool offers, are
 * given to it.
 *
 * <p>A name's aliases are followed inside its zone only: what another zone says, even one that is
 * served here, a resolver asks by itself, and believes.
 */
final class Resolution {
    /** RFC 8482: an answer to a question for everything that helps nobody to flood others. */
    private static final byte[] NOT_EVERYTHING =
            "\7RFC8482\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final int NOT_EVERYTHING_TTL = 3600;

    /**
     * A question, with what else decides about its answer.
     *
     * @param signed whether signatures are wanted
     * @param compact whether the asker knows that a name is missing by NXNAME, and takes NXDOMAIN
     *     with it (RFC 9824 section 5)
     */
    record Question(DnsName name, int type, boolean signed, boolean compact) {}

    private final Zones zones;
    private final Signer signer;
    private final Function<Pool, Choice> choices;
    private final ToLongFunction<Choice> lots;
    private final long millis;

    /**
     * One answer's.
     *
     * @param choices what a pool offers, to the line and at the moment of the question
     * @param lots which of that this answer names
     */
    Resolution(
            Zones zones,
            Signer signer,
            Function<Pool, Choice> choices,
            ToLongFunction<Choice> lots,
            long millis) {
        this.zones = zones;
        this.signer = signer;
        this.choices = choices;
        this.lots = lots;
        this.millis = millis;
    }

    /** Answers {@code question} into {@code draft}. */
    void resolve(Question question, Draft draft) {
        Zone zone = zone(question);
        if (zone == null) {
            draft.rcode = Rcode.REFUSED;
            draft.authoritative = false;
            draft.step("no zone here holds " + question.name());
            return;
        }
        draft.step(question.name() + " is in the zone " + zone.origin());
        boolean signed = question.signed() && zone.isSigned();
        DnsName name = question.name();
        Set<DnsName> passed = new LinkedHashSet<>();
        while (name != null && passed.add(name) && passed.size() <= Rdata.MAX_CHAIN + 1)
            name = answer(zone, name, question, signed, draft);
        addHosts(zone, draft);
        if (signed) sign(zone, draft);
    }

    /** A delegation's DS records are the upper zone's. */
    private @Nullable Zone zone(Question question) {
        DnsName name = question.name();
        Zone zone = zones.holding(name).orElse(null);
        if (zone != null
                && question.type() == Type.DS
                && name.equals(zone.origin())
                && !name.isRoot()) {
            Zone upper = zones.holding(name.parent()).orElse(null);
            if (upper != null) return upper;
        }
        return zone;
    }

    /** Answers for one name; the name to go on with, or null. */
    private @Nullable DnsName answer(
            Zone zone, DnsName name, Question question, boolean signed, Draft draft) {
        return switch (zone.find(name, question.type())) {
            case Zone.Found.Exact(Node node) -> {
                draft.step(name + " is there");
                yield found(zone, name, node, question, signed, draft);
            }
            case Zone.Found.Wild(Node node) -> {
                draft.step(name + " is not there, and " + node.name() + " stands for it");
                yield found(zone, name, node, question, signed, draft);
            }
            case Zone.Found.Delegated(Node cut) -> {
                draft.step(cut.name() + " is delegated to servers of its own");
                refer(zone, cut, signed, draft);
                yield null;
            }
            case Zone.Found.Missing _ -> {
                draft.step(name + " is not there");
                boolean hides = signed && !question.compact();
                draft.rcode = hides ? Rcode.NOERROR : Rcode.NXDOMAIN;
                deny(zone, name, List.of(Signer.NXNAME), zone.negativeTtlSeconds(), signed, draft);
                yield null;
            }
        };
    }

    private @Nullable DnsName found(
            Zone zone, DnsName name, Node node, Question question, boolean signed, Draft draft) {
        Map<Integer, RecordSet> sets = sets(zone, node);
        int type = question.type();
        RecordSet alias = sets.get(Type.CNAME);
        if (alias != null && type != Type.CNAME && type != Type.ANY && type != Type.NSEC)
            return follow(zone, alias.withOwner(name), draft);
        Node.PoolHere here = node.pool().orElse(null);
        if (here != null && isMadeOf(here, name, type)) {
            List<RecordSet> made = make(here, name, type, draft);
            if (!made.isEmpty()) {
                draft.answer.addAll(made);
                RecordSet first = made.getFirst();
                return first.type() == Type.CNAME && type != Type.CNAME
                        ? target(zone, first)
                        : null;
            }
        }
        if (type == Type.ANY) {
            if (sets.isEmpty() && here == null)
                return nothing(zone, name, node, type, signed, draft);
            draft.answer.add(
                    new RecordSet(name, Type.HINFO, NOT_EVERYTHING_TTL, List.of(NOT_EVERYTHING)));
            return null;
        }
        if (type == Type.NSEC && zone.isSigned()) {
            draft.answer.add(
                    Signer.denial(zone, name, types(zone, node, name), negativeTtl(zone, node)));
            return null;
        }
        RecordSet set = sets.get(type);
        if (set == null) return nothing(zone, name, node, type, signed, draft);
        draft.answer.add(set.withOwner(name));
        draft.step("its " + Type.string(type) + " records are in the file");
        return null;
    }

    private @Nullable DnsName nothing(
            Zone zone, DnsName name, Node node, int type, boolean signed, Draft draft) {
        draft.step("it has no " + Type.string(type) + " records");
        Set<Integer> types = new TreeSet<>(types(zone, node, name));
        types.remove(type);
        deny(zone, name, types, negativeTtl(zone, node), signed, draft);
        return null;
    }

    private @Nullable DnsName follow(Zone zone, RecordSet alias, Draft draft) {
        draft.answer.add(alias);
        return target(zone, alias);
    }

    /** Where an alias leads, if that is in the zone. */
    private static @Nullable DnsName target(Zone zone, RecordSet alias) {
        DnsName target = Rdata.name(alias.data().getFirst(), 0);
        return target.isWithin(zone.origin()) ? target : null;
    }

    /** What the file and the signer have at a name. */
    private Map<Integer, RecordSet> sets(Zone zone, Node node) {
        if (!zone.isSigned() || !node.name().equals(zone.origin())) return node.sets();
        Map<Integer, RecordSet> all = new TreeMap<>(node.sets());
        all.putAll(signer.apexSets(zone));
        return all;
    }

    /** All types that a name may have, at this moment or another. */
    private Collection<Integer> types(Zone zone, Node node, DnsName name) {
        boolean delegated = node.cut().isPresent();
        Set<Integer> types = new TreeSet<>(sets(zone, node).keySet());
        // Glue is not the zone's own.
        if (delegated) types.retainAll(Set.of(Type.NS, Type.DS));
        node.pool().ifPresent(here -> types.addAll(PoolRecords.types(here.pool(), name)));
        return types;
    }

    /** What a pool does not have now, it may have in a moment. */
    private static int negativeTtl(Zone zone, Node node) {
        int ttl = zone.negativeTtlSeconds();
        return node.pool().isPresent() ? Math.min(node.pool().get().ttlSeconds(), ttl) : ttl;
    }

    private static boolean isMadeOf(Node.PoolHere here, DnsName name, int type) {
        boolean aliased = here.pool().hasTargets() && !name.isService();
        if (aliased) return type != Type.NSEC && type != Type.ANY;
        return PoolRecords.types(here.pool(), name).contains(type);
    }

    /** The records of {@code type} that a pool has at {@code name}, or the CNAME in their place. */
    private List<RecordSet> make(Node.PoolHere here, DnsName name, int type, Draft draft) {
        Choice choice = choices.apply(here.pool());
        long chosen = lots.applyAsLong(choice);
        draft.choice = choice;
        draft.chosen = chosen;
        draft.step("its records are made of the pool " + here.pool().name());
        List<Endpoint> endpoints = choice.endpoints(chosen);
        return PoolRecords.make(here, name, type, endpoints);
    }

    private void refer(Zone zone, Node cut, boolean signed, Draft draft) {
        if (draft.answer.isEmpty()) draft.authoritative = false;
        RecordSet servers = cut.set(Type.NS);
        if (servers == null) throw new IllegalStateException("a cut without NS");
        draft.authority.add(servers);
        RecordSet hashes = cut.set(Type.DS);
        if (signed) {
            draft.authority.add(
                    hashes != null
                            ? hashes
                            : Signer.denial(
                                    zone, cut.name(), List.of(Type.NS), zone.negativeTtlSeconds()));
        }
        for (byte[] data : servers.data()) {
            DnsName host = Rdata.name(data, 0);
            boolean needed = host.isWithin(cut.name());
            addresses(zone, host, needed ? draft.glue : draft.additional);
        }
    }

    private void deny(
            Zone zone,
            DnsName name,
            Collection<Integer> types,
            int ttlSeconds,
            boolean signed,
            Draft draft) {
        draft.authority.add(zone.soa().withTtl(ttlSeconds));
        if (signed) draft.authority.add(Signer.denial(zone, name, types, ttlSeconds));
    }

    /** The addresses of hosts that the answer names. */
    private static void addHosts(Zone zone, Draft draft) {
        for (RecordSet set : draft.answer) {
            int at = Rdata.hostOffset(set.type());
            if (at < 0) continue;
            for (byte[] data : set.data()) addresses(zone, Rdata.name(data, at), draft.additional);
        }
    }

    private static void addresses(Zone zone, DnsName host, List<RecordSet> section) {
        if (!host.isWithin(zone.origin())) return;
        Node node = zone.at(host).orElse(null);
        if (node == null) return;
        for (int type : List.of(Type.A, Type.AAAA)) {
            RecordSet set = node.set(type);
            if (set != null && !section.contains(set)) section.add(set);
        }
    }

    /** What the zone has no authority for is not signed: servers of delegations, and glue. */
    private void sign(Zone zone, Draft draft) {
        draft.untilMillis = millis + Signer.lifeMillis(zone) / 2;
        signAll(zone, draft.answer);
        signAll(zone, draft.authority);
        signAll(zone, draft.additional);
    }

    private void signAll(Zone zone, List<RecordSet> section) {
        List<RecordSet> signatures = new ArrayList<>();
        for (RecordSet set : section) {
            DnsName cut = zone.at(set.owner()).flatMap(Node::cut).orElse(null);
            boolean own = cut == null || set.type() == Type.DS || set.type() == Type.NSEC;
            if (own) signatures.add(signer.sign(zone, set, millis));
        }
        section.addAll(signatures);
    }
}
