package dev.holdfast.cli.trust;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the commands for a deployment's keys. */
@Command(
        name = "keys",
        description = "Makes and shows a deployment's keys, and gives nodes theirs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "A deployment has a CA, which names its nodes, and a key that signs grants. Both stay in"
                    + " one folder, which belongs on no node; nodes get a folder each from it."
        })
public final class KeysCommand {
    private KeysCommand() {}

    public static CommandLine line() {
        return new CommandLine(new KeysCommand())
                .addSubcommand(new KeysInitCommand())
                .addSubcommand(new KeysShowCommand())
                .addSubcommand(new KeysNodeCommand())
                .addSubcommand(new KeysRenewCommand());
    }
}
