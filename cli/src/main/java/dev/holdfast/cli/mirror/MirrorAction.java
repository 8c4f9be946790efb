package dev.holdfast.cli.mirror;

import dev.holdfast.cli.output.Style;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that asks a region which runs. */
abstract class MirrorAction implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--settings",
            required = true,
            paramLabel = "FILE",
            description = "The settings of the region to ask, as \"holdfast region\" takes them.")
    private Path settings = Path.of("");

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    abstract int run(OwnRegion region) throws IOException, InterruptedException;

    @Override
    public final Integer call() throws IOException, InterruptedException {
        try (OwnRegion region = OwnRegion.open(settings)) {
            return run(region);
        } finally {
            out().flush();
        }
    }

    final boolean json() {
        return json;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final Style style() {
        return Style.ofTerminal();
    }

    final void print(Value line) {
        out().println(Json.print(line));
    }

    /** The same settings with another command, to be tried next. */
    final String again(String command) {
        return "holdfast mirror " + command + " --settings " + settings;
    }
}
