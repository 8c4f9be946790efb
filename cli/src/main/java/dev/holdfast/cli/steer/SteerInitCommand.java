package dev.holdfast.cli.steer;

import dev.holdfast.cli.node.InitCommand;
import dev.holdfast.cli.node.SettingsTemplate;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a steer node's settings. */
@Command(
        name = "init",
        description =
                "Writes a commented settings file for a steer node, and a zones file beside it"
                        + " unless there is one. Never overwrites.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast steer init steer-1.yaml --zone geo.example"
                    + " --peer steer-2=https://10.0.0.6:8453"
        })
final class SteerInitCommand extends InitCommand {
    @Option(
            names = "--port",
            defaultValue = "8453",
            description = "Where other nodes and people reach it (default: ${DEFAULT-VALUE}).")
    private int port = 8453;

    @Option(
            names = "--dns",
            paramLabel = "ADDRESS:PORT",
            defaultValue = "0.0.0.0:53",
            description = "Where it answers DNS (default: ${DEFAULT-VALUE}).")
    private String dns = "0.0.0.0:53";

    @Option(
            names = "--line",
            defaultValue = "default",
            description = "Where it stands (default: ${DEFAULT-VALUE}).")
    private String line = "default";

    @Option(
            names = "--peer",
            paramLabel = "NAME=URL",
            description = "Another node, and where it is reached; repeatable.")
    private Map<String, URI> peers = Map.of();

    @Option(
            names = "--zones",
            paramLabel = "FILE",
            defaultValue = "zones.yaml",
            description = "The zones file (default: ${DEFAULT-VALUE}).")
    private Path zones = Path.of("zones.yaml");

    @Option(
            names = "--zone",
            paramLabel = "NAME",
            defaultValue = "geo.example",
            description = "The zone in a new zones file (default: ${DEFAULT-VALUE}).")
    private String zone = "geo.example";

    SteerInitCommand() {
        super("steer", SettingsTemplate.STEER);
    }

    @Override
    protected Map<String, String> blanks() {
        return Map.of(
                "port",
                Integer.toString(port),
                "dns",
                dns,
                "line",
                line,
                "zones",
                zones.toString(),
                "zone",
                zone,
                "mailbox",
                "hostmaster." + zone + ".",
                "others",
                new TreeMap<>(peers)
                        .entrySet().stream()
                                .map(peer -> peer.getKey() + ": " + peer.getValue())
                                .collect(Collectors.joining(", ")));
    }

    @Override
    protected void writeBeside(Path settings, Map<String, String> values) {
        if (!Files.exists(zones)) SettingsTemplate.ZONES.writeNew(zones, values);
    }
}
