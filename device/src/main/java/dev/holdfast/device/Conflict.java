package dev.holdfast.device;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.ReplicaId;
import java.time.Instant;

/** A value that was written to a field at the same time as the one that is shown. */
public record Conflict(Value value, ReplicaId author, Instant at) {}
