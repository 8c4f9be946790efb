package dev.holdfast.cli.device;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.device.DocumentView;
import dev.holdfast.device.Query;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists documents. */
@Command(
        name = "list",
        description = "Lists a collection's documents, after taking in what others wrote.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast device list patients --where ward=A --order name --limit 20"
        })
final class DeviceListCommand extends DeviceAction {
    @Parameters(paramLabel = "COLLECTION", description = "Such as patients.")
    private String collection;

    @Option(
            names = "--where",
            paramLabel = "FIELD=VALUE",
            description = "Only where the field has the value; repeatable.")
    private List<String> conditions = List.of();

    @Option(
            names = "--order",
            paramLabel = "FIELD",
            description = "By this field (default: by id).")
    private Optional<String> order = Optional.empty();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "So many at most (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Override
    int run(OpenDevice open) throws InterruptedException {
        Query query = query(open);
        CatchUpDriver.run(open, collection);
        List<DocumentView> found = query.limit(Math.addExact(limit, 1)).list();
        List<DocumentView> shown = found.subList(0, Math.min(limit, found.size()));
        if (json()) {
            shown.forEach(document -> print(Shown.json(document)));
        } else if (shown.isEmpty()) {
            out().println("No such documents in " + collection + " on this device.");
            out().println("Next: " + again("put " + collection + " ID FIELD=VALUE"));
        } else {
            out().println(Shown.list(shown).text(style()));
            if (found.size() > limit) {
                out().println("There are more. Next: --limit " + 10L * limit);
            }
        }
        return 0;
    }

    private Query query(OpenDevice open) {
        Query query = open.scope().query(collection);
        for (String condition : conditions) {
            int equals = condition.indexOf('=');
            if (equals < 1) {
                throw new MalformedException("--where is FIELD=VALUE, not \"" + condition + "\"");
            }
            Value value = Fields.value(condition.substring(equals + 1));
            query = query.equal(condition.substring(0, equals), value);
        }
        return order.isPresent() ? query.orderBy(order.get()) : query;
    }
}
