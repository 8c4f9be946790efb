package dev.holdfast.cli.backbone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.trust.DeploymentOption;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.backbone.SignedTopology;
import dev.holdfast.node.backbone.Topology;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a topology, or how a running member sees the backbone. */
@Command(
        name = "show",
        description = "Shows a signed topology, and of a running member its links and ways.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast backbone show --door 7480",
            "The door of a running member is in its log and in /readyz."
        })
final class BackboneShowCommand implements Runnable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "A signed topology; its signature is checked.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--door",
            paramLabel = "PORT",
            description = "The door of a member that runs on this machine.")
    private Optional<Integer> door = Optional.empty();

    @Option(names = "--json", description = "What the member says, as it says it.")
    private boolean json;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (file.isEmpty() && door.isEmpty())
            throw new Failure(
                    "nothing to show",
                    "neither a signed topology nor a door is named",
                    "holdfast backbone show topology.signed.yaml, or --door PORT");
        file.ifPresent(named -> out.println(text(named)));
        door.ifPresent(port -> out.println(json ? status(port) : text(parsed(status(port)))));
        out.flush();
    }

    private String text(Path named) {
        Topology topology =
                SignedTopology.load(
                                named, Set.of(deployment.open().grantsPublicKey()), new Verifier())
                        .topology();
        Table members = Table.headed("MEMBER", "ADDRESS", "RELAY", "KEY");
        new TreeMap<>(topology.members())
                .forEach((name, member) ->
                        members.row(
                                name,
                                member.address().orElse("none: it dials"),
                                member.relay() ? "yes" : "no",
                                member.key().orElse("")));
        Table links = Table.headed("LINK", "LANES", "BYTES AN HOUR", "PROBE");
        for (Topology.Link link : topology.links())
            links.row(
                    String.join(" - ", link.between()),
                    "to " + link.lane().name().toLowerCase(Locale.ROOT),
                    link.bytesPerHour().map(Object::toString).orElse("any"),
                    link.probe().orElse(topology.probe()).toMillis() + " ms");
        Style style = Style.ofTerminal();
        return "serial "
                + topology.serial()
                + ", its signature is right\n\n"
                + members.text(style)
                + "\n\n"
                + links.text(style);
    }

    private static String text(JsonNode status) {
        Table links =
                Table.headed("LINK TO", "UP", "RTT", "LOSS OUT", "LOSS IN", "BYTES", "WHY NOT");
        for (JsonNode link : status.path("links"))
            links.row(
                    link.path("to").asText(),
                    link.path("up").asBoolean() ? "yes" : "no",
                    String.format(
                            Locale.ROOT, "%.1f ms", link.path("rtt-micros").asLong() / 1_000.0),
                    percent(link.path("loss-out-permille")),
                    percent(link.path("loss-in-permille")),
                    link.path("wire-bytes").asText(),
                    link.path("reason").asText(""));
        Table routes = Table.headed("MEMBER", "CONTROL", "FRESH", "BULK");
        for (JsonNode route : status.path("routes"))
            routes.row(
                    route.path("member").asText(),
                    way(route.path("control")),
                    way(route.path("fresh")),
                    way(route.path("bulk")));
        Style style = Style.ofTerminal();
        String trouble = status.path("trouble").asText("");
        return status.path("member").asText()
                + ", topology serial "
                + status.path("serial").asText()
                + (trouble.isEmpty() ? "" : "; the one in its file is not taken: " + trouble)
                + "\n\n"
                + links.text(style)
                + "\n\n"
                + routes.text(style);
    }

    private static String percent(JsonNode permille) {
        return String.format(Locale.ROOT, "%.1f %%", permille.asInt() / 10.0);
    }

    private static String way(JsonNode members) {
        if (members.isEmpty()) return "not reached";
        if (members.size() == 2) return "direct";
        StringJoiner relays = new StringJoiner(", ", "by ", "");
        for (int i = 1; i < members.size() - 1; i++) relays.add(members.path(i).asText());
        return relays.toString();
    }

    private static String status(int port) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                        .timeout(PATIENCE)
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
        } catch (IOException e) {
            throw new Failure(
                    "no member answers at the door " + port,
                    String.valueOf(e.getMessage()),
                    "look into /readyz of the node for its door");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new Failure(
                    "what answers there is no backbone's door",
                    String.valueOf(e.getMessage()),
                    "look into /readyz of the node for its door");
        }
    }
}
