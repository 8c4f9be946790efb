package dev.holdfast.steer.zone;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Type;

/**
 * One zone: names, and which of them an asked name is or comes under (RFC 1034 section 4.3.2, with
 * RFC 4592 for wildcards). Immutable.
 */
public final class Zone {
    private final DnsName origin;
    private final ZoneSettings settings;
    private final Map<DnsName, Node> nodes;

    /** Where a name leads. */
    public sealed interface Found {
        /** It is there. */
        record Exact(Node node) implements Found {}

        /** It is not, but a wildcard stands for it. */
        record Wild(Node node) implements Found {}

        /** It is, or is below, a delegation. */
        record Delegated(Node cut) implements Found {}

        /** There is nothing. */
        record Missing() implements Found {}
    }

    /** Nodes by name; each name between one of them and the apex is among them. */
    Zone(DnsName origin, ZoneSettings settings, Map<DnsName, Node> nodes) {
        this.origin = origin;
        this.settings = settings;
        this.nodes = Map.copyOf(nodes);
    }

    public DnsName origin() {
        return origin;
    }

    public boolean isSigned() {
        return settings.dnssec().sign();
    }

    public ZoneSettings.Dnssec dnssec() {
        return settings.dnssec();
    }

    /** The SOA record. */
    public RecordSet soa() {
        return required(apex(), Type.SOA);
    }

    /** Counts the contents of the zone up. */
    public long serial() {
        byte[] soa = soa().data().getFirst();
        int at = soa.length - 20;
        return ((soa[at] & 0xffL) << 24)
                | ((soa[at + 1] & 0xff) << 16)
                | ((soa[at + 2] & 0xff) << 8)
                | (soa[at + 3] & 0xff);
    }

    /**
     * For how long, in seconds, it may be kept that something is not there: RFC 2308 section 5 has
     * it be the lesser of the SOA's own TTL and its last field.
     */
    public int negativeTtlSeconds() {
        return (int) Math.min(soa().ttlSeconds(), settings.soa().negative().toSeconds());
    }

    public Node apex() {
        Node apex = nodes.get(origin);
        if (apex == null) throw new IllegalStateException("a zone without an apex");
        return apex;
    }

    /** What stands at exactly this name. */
    public Optional<Node> at(DnsName name) {
        return Optional.ofNullable(nodes.get(name));
    }

    /** Every name. */
    public Iterable<Node> nodes() {
        return nodes.values();
    }

    /**
     * Where {@code name}, which is in this zone, leads.
     *
     * @param type what is asked for: DS is the upper side's answer at a delegation
     */
    public Found find(DnsName name, int type) {
        Node encloser = nodes.get(name);
        DnsName at = name;
        while (encloser == null) {
            at = at.parent();
            encloser = nodes.get(at);
        }
        Optional<DnsName> cut = encloser.cut();
        if (cut.isPresent()) {
            boolean upper = type == Type.DS && name.equals(cut.get());
            Node delegation = nodes.get(cut.get());
            if (delegation == null) throw new IllegalStateException("a cut without a node");
            return upper ? new Found.Exact(delegation) : new Found.Delegated(delegation);
        }
        if (encloser.name().equals(name)) return new Found.Exact(encloser);
        Node wild = wildcard(encloser.name());
        return wild == null ? new Found.Missing() : new Found.Wild(wild);
    }

    private @Nullable Node wildcard(DnsName encloser) {
        return encloser.hasRoom(1) ? nodes.get(encloser.child(new byte[] {'*'})) : null;
    }

    private static RecordSet required(Node node, int type) {
        RecordSet set = node.set(type);
        if (set == null) throw new IllegalStateException("no " + Type.string(type));
        return set;
    }
}
