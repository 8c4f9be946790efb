package dev.holdfast.cli.mirror;

import dev.holdfast.core.Value;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

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
final class MirrorPauseCommand extends MirrorAction {
    @Parameters(
            paramLabel = "PEER",
            description = "As the settings name it: host:port, or the host where that is enough.")
    private String peer;

    @Override
    int run(OwnRegion region) throws IOException, InterruptedException {
        Value answer = region.command(peer, "pause");
        if (json()) {
            print(answer);
            return 0;
        }
        String name = text(answer, "peer");
        out().println(
                        "Paused: within a second or so nothing is taken in from "
                                + name
                                + ". It may go on taking from here.");
        out().println();
        out().println("Next: " + again("resume " + name));
        return 0;
    }
}
