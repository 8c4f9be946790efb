package dev.holdfast.device;

import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.store.link.LinkStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a device is doing.
 *
 * @param replica who it writes as
 * @param subject whom its grant names; empty without one
 * @param link whether a node is reached
 * @param unsyncedOperations written here and not known to be anywhere else
 * @param unsyncedBytes of those, about
 * @param oldestUnsynced when the first of them was written
 * @param rejections refusals in all scopes: those that wait for the application, and what an edge
 *     would not take and is sent again
 * @param clockAhead how far this device's clock is ahead of the region's, where that is too much to
 *     be let pass; its writes are stamped as if it were right, and its owner should set it
 */
public record DeviceStatus(
        ReplicaId replica,
        Optional<String> subject,
        LinkStatus link,
        long unsyncedOperations,
        long unsyncedBytes,
        Optional<Instant> oldestUnsynced,
        int rejections,
        Duration clockAhead) {}
