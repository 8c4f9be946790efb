package dev.holdfast.cli.node;

import java.net.URI;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes an edge's settings. */
@Command(
        name = "init",
        description = "Writes a commented settings file for an edge. Never overwrites.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast edge init edge-1.yaml --region https://singapore.example:8444"
        })
final class EdgeInitCommand extends InitCommand {
    @Option(
            names = "--port",
            defaultValue = "8443",
            description = "Where it listens (default: ${DEFAULT-VALUE}).")
    private int port = 8443;

    @Option(
            names = "--region",
            paramLabel = "URL",
            defaultValue = "https://localhost:8444",
            description = "A region's address (default: ${DEFAULT-VALUE}).")
    private URI region = URI.create("https://localhost:8444");

    EdgeInitCommand() {
        super("edge", SettingsTemplate.EDGE);
    }

    @Override
    protected Map<String, String> blanks() {
        return Map.of("port", Integer.toString(port), "region", region.toString());
    }
}
