package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.Default;
import dev.holdfast.steer.pool.PoolSettings;
import java.util.Map;

/**
 * The zones file, as it is written. Kept apart from a node's own settings, since all nodes that
 * answer for the same zones have the same one, and it is read again while they run.
 *
 * @param lines groups of users by their networks; all others are of the line {@code default}
 * @param pools sets of endpoints that answers are made of
 * @param zones by the name of their apex
 */
public record ZonesSettings(
        @Default("") Map<String, LineSettings> lines,
        @Default("") Map<String, PoolSettings> pools,
        @Default("") Map<String, ZoneSettings> zones) {}
