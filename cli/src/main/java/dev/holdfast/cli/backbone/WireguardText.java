package dev.holdfast.cli.backbone;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.node.backbone.HostPort;
import dev.holdfast.node.backbone.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What wg-quick reads: a peer for each neighbour, with the addresses of all whom the fewest hops
 * lead to by way of it.
 */
final class WireguardText {
    private static final int KEEPALIVE_SECONDS = 25;

    private WireguardText() {}

    /**
     * The configuration of one member.
     *
     * @param publicKeys of all members that have a place in the network, base64
     * @throws Failure when the member has none
     */
    static String of(
            Topology topology, String self, WireguardKey key, Map<String, String> publicKeys) {
        Topology.WireGuard own = place(topology, self);
        if (own == null)
            throw new Failure(
                    self + " has no place in the WireGuard network",
                    "the topology gives it no wireguard: {address: …}",
                    "give it one, such as 10.77.0.5, and sign the topology again");
        StringBuilder out = new StringBuilder();
        out.append("# ").append(self).append(", topology serial ").append(topology.serial());
        out.append("\n[Interface]\nPrivateKey = ").append(key.secretText());
        out.append("\nAddress = ").append(own.address()).append("/32\n");
        own.endpoint()
                .ifPresent(at ->
                        out.append("ListenPort = ").append(HostPort.parse(at).port()).append('\n'));
        if (topology.members().values().stream().filter(m -> m.wireguard().isPresent()).count() > 2)
            out.append("# A relay forwards: PostUp = sysctl -q net.ipv4.ip_forward=1\n");
        firstHops(topology, self)
                .forEach((neighbour, reached) -> {
                    Topology.WireGuard peer = place(topology, neighbour);
                    if (peer == null) return;
                    out.append("\n# ").append(neighbour);
                    out.append("\n[Peer]\nPublicKey = ").append(publicKeys.get(neighbour));
                    out.append("\nAllowedIPs = ").append(String.join(", ", reached)).append('\n');
                    peer.endpoint()
                            .ifPresent(at -> out.append("Endpoint = ").append(at).append('\n'));
                    // Whoever cannot be reached keeps the hole in its NAT open.
                    if (own.endpoint().isEmpty() && peer.endpoint().isPresent())
                        out.append("PersistentKeepalive = ").append(KEEPALIVE_SECONDS).append('\n');
                });
        return out.toString();
    }

    /** For each neighbour the networks that are behind it. */
    private static Map<String, List<String>> firstHops(Topology topology, String self) {
        Map<String, List<String>> reached = new TreeMap<>();
        Map<String, String> first = new TreeMap<>(Map.of(self, self));
        Queue<String> queue = new ArrayDeque<>(List.of(self));
        while (!queue.isEmpty()) {
            String at = queue.remove();
            Topology.Member member = topology.members().get(at);
            boolean passes = at.equals(self) || member != null && member.relay();
            if (!passes) continue;
            for (String next : topology.neighbours(at).keySet()) {
                Topology.WireGuard place = place(topology, next);
                if (place == null || first.containsKey(next)) continue;
                String hop = at.equals(self) ? next : String.valueOf(first.get(at));
                first.put(next, hop);
                queue.add(next);
                reached.computeIfAbsent(hop, _ -> new ArrayList<>()).add(place.address() + "/32");
            }
        }
        return reached;
    }

    private static Topology.@Nullable WireGuard place(Topology topology, String name) {
        Topology.Member member = topology.members().get(name);
        return member == null ? null : member.wireguard().orElse(null);
    }
}
