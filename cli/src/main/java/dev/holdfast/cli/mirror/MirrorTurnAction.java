package dev.holdfast.cli.mirror;

import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.core.Value;
import java.io.IOException;
import picocli.CommandLine.Parameters;

/** A command that has the link to a peer rest, or go on. */
abstract class MirrorTurnAction extends MirrorAction {
    private final String command;

    @Parameters(
            paramLabel = "PEER",
            description = "As the settings name it: host:port, or the host where that is enough.")
    private String peer;

    /**
     * @param command as the region knows it
     */
    MirrorTurnAction(String command) {
        this.command = command;
    }

    /** What has come of it, for people. */
    abstract String words(String peer);

    /** The command that is to be tried next. */
    abstract String next(String peer);

    @Override
    final int run(OwnRegion region) throws IOException, InterruptedException {
        Value answer = region.command(peer, command);
        if (json()) {
            print(answer);
            return 0;
        }
        String name = text(answer, "peer");
        out().println(words(name));
        out().println();
        out().println("Next: " + again(next(name)));
        return 0;
    }
}
