package dev.holdfast.drill.herd;

import java.util.List;

/**
 * Devices with a backlog.
 *
 * @param scopes the beginning of the names of their scopes, which are theirs alone
 */
record Herd(String scopes, int devices, int devicesPerScope, int batches, int operationsPerBatch) {
    long operations() {
        return (long) devices * batches * operationsPerBatch;
    }

    /** As {@link HerdMain} takes it. */
    List<String> arguments() {
        return List.of(
                scopes,
                Integer.toString(devices),
                Integer.toString(devicesPerScope),
                Integer.toString(batches),
                Integer.toString(operationsPerBatch));
    }
}
