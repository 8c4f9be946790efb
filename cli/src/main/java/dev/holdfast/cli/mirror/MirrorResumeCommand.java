package dev.holdfast.cli.mirror;

import dev.holdfast.core.Value;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Resumes a link. */
@Command(
        name = "resume",
        description = "Ends the pause of a link; the region goes on where it was.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast mirror resume jakarta.example:8444 --settings singapore.yaml"
        })
final class MirrorResumeCommand extends MirrorAction {
    @Parameters(
            paramLabel = "PEER",
            description = "As the settings name it: host:port, or the host where that is enough.")
    private String peer;

    @Override
    int run(OwnRegion region) throws IOException, InterruptedException {
        Value answer = region.command(peer, "resume");
        if (json()) {
            print(answer);
            return 0;
        }
        String name = text(answer, "peer");
        out().println("Resumed: what " + name + " has comes again, from where it was.");
        out().println();
        out().println("Next: " + again("status"));
        return 0;
    }
}
