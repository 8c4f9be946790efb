package dev.holdfast.cli.device;

import dev.holdfast.core.Value;
import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;

/** Writes a whole document. */
@Command(
        name = "put",
        description = "Makes the given fields the whole document.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast device put patients p1 name='Amina Yusuf' age=31 address.city=Kisumu",
            "",
            Fields.HELP
        })
final class DevicePutCommand extends FieldsAction {
    @Override
    Write write(Scope scope, String collection, String id, Value.Map fields) {
        return scope.put(collection, id, fields);
    }
}
