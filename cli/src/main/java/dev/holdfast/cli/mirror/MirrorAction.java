package dev.holdfast.cli.mirror;

import dev.holdfast.cli.output.Style;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
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

    /** The value at a path of names in JSON; empty where there is none. */
    static Optional<Value> at(Value value, String... path) {
        Value here = value;
        for (String name : path) {
            if (!(here instanceof Value.Map map)) return Optional.empty();
            Value next = map.fields().get(name);
            if (next == null) return Optional.empty();
            here = next;
        }
        return Optional.of(here);
    }

    static String text(Value value, String... path) {
        return at(value, path)
                .map(found -> found instanceof Value.Text text ? text.value() : Json.print(found))
                .orElse("");
    }

    static long number(Value value, String... path) {
        return at(value, path)
                .map(found -> found instanceof Value.Int whole ? whole.value() : 0L)
                .orElse(0L);
    }

    static boolean flag(Value value, String... path) {
        return at(value, path).filter(Value.of(true)::equals).isPresent();
    }
}
