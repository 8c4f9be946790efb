package dev.holdfast.cli.steer;

import static dev.holdfast.cli.output.Said.flag;
import static dev.holdfast.cli.output.Said.items;
import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.cli.node.OwnNode;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says why a client is answered as it is. */
@Command(
        name = "explain",
        description = "Says what a client would be answered now, and why.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast steer explain region.geo.example --client 203.0.113.7"
                    + " --settings steer-1.yaml"
        })
final class SteerExplainCommand extends SteerAction {
    @Parameters(paramLabel = "NAME", description = "The name that is asked for.")
    private String name = "";

    @Option(
            names = "--client",
            required = true,
            paramLabel = "ADDRESS",
            description = "Who asks: the user's address, or the resolver's.")
    private String client = "";

    @Option(
            names = "--type",
            defaultValue = "A",
            description = "What is asked for: A, AAAA, SRV, … (default: ${DEFAULT-VALUE}).")
    private String type = "A";

    @Override
    Value ask(OwnNode node) throws IOException, InterruptedException {
        return node.get("/explain", Map.of("name", name, "type", type, "client", client));
    }

    @Override
    void tell(Value told) {
        out().println(style().bold(text(told, "question")) + ", asked by " + client);
        out().println("  line " + text(told, "line") + ": " + text(told, "line-reason"));
        for (Value step : items(told, "steps")) out().println("  " + text(step));
        for (Value pool : items(told, "pools")) {
            out().println();
            out().println(
                            "Pool "
                                    + text(pool, "pool")
                                    + " ("
                                    + text(pool, "policy")
                                    + "), chosen among "
                                    + text(pool, "among")
                                    + ", "
                                    + text(pool, "how"));
            Table table = Table.headed("ENDPOINT", "STANDS", "", "WHY");
            for (Value endpoint : items(pool, "endpoints")) {
                table.row(
                        text(endpoint, "endpoint"),
                        text(endpoint, "standing", "state"),
                        flag(endpoint, "leads") ? "may be named" : "is not named",
                        text(endpoint, "reason") + ": " + text(endpoint, "standing", "reason"));
            }
            out().println(table.text(style()));
        }
        out().println();
        List<Value> answer = items(told, "answer");
        out().println("Answer: " + text(told, "code") + (answer.isEmpty() ? ", empty" : ""));
        for (Value line : answer) out().println("  " + text(line));
        next("status");
    }
}
