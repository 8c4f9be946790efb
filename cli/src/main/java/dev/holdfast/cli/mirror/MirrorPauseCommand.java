package dev.holdfast.cli.mirror;

import picocli.CommandLine.Command;

/** Pauses a link. */
@Command(
        name = "pause",
        description =
                "Has the region take in nothing from a peer, until it is resumed; also over a restart.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast mirror pause jakarta.example:8444 --settings singapore.yaml"
        })
final class MirrorPauseCommand extends MirrorTurnAction {
    MirrorPauseCommand() {
        super("pause");
    }

    @Override
    String words(String peer) {
        return "Paused: within a second or so nothing is taken in from "
                + peer
                + ". It may go on taking from here.";
    }

    @Override
    String next(String peer) {
        return "resume " + peer;
    }
}
