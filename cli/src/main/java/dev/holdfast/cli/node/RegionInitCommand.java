package dev.holdfast.cli.node;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a region's settings. */
@Command(
        name = "init",
        description = "Writes a commented settings file for a region. Never overwrites.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast region init singapore.yaml --keys data/keys/nodes/singapore"
        })
final class RegionInitCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Where to.")
    private Path file;

    @Option(
            names = "--keys",
            paramLabel = "FOLDER",
            defaultValue = "data/keys/nodes/singapore",
            description = "What \"keys node\" made for it (default: ${DEFAULT-VALUE}).")
    private Path keys = Path.of("data/keys/nodes/singapore");

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "data/regions/singapore",
            description = "The folder that it will own (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data/regions/singapore");

    @Option(
            names = "--port",
            defaultValue = "8444",
            description = "Where it listens (default: ${DEFAULT-VALUE}).")
    private int port = 8444;

    @Override
    public void run() {
        SettingsTemplate.REGION.writeNew(
                file,
                Map.of(
                        "file",
                        file.toString(),
                        "data",
                        data.toString(),
                        "keys",
                        keys.toString(),
                        "host",
                        "0.0.0.0",
                        "port",
                        Integer.toString(port),
                        "database-port",
                        "0",
                        "namesrv-port",
                        "9876",
                        "broker-port",
                        "10911"));
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + file + "; look through it");
        out.println();
        out.println("Next: holdfast region " + file);
        out.flush();
    }
}
