package dev.holdfast.cli.device;

import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Adds to a counter. */
@Command(
        name = "increment",
        description = "Adds to a counter, which sums what everybody adds.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device increment patients p1 visits"})
final class DeviceIncrementCommand extends WriteAction {
    @Parameters(index = "2", paramLabel = "FIELD", description = "The counter's path.")
    private String path;

    @Parameters(
            index = "3",
            arity = "0..1",
            paramLabel = "BY",
            defaultValue = "1",
            description = "How much; may be negative (default: ${DEFAULT-VALUE}).")
    private long by;

    @Override
    Write write(Scope scope, String collection, String id) {
        return scope.increment(collection, id, path, by);
    }
}
