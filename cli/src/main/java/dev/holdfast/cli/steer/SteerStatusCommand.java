package dev.holdfast.cli.steer;

import static dev.holdfast.cli.output.Said.at;
import static dev.holdfast.cli.output.Said.flag;
import static dev.holdfast.cli.output.Said.items;
import static dev.holdfast.cli.output.Said.number;
import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.cli.node.OwnNode;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;

/** Shows how endpoints stand. */
@Command(
        name = "status",
        description =
                "Shows how each endpoint stands for each line of users, what this node sees of it,"
                        + " and which other nodes are heard.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast steer status --settings steer-1.yaml"})
final class SteerStatusCommand extends SteerAction {
    @Override
    Value ask(OwnNode node) throws IOException, InterruptedException {
        return node.get("/status", Map.of());
    }

    @Override
    void tell(Value status) {
        // By the node's own clock: what it says of times is by that.
        Instant now = Instant.parse(text(status, "now"));
        out().println(
                        text(status, "node")
                                + " stands in line "
                                + text(status, "line")
                                + (flag(status, "blind")
                                        ? ", and is blind: it sees and hears nothing"
                                        : ""));
        for (String trouble : List.of("zones-trouble", "audit-trouble"))
            at(status, trouble)
                    .ifPresent(words -> out().println(style().alarm(trouble + ": " + text(words))));
        out().println();
        Table table = Table.headed("ENDPOINT", "USERS", "STANDS", "SINCE", "WHY");
        for (Value endpoint : items(status, "endpoints")) {
            String name = text(endpoint, "endpoint");
            if (!(at(endpoint, "standings").orElse(Value.NIL) instanceof Value.Map lines)) continue;
            for (Map.Entry<String, Value> line : lines.fields().entrySet()) {
                table.row(
                        name,
                        line.getKey(),
                        stands(text(line.getValue(), "state")),
                        since(line.getValue(), now),
                        text(line.getValue(), "reason"));
                name = "";
            }
        }
        out().println(table.text(style()));
        out().println();
        Table seen = Table.headed("SEEN FROM HERE", "IS", "SINCE", "LOOKED", "TOOK", "WHY");
        for (Value endpoint : items(status, "endpoints")) {
            seen.row(
                    text(endpoint, "endpoint"),
                    stands(text(endpoint, "seen", "state")),
                    since(at(endpoint, "seen").orElse(Value.NIL), now),
                    at(endpoint, "seen", "looked")
                            .map(at -> Times.relative(Instant.parse(text(at)), now))
                            .orElse("not yet"),
                    at(endpoint, "seen", "took-millis")
                            .map(millis ->
                                    String.format(
                                            Locale.ROOT,
                                            "%.1f ms",
                                            Double.parseDouble(text(millis))))
                            .orElse(""),
                    text(endpoint, "seen", "reason"));
        }
        out().println(seen.text(style()));
        List<Value> peers = items(status, "peers");
        if (!peers.isEmpty()) {
            out().println();
            Table heard = Table.headed("OTHER NODE", "HEARD");
            for (Value peer : peers) heard.row(text(peer, "peer"), heard(peer));
            out().println(heard.text(style()));
        }
        next("explain NAME --client ADDRESS");
    }

    private String heard(Value peer) {
        boolean ever = at(peer, "age-millis").isPresent();
        String ago =
                ever
                        ? Times.span(Duration.ofMillis(number(peer, "age-millis"))) + " ago"
                        : "not of late";
        return flag(peer, "heard") ? style().good(ago) : style().alarm(ago + ", does not count");
    }

    private String stands(String state) {
        return switch (state) {
            case "up" -> style().good(state);
            case "down" -> style().alarm(state);
            default -> style().warning(state);
        };
    }

    private static String since(Value standing, Instant now) {
        return at(standing, "since")
                .map(at -> Times.relative(Instant.parse(text(at)), now))
                .orElse("");
    }
}
