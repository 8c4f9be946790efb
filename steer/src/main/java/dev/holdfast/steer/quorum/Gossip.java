package dev.holdfast.steer.quorum;

import java.time.Duration;
import java.util.List;

/**
 * What one node tells another: all that it knows, of others as well, so that two nodes that do not
 * reach each other still hear of each other by a third.
 */
public record Gossip(List<Aged> reports, List<Drain> drains) {
    /**
     * A report and how long ago it was true. An age, and not a time: the nodes' clocks need not
     * agree.
     */
    public record Aged(Report report, Duration age) {}

    public Gossip {
        reports = List.copyOf(reports);
        drains = List.copyOf(drains);
    }
}
