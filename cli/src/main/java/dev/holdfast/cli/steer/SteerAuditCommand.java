package dev.holdfast.cli.steer;

import static dev.holdfast.cli.output.Said.items;
import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.cli.node.OwnNode;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what has changed. */
@Command(
        name = "audit",
        description = "Shows what has changed at a node, and who or what brought it about.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast steer audit --last 20 --settings steer-1.yaml"})
final class SteerAuditCommand extends SteerAction {
    @Option(
            names = "--last",
            paramLabel = "N",
            defaultValue = "50",
            description = "How many of the newest (default: ${DEFAULT-VALUE}).")
    private int last = 50;

    @Override
    Value ask(OwnNode node) throws IOException, InterruptedException {
        return node.get("/audit", Map.of("limit", Integer.toString(last)));
    }

    @Override
    void tell(Value answer) {
        Instant now = Instant.parse(text(answer, "now"));
        List<Value> entries = items(answer, "entries");
        Table table = Table.headed("WHEN", "ABOUT", "USERS", "WHO", "WHAT");
        for (Value entry : entries) {
            String endpoint = text(entry, "endpoint");
            table.row(
                    Times.relative(Instant.parse(text(entry, "at")), now),
                    endpoint.isEmpty() ? text(entry, "kind") : endpoint,
                    text(entry, "line"),
                    text(entry, "who"),
                    text(entry, "what"));
        }
        out().println(entries.isEmpty() ? "Nothing yet." : table.text(style()));
        next("status");
    }
}
