package dev.holdfast.cli.trust;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the commands for grants. */
@Command(
        name = "grant",
        description = "Enrols devices: makes, shows and revokes grants.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "A grant says which scopes and collections the holder of a key may read and write, and"
                    + " until when. Edges believe it without a network, until they hear that it is"
                    + " revoked."
        })
public final class GrantCommand {
    private GrantCommand() {}

    public static CommandLine line() {
        return new CommandLine(new GrantCommand())
                .addSubcommand(new GrantIssueCommand())
                .addSubcommand(new GrantShowCommand())
                .addSubcommand(new GrantRevokeCommand())
                .addSubcommand(new GrantRevokedCommand());
    }
}
