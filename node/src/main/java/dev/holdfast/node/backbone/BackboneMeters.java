package dev.holdfast.node.backbone;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The backbone's figures for Prometheus: for each link whether it is up, its time there and back,
 * loss each way and bytes; for each member how many hops away it is; how often ways have changed. A
 * link that has left the topology stays, at zero, until the process ends.
 */
final class BackboneMeters {
    private final MeterRegistry meters;
    private final BackboneDriver backbone;
    private final Set<String> met = new HashSet<>();

    BackboneMeters(MeterRegistry meters, BackboneDriver backbone) {
        this.meters = meters;
        this.backbone = backbone;
        FunctionCounter.builder("holdfast.backbone.route.changes", backbone, this::changes)
                .register(meters);
        Gauge.builder("holdfast.backbone.streams", backbone, this::streams).register(meters);
        Gauge.builder("holdfast.backbone.streams.relayed", backbone, this::relayed)
                .register(meters);
        FunctionCounter.builder("holdfast.backbone.relayed.bytes", backbone, this::relayedBytes)
                .register(meters);
        Gauge.builder("holdfast.backbone.topology.serial", backbone, b -> b.topology().serial())
                .register(meters);
        for (String member : backbone.topology().members().keySet()) {
            if (!member.equals(backbone.name())) route(member);
        }
    }

    private double changes(BackboneDriver driver) {
        return driver.look((mesh, streams, limits, links, now) -> mesh.routes().changes());
    }

    private double streams(BackboneDriver driver) {
        return driver.look((mesh, streams, limits, links, now) -> streams.open());
    }

    private double relayed(BackboneDriver driver) {
        return driver.look((mesh, streams, limits, links, now) -> streams.relayed());
    }

    private double relayedBytes(BackboneDriver driver) {
        return driver.look((mesh, streams, limits, links, now) -> limits.relayedBytes());
    }

    private void route(String member) {
        for (Lane lane : Lane.values()) {
            Gauge.builder(
                            "holdfast.backbone.hops",
                            backbone,
                            b ->
                                    b.route(member, lane)
                                            .map(route -> route.members().size() - 1)
                                            .orElse(0))
                    .tag("member", member)
                    .tag("lane", word(lane))
                    .register(meters);
        }
    }

    /** There is a link to {@code neighbour}. */
    void meet(String neighbour) {
        if (!met.add(neighbour)) return;
        health("holdfast.backbone.link.up", neighbour, health -> health.isUp() ? 1 : 0);
        health("holdfast.backbone.link.rtt.seconds", neighbour, h -> h.rttMicros() / 1e6);
        health("holdfast.backbone.link.loss.out", neighbour, h -> h.lossOutPermille() / 1e3);
        health("holdfast.backbone.link.loss.in", neighbour, h -> h.lossInPermille() / 1e3);
        for (Lane lane : Lane.values())
            bytes("data", neighbour, word(lane), link -> link.laneBytes(lane));
        bytes("overhead", neighbour, "none", NeighbourDriver::overheadBytes);
        bytes("wire", neighbour, "none", NeighbourDriver::wireBytes);
        bytes("connections", neighbour, "none", NeighbourDriver::connections);
    }

    private void health(String name, String neighbour, ToDoubleFunction<LinkHealth> figure) {
        Gauge.builder(
                        name,
                        backbone,
                        b ->
                                b.look((mesh, streams, limits, links, now) ->
                                        mesh.health(neighbour)
                                                .map(figure::applyAsDouble)
                                                .orElse(0.0)))
                .tag("link", neighbour)
                .register(meters);
    }

    private void bytes(
            String kind, String neighbour, String lane, ToDoubleFunction<NeighbourDriver> figure) {
        FunctionCounter.builder(
                        "holdfast.backbone.link." + kind,
                        backbone,
                        b ->
                                b.look((mesh, streams, limits, links, now) -> {
                                    NeighbourDriver link = links.get(neighbour);
                                    return link == null ? 0.0 : figure.applyAsDouble(link);
                                }))
                .tag("link", neighbour)
                .tag("lane", lane)
                .register(meters);
    }

    /** A stream of this member was reset. */
    void reset(Frame.Why why) {
        meters.counter("holdfast.backbone.resets", "why", word(why)).increment();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
