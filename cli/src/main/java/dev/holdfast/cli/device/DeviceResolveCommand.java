package dev.holdfast.cli.device;

import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Settles a conflict. */
@Command(
        name = "resolve",
        description = "Settles a conflict: the value takes the place of all that stand there.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device resolve patients p1 ward B"})
final class DeviceResolveCommand extends WriteAction {
    @Parameters(index = "2", paramLabel = "FIELD", description = "The field's path.")
    private String path;

    @Parameters(index = "3", paramLabel = "VALUE", description = "A value as in \"put\".")
    private String value;

    @Override
    Write write(Scope scope, String collection, String id) {
        return scope.resolve(collection, id, path, Fields.value(value));
    }
}
