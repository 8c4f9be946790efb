package dev.holdfast.cli.device;

import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes from a set. */
@Command(
        name = "remove",
        description = "Removes an element from a set.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device remove patients p1 allergies penicillin"})
final class DeviceRemoveCommand extends WriteAction {
    @Parameters(index = "2", paramLabel = "FIELD", description = "The set's path.")
    private String path;

    @Parameters(index = "3", paramLabel = "ELEMENT", description = "A value as in \"put\".")
    private String element;

    @Override
    Write write(Scope scope, String collection, String id) {
        return scope.remove(collection, id, path, Fields.value(element));
    }
}
