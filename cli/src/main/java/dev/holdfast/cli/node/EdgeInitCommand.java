package dev.holdfast.cli.node;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes an edge's settings. */
@Command(
        name = "init",
        description = "Writes a commented settings file for an edge. Never overwrites.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast edge init edge-1.yaml --keys data/keys/nodes/edge-1 --region"
                    + " https://singapore.example:8443"
        })
final class EdgeInitCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Where to.")
    private Path file;

    @Option(
            names = "--keys",
            paramLabel = "FOLDER",
            defaultValue = "data/keys/nodes/edge-1",
            description = "What \"keys node\" made for it (default: ${DEFAULT-VALUE}).")
    private Path keys = Path.of("data/keys/nodes/edge-1");

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "data/edges/edge-1",
            description = "The folder that it will own (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data/edges/edge-1");

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

    @Override
    public void run() {
        SettingsTemplate.EDGE.writeNew(
                file,
                Map.of(
                        "file", file.toString(),
                        "data", data.toString(),
                        "keys", keys.toString(),
                        "host", "0.0.0.0",
                        "port", Integer.toString(port),
                        "region", region.toString()));
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + file + "; look through it");
        out.println();
        out.println("Next: holdfast edge " + file);
        out.flush();
    }
}
