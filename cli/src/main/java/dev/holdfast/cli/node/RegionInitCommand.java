package dev.holdfast.cli.node;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a region's settings. */
@Command(
        name = "init",
        description = "Writes a commented settings file for a region. Never overwrites.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast region init singapore.yaml"})
final class RegionInitCommand extends InitCommand {
    @Option(
            names = "--port",
            defaultValue = "8444",
            description = "Where it listens (default: ${DEFAULT-VALUE}).")
    private int port = 8444;

    RegionInitCommand() {
        super("region", SettingsTemplate.REGION);
    }

    @Override
    protected Map<String, String> blanks() {
        return Map.of(
                "port", Integer.toString(port),
                "database-port", "0",
                "namesrv-port", "9876",
                "broker-port", "10911",
                "home", "true",
                "peers", "");
    }
}
