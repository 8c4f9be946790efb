package dev.holdfast.cli.steer;

import static dev.holdfast.cli.output.Said.flag;
import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.cli.node.OwnNode;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes an endpoint out of answers. */
@Command(
        name = "drain",
        description = {
            "Takes an endpoint out of all answers, at every node and over restarts, or puts it"
                    + " back.",
            "It is named again only where nothing else is left at all."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast steer drain regions/singapore --for 2h --why \"new disks\""
                    + " --settings steer-1.yaml"
        })
final class SteerDrainCommand extends SteerAction {
    @Parameters(paramLabel = "ENDPOINT", description = "As pool/endpoint.")
    private String endpoint = "";

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Put it back after so long, such as 30m or 2h; else it stays out.")
    private Optional<Duration> time = Optional.empty();

    @Option(names = "--undo", description = "Put it back.")
    private boolean undo;

    @Option(names = "--why", description = "For those who wonder later.")
    private String why = "";

    @Option(
            names = "--who",
            defaultValue = "${sys:user.name}",
            description = "Who says so (default: ${DEFAULT-VALUE}).")
    private String who = "";

    /** Times as in settings. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Times.parse(text);
        }
    }

    @Override
    Value ask(OwnNode node) throws IOException, InterruptedException {
        Map<String, String> query = new HashMap<>();
        query.put("endpoint", endpoint);
        query.put("who", who);
        query.put("why", why);
        if (undo) query.put("undo", "true");
        time.ifPresent(span -> query.put("for-millis", Long.toString(span.toMillis())));
        return node.post("/drain", query);
    }

    @Override
    void tell(Value answer) {
        String name = text(answer, "endpoint");
        String until = text(answer, "until");
        if (flag(answer, "out")) {
            out().println(
                            "Drained: "
                                    + name
                                    + " is not named any more"
                                    + (until.isEmpty() ? "" : " until " + until)
                                    + ". Answers that were given are kept for their TTL.");
            next("drain " + name + " --undo");
        } else {
            out().println("Put back: " + name + " is named again where it works.");
            next("status");
        }
    }
}
