package dev.holdfast.steer.quorum;

import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import java.util.Map;

/**
 * What one node sees.
 *
 * @param number greater than that of every report of the node before; by it, and not by how long a
 *     message took, the newer is told from the older
 * @param line where it stands
 * @param blind whether it sees nothing at all, neither an endpoint nor another node: then the fault
 *     is most likely its own
 */
public record Report(
        String node, long number, String line, boolean blind, Map<EndpointName, Verdict> verdicts) {
    public Report {
        verdicts = Map.copyOf(verdicts);
    }
}
