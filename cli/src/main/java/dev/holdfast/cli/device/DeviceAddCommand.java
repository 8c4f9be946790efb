package dev.holdfast.cli.device;

import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Adds to a set. */
@Command(
        name = "add",
        description = "Adds an element to a set.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device add patients p1 allergies penicillin"})
final class DeviceAddCommand extends WriteAction {
    @Parameters(index = "2", paramLabel = "FIELD", description = "The set's path.")
    private String path;

    @Parameters(index = "3", paramLabel = "ELEMENT", description = "A value as in \"put\".")
    private String element;

    @Override
    Write write(Scope scope, String collection, String id) {
        return scope.add(collection, id, path, Fields.value(element));
    }
}
