package dev.holdfast.cli.device;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.device.Scope;
import dev.holdfast.device.Write;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A write of fields, which are typed one by one or as a whole. */
abstract class FieldsAction extends WriteAction {
    @Parameters(
            index = "2..*",
            arity = "0..*",
            paramLabel = "FIELD=VALUE",
            description = "See below.")
    private List<String> typed = List.of();

    @Option(
            names = "--fields",
            paramLabel = "JSON",
            description = "The fields as a JSON object, instead of one by one.")
    private Optional<String> whole = Optional.empty();

    abstract Write write(Scope scope, String collection, String id, Value.Map fields);

    @Override
    final Write write(Scope scope, String collection, String id) {
        return write(scope, collection, id, given());
    }

    private Value.Map given() {
        if (whole.isEmpty()) {
            if (typed.isEmpty()) {
                throw new MalformedException("no field is given, neither FIELD=VALUE nor --fields");
            }
            return Fields.parse(typed);
        }
        if (!typed.isEmpty()) {
            throw new MalformedException(
                    "fields are given both ways: one by one and with --fields");
        }
        if (Json.parse(whole.get()) instanceof Value.Map map) return map;
        throw new MalformedException("--fields is a JSON object, such as {\"name\":\"Amina\"}");
    }
}
