package dev.holdfast.cli.device;

import dev.holdfast.core.Value;
import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import picocli.CommandLine.Command;

/** Changes some fields of a document. */
@Command(
        name = "patch",
        description = "Changes the given fields, and no others; null removes one.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast device patch patients p1 age=32 note=null",
            "",
            Fields.HELP
        })
final class DevicePatchCommand extends FieldsAction {
    @Override
    Write write(Scope scope, String collection, String id, Value.Map fields) {
        return scope.patch(collection, id, fields);
    }
}
