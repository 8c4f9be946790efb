package dev.holdfast.drill.report;

import dev.holdfast.core.operation.Durability;
import java.util.Map;

/**
 * How far everything was at one time. All but the backlog only ever grow, so that a rate is the
 * difference of any two samples.
 *
 * @param atMillis since the start
 * @param reached per level, how many writes were acknowledged at it or above
 * @param backlog how many writes were saved by devices and not yet in the record
 * @param inDatabase how many operations PostgreSQL held
 */
public record Sample(long atMillis, Map<Durability, Long> reached, long backlog, long inDatabase) {
    public Sample {
        reached = Map.copyOf(reached);
    }

    long reached(Durability level) {
        return reached.getOrDefault(level, 0L);
    }
}
