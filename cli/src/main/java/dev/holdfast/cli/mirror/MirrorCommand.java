package dev.holdfast.cli.mirror;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the commands about the links between regions. */
@Command(
        name = "mirror",
        description =
                "Shows how a region stands with its peers, pauses and resumes its links, and"
                        + " compares it with another.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "The region that is asked must run. It is found by its settings file, and takes commands"
                    + " from those who can read the certificate, key and grant that are named there."
        })
public final class MirrorCommand {
    private MirrorCommand() {}

    public static CommandLine line() {
        return new CommandLine(new MirrorCommand())
                .addSubcommand(new MirrorStatusCommand())
                .addSubcommand(new MirrorPauseCommand())
                .addSubcommand(new MirrorResumeCommand())
                .addSubcommand(new MirrorVerifyCommand());
    }
}
