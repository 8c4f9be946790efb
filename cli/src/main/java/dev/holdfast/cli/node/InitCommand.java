package dev.holdfast.cli.node;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a node's settings. By default the node has the file's name: keys and data go by it. */
public abstract class InitCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Where to; the node's name and .yaml.")
    private Path file;

    @Option(
            names = "--keys",
            paramLabel = "FOLDER",
            description = "What \"keys node\" made for it (default: data/keys/nodes/NAME).")
    private Optional<Path> keys = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description =
                    "The folder that it will own (default: NAME in data/edges, data/regions or data/steers).")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--host",
            defaultValue = "0.0.0.0",
            description = "The address it listens at (default: ${DEFAULT-VALUE}, all of them).")
    private String host = "0.0.0.0";

    private final String kind;
    private final SettingsTemplate template;

    /**
     * @param kind such as {@code edge}: the command that runs it
     */
    protected InitCommand(String kind, SettingsTemplate template) {
        this.kind = kind;
        this.template = template;
    }

    /** The template's blanks beside those that every node has. */
    protected abstract Map<String, String> blanks();

    /** What is written beside the settings, with the same blanks. */
    protected void writeBeside(Path settings, Map<String, String> values) {}

    @Override
    public void run() {
        String name = name();
        Map<String, String> values = new HashMap<>(blanks());
        values.put("file", file.toString());
        values.put("data", data.orElse(Path.of("data", kind + "s", name)).toString());
        values.put("keys", keys.orElse(Path.of("data/keys/nodes", name)).toString());
        values.put("host", host);
        values.put("origins", "");
        template.writeNew(file, values);
        writeBeside(file, values);
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + file + "; look through it");
        out.println();
        out.println("Next: holdfast " + kind + " " + file);
        out.flush();
    }

    private String name() {
        Path last = file.getFileName();
        return last == null ? kind : last.toString().replaceFirst("\\.ya?ml$", "");
    }
}
