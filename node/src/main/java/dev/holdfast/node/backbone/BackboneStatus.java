package dev.holdfast.node.backbone;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.TreeSet;

/** How a member's links and ways stand at one moment, for people and programs. */
final class BackboneStatus {
    private static final ObjectMapper JSON = new ObjectMapper();

    private BackboneStatus() {}

    static String json(BackboneDriver backbone) {
        ObjectNode all = JSON.createObjectNode();
        all.put("member", backbone.name());
        backbone.trouble().ifPresent(why -> all.put("trouble", why));
        return backbone.look((mesh, streams, limits, neighbours, now) -> {
            Topology topology = mesh.topology().topology();
            all.put("serial", topology.serial());
            all.put("route-changes", mesh.routes().changes());
            all.put("streams", streams.open());
            all.put("relayed-streams", streams.relayed());
            all.put("relayed-bytes", limits.relayedBytes());
            ArrayNode links = all.putArray("links");
            neighbours.forEach((name, link) ->
                    mesh.health(name)
                            .ifPresent(health -> links.add(link(name, link, health, now))));
            ArrayNode routes = all.putArray("routes");
            for (String member : new TreeSet<>(topology.members().keySet())) {
                if (!member.equals(backbone.name())) routes.add(routes(member, mesh.routes()));
            }
            return all.toString();
        });
    }

    private static ObjectNode link(String name, NeighbourDriver link, LinkHealth health, long now) {
        ObjectNode row = JSON.createObjectNode();
        row.put("to", name)
                .put("up", health.isUp())
                .put("settled", health.isSettled(now))
                .put("rtt-micros", health.rttMicros())
                .put("loss-out-permille", health.lossOutPermille())
                .put("loss-in-permille", health.lossInPermille())
                .put("connections", link.connections())
                .put("wire-bytes", link.wireBytes())
                .put("overhead-bytes", link.overheadBytes())
                .put("waiting-bytes", link.waitingBytes());
        ObjectNode lanes = row.putObject("data-bytes");
        for (Lane lane : Lane.values()) lanes.put(word(lane), link.laneBytes(lane));
        if (!link.isConnected()) row.put("reason", link.lastFailure());
        return row;
    }

    private static ObjectNode routes(String member, Routes routes) {
        ObjectNode row = JSON.createObjectNode().put("member", member);
        for (Lane lane : Lane.values()) {
            ArrayNode way = row.putArray(word(lane));
            routes.to(member, lane).ifPresent(route -> route.members().forEach(way::add));
        }
        return row;
    }

    /** In a few words: who is reached how. */
    static String words(BackboneDriver backbone) {
        return backbone.look((mesh, streams, limits, neighbours, now) -> {
            StringBuilder text = new StringBuilder();
            for (String member : new TreeSet<>(mesh.topology().topology().members().keySet())) {
                if (member.equals(backbone.name())) continue;
                if (!text.isEmpty()) text.append("; ");
                text.append(member)
                        .append(' ')
                        .append(
                                mesh.routes()
                                        .to(member, Lane.FRESH)
                                        .map(route ->
                                                route.relays() == 0
                                                        ? "direct"
                                                        : "by "
                                                                + String.join(
                                                                        ", ",
                                                                        route.members()
                                                                                .subList(
                                                                                        1,
                                                                                        route.members()
                                                                                                        .size()
                                                                                                - 1)))
                                        .orElse("not reached"));
            }
            return text.toString();
        });
    }

    private static String word(Lane lane) {
        return lane.name().toLowerCase(Locale.ROOT);
    }
}
