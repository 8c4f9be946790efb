package dev.holdfast.cli.steer;

import dev.holdfast.cli.node.OwnNode;
import dev.holdfast.cli.output.Style;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.steer.SteerSettings;
import dev.holdfast.steer.control.SteerEndpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that asks a steer node which runs. */
abstract class SteerAction implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--settings",
            required = true,
            paramLabel = "FILE",
            description = "The settings of the node to ask, as \"holdfast steer\" takes them.")
    private Path settings = Path.of("");

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    /** What the node says; for {@code --json} as it is. */
    abstract Value ask(OwnNode node) throws IOException, InterruptedException;

    /** The same for people. */
    abstract void tell(Value answer);

    @Override
    public final Integer call() throws IOException, InterruptedException {
        SteerSettings read = SettingsFile.load(settings, SteerSettings.class);
        OwnNode.Which which =
                new OwnNode.Which(
                        "steer",
                        settings,
                        SteerEndpoint.PATH,
                        Map.of(
                                "endpoint-unknown", "name one of these, as pool/endpoint",
                                "malformed", "holdfast steer --help",
                                "not-kept", "make room on its disk; nothing has changed"));
        try (OwnNode node = OwnNode.open(which, read.http(), read.tls(), Optional.empty())) {
            Value answer = ask(node);
            if (json) out().println(Json.print(answer));
            else tell(answer);
            return 0;
        } finally {
            out().flush();
        }
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final Style style() {
        return Style.ofTerminal();
    }

    /** The same settings with another command, to be tried next. */
    final void next(String command) {
        out().println();
        out().println("Next: holdfast steer " + command + " --settings " + settings);
    }
}
