package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.keys.Ed25519;
import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.Default;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Who belongs to the backbone, and which links there may be. Immutable; what is wrong with it is
 * said when it is made.
 *
 * @param serial counts up; of two topologies the one with the greater serial holds
 * @param probe how often a link is probed, unless it says otherwise
 * @param members by name, which is the name in their certificates
 */
public record Topology(long serial, Duration probe, Map<String, Member> members, List<Link> links) {
    static final int MAX_MEMBERS = 256;
    static final int MAX_LINKS = 2_048;
    private static final int MAX_NAMES = 32;
    private static final Duration SHORTEST_PROBE = Duration.ofMillis(50);
    private static final Duration LONGEST_PROBE = Duration.ofMinutes(10);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /**
     * One of them.
     *
     * @param address where others reach its HTTPS port, host:port; none where nobody can
     * @param also other host:port by which clients know it
     * @param key the public key of its replica, by which it signs what it says of its links
     * @param relay whether it carries for others
     * @param wireguard for those who want layer 3 instead
     */
    public record Member(
            Optional<String> address,
            @Default("") List<String> also,
            Optional<String> key,
            @Default("true") boolean relay,
            Optional<WireGuard> wireguard) {
        public Member {
            address.ifPresent(HostPort::parse);
            also.forEach(HostPort::parse);
            if (also.size() > MAX_NAMES)
                throw new IllegalArgumentException("also names " + MAX_NAMES + " at most");
            key.ifPresent(Member::requireKey);
        }

        private static void requireKey(String key) {
            try {
                if (Bytes.fromHex(key).size() == Ed25519.PUBLIC_KEY_BYTES) return;
            } catch (MalformedException e) {
                throw new IllegalArgumentException("key is 64 hexadecimal digits", e);
            }
            throw new IllegalArgumentException("key is 64 hexadecimal digits");
        }

        Bytes publicKey() {
            return key.map(Bytes::fromHex).orElse(Bytes.EMPTY);
        }

        public Member withKey(String hex) {
            return new Member(address, also, Optional.of(hex), relay, wireguard);
        }
    }

    /**
     * A member's place in the layer-3 network that {@code backbone wireguard} configures.
     *
     * @param address within that network, an IPv4 address
     * @param endpoint where its UDP port is reached, host:port; none behind a NAT
     * @param key its public key, base64, where it was not generated in the deployment's folder
     */
    public record WireGuard(String address, Optional<String> endpoint, Optional<String> key) {
        private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

        public WireGuard {
            if (!IPV4.matcher(address).matches())
                throw new IllegalArgumentException("address is an IPv4 address such as 10.77.0.5");
            endpoint.ifPresent(HostPort::parse);
        }
    }

    /**
     * A link that may exist.
     *
     * @param between the two members
     * @param lane the least urgent lane that may use it
     * @param bytesPerHour how much it may carry, both ways together
     * @param probe how often it is probed, where not as often as the others
     * @param addresses where a member is dialled over this link, host:port, if not at its address
     */
    public record Link(
            List<String> between,
            @Default("bulk") Lane lane,
            Optional<ByteSize> bytesPerHour,
            Optional<Duration> probe,
            @Default("") Map<String, String> addresses) {
        public Link {
            between = List.copyOf(between);
            addresses = Map.copyOf(addresses);
            for (Map.Entry<String, String> each : addresses.entrySet()) {
                if (!between.contains(each.getKey()))
                    throw new IllegalArgumentException(
                            "addresses names \""
                                    + each.getKey()
                                    + "\", which is no end of the link");
                HostPort.parse(each.getValue());
            }
            if (between.size() != 2 || between.get(0).equals(between.get(1)))
                throw new IllegalArgumentException("a link is between two members");
            probe.ifPresent(Topology::requireProbe);
        }

        /** With nothing special about it. */
        public static Link between(String one, String other) {
            return new Link(
                    List.of(one, other), Lane.BULK, Optional.empty(), Optional.empty(), Map.of());
        }

        /** A thin or dear one, which is used only where no other way leads. */
        public boolean isCostly() {
            return lane != Lane.BULK || bytesPerHour.isPresent();
        }

        boolean joins(String one, String other) {
            return between.contains(one) && between.contains(other) && !one.equals(other);
        }

        String other(String member) {
            return between.get(0).equals(member) ? between.get(1) : between.get(0);
        }
    }

    public Topology {
        if (serial < 1) throw new IllegalArgumentException("serial is at least 1");
        requireProbe(probe);
        members = Map.copyOf(members);
        links = List.copyOf(links);
        if (members.isEmpty() || members.size() > MAX_MEMBERS)
            throw new IllegalArgumentException("members are 1 to " + MAX_MEMBERS);
        if (links.size() > MAX_LINKS)
            throw new IllegalArgumentException("links are " + MAX_LINKS + " at most");
        Map<HostPort, String> known = new HashMap<>();
        members.forEach((name, member) -> {
            if (!NAME.matcher(name).matches())
                throw new IllegalArgumentException(
                        "\"" + name + "\" is no member's name: lower-case letters, digits, dashes");
            for (HostPort place : places(member)) {
                String other = known.put(place, name);
                if (other != null && !other.equals(name))
                    throw new IllegalArgumentException(
                            place + " is both " + other + "'s and " + name + "'s");
            }
        });
        Set<Set<String>> seen = new HashSet<>();
        for (Link link : links) {
            for (String end : link.between()) {
                if (!members.containsKey(end))
                    throw new IllegalArgumentException(
                            "a link names \"" + end + "\", which is no member");
            }
            if (!seen.add(Set.copyOf(link.between())))
                throw new IllegalArgumentException(
                        "the link between "
                                + String.join(" and ", link.between())
                                + " is there twice");
        }
    }

    private static void requireProbe(Duration probe) {
        if (probe.compareTo(SHORTEST_PROBE) < 0 || probe.compareTo(LONGEST_PROBE) > 0)
            throw new IllegalArgumentException("probe is 50ms to 10m");
    }

    private static List<HostPort> places(Member member) {
        return java.util.stream.Stream.concat(member.address().stream(), member.also().stream())
                .map(HostPort::parse)
                .toList();
    }

    /** The link between two members, where there may be one. */
    public Optional<Link> link(String one, String other) {
        for (Link link : links) {
            if (link.joins(one, other)) return Optional.of(link);
        }
        return Optional.empty();
    }

    /** Those that {@code member} may have links to, with those links. */
    public Map<String, Link> neighbours(String member) {
        Map<String, Link> found = new TreeMap<>();
        for (Link link : links) {
            if (link.between().contains(member)) found.put(link.other(member), link);
        }
        return found;
    }

    /** Where {@code member} is dialled over {@code link}; empty where nobody can. */
    Optional<HostPort> address(Link link, String member) {
        return Optional.ofNullable(link.addresses().get(member))
                .or(() -> Optional.ofNullable(members.get(member)).flatMap(Member::address))
                .map(HostPort::parse);
    }

    Duration probe(Link link) {
        return link.probe().orElse(probe);
    }

    boolean mayRelay(String member) {
        Member known = members.get(member);
        return known != null && known.relay();
    }

    /** Whose HTTPS port is at {@code place}: by one of its addresses, or by its name. */
    public Optional<String> memberAt(HostPort place) {
        for (Map.Entry<String, Member> each : members.entrySet()) {
            if (places(each.getValue()).contains(place)) return Optional.of(each.getKey());
        }
        return members.containsKey(place.host()) ? Optional.of(place.host()) : Optional.empty();
    }
}
