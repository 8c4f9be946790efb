package dev.holdfast.cli.mirror;

import picocli.CommandLine.Command;

/** Resumes a link. */
@Command(
        name = "resume",
        description = "Ends the pause of a link; the region goes on where it was.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast mirror resume jakarta.example:8444 --settings singapore.yaml"
        })
final class MirrorResumeCommand extends MirrorTurnAction {
    MirrorResumeCommand() {
        super("resume");
    }

    @Override
    String words(String peer) {
        return "Resumed: what " + peer + " has comes again, from where it was.";
    }

    @Override
    String next(String peer) {
        return "status";
    }
}
