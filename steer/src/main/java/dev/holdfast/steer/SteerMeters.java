package dev.holdfast.steer;

import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import dev.holdfast.steer.quorum.Council;
import dev.holdfast.steer.quorum.Decided;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How endpoints stand and nodes hear each other, in figures. Thread-safe. */
final class SteerMeters {
    private final MultiGauge standings;
    private final Counter changes;

    SteerMeters(MeterRegistry meters, Council council, InstantSource clock) {
        standings =
                MultiGauge.builder("holdfast.steer.up")
                        .description("1 where an endpoint is named to a line's users")
                        .register(meters);
        changes = meters.counter("holdfast.steer.changes");
        meters.gauge(
                "holdfast.steer.drained",
                council,
                all -> all.drains().holding(clock.instant()).size());
        meters.gauge(
                "holdfast.steer.blind", council, all -> all.own(clock.instant()).blind() ? 1 : 0);
        for (String peer : council.others())
            meters.gauge(
                    "holdfast.steer.peer.age.seconds",
                    Tags.of("peer", peer),
                    council,
                    all -> {
                        var age = all.ages(clock.instant()).get(peer);
                        return age == null ? Double.NaN : age.toMillis() / 1e3;
                    });
    }

    void changed(int count) {
        changes.increment(count);
    }

    void show(Decided decided, Set<EndpointName> endpoints) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (String line : decided.lines()) {
            for (EndpointName endpoint : endpoints) {
                Standing standing = decided.of(endpoint, line);
                boolean named =
                        standing instanceof Standing.Up || standing instanceof Standing.Unjudged;
                rows.add(
                        MultiGauge.Row.of(
                                Tags.of("endpoint", endpoint.toString(), "line", line),
                                named ? 1 : 0));
            }
        }
        standings.register(rows, true);
    }
}
