package dev.holdfast.cli.backbone;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the commands for the backbone. */
@Command(
        name = "backbone",
        description = "Signs and shows the topology of private links between regions and edges.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "A topology names the members and the links there may be. Each member takes the best"
                    + " way that lives, by way of others where no direct link does."
        })
public final class BackboneCommand {
    private BackboneCommand() {}

    public static CommandLine line() {
        return new CommandLine(new BackboneCommand())
                .addSubcommand(new BackboneSignCommand())
                .addSubcommand(new BackboneShowCommand())
                .addSubcommand(new BackboneWireguardCommand());
    }
}
