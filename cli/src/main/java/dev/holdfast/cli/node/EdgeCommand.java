package dev.holdfast.cli.node;

import dev.holdfast.edge.EdgeMain;
import dev.holdfast.edge.EdgeNode;
import dev.holdfast.edge.EdgeSettings;
import dev.holdfast.node.settings.SettingsFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an edge. */
@Command(
        name = "edge",
        description = "Runs one edge from a settings file, until Ctrl-C or SIGTERM.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "[init]",
        footer = {"", "Example: holdfast edge init edge-1.yaml && holdfast edge edge-1.yaml"})
public final class EdgeCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ServiceDriver service;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Its settings.")
    private Optional<Path> file = Optional.empty();

    private EdgeCommand() {}

    public static CommandLine line() {
        return new CommandLine(new EdgeCommand()).addSubcommand(new EdgeInitCommand());
    }

    @Override
    public Integer call() throws Exception {
        EdgeSettings settings = SettingsFile.load(required(), EdgeSettings.class);
        return service.run(
                "edge",
                progress -> {
                    progress.accept("opening the store");
                    EdgeNode edge = EdgeMain.start(settings);
                    return new ServiceDriver.Service(
                            edge.address().toString(), edge, Optional.of(edge::awaitFailure));
                },
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    /** Not required by picocli, which would require it of "init" as well. */
    private Path required() {
        return file.orElseThrow(
                () -> new ParameterException(spec.commandLine(), "Missing the settings' FILE"));
    }
}
