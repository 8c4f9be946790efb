package dev.holdfast.cli.device;

import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;

/** Deletes a document. */
@Command(
        name = "delete",
        description = "Deletes a document, as far as this device has seen it.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device delete patients p1"})
final class DeviceDeleteCommand extends WriteAction {
    @Override
    Write write(Scope scope, String collection, String id) {
        return scope.delete(collection, id);
    }
}
