package dev.holdfast.cli.steer;

import dev.holdfast.cli.node.ServiceDriver;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.steer.SteerMain;
import dev.holdfast.steer.SteerNode;
import dev.holdfast.steer.SteerSettings;
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

/** Runs a steer node. */
@Command(
        name = "steer",
        description =
                "Runs one steer node from a settings file, until Ctrl-C or SIGTERM: DNS that names"
                        + " those endpoints that work. The other commands ask one that runs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "[init|status|explain|drain|audit|keys]",
        footer = {
            "",
            "Example: holdfast steer init steer-1.yaml && holdfast steer steer-1.yaml",
            "",
            "The node that is asked is found by its settings file, and takes commands from those"
                    + " who can read the certificate and key that are named there."
        })
public final class SteerCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ServiceDriver service;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Its settings.")
    private Optional<Path> file = Optional.empty();

    private SteerCommand() {}

    public static CommandLine line() {
        return new CommandLine(new SteerCommand())
                .addSubcommand(new SteerInitCommand())
                .addSubcommand(new SteerStatusCommand())
                .addSubcommand(new SteerExplainCommand())
                .addSubcommand(new SteerDrainCommand())
                .addSubcommand(new SteerAuditCommand())
                .addSubcommand(new SteerKeysCommand());
    }

    @Override
    public Integer call() throws Exception {
        SteerSettings settings = SettingsFile.load(required(), SteerSettings.class);
        return service.run(
                "steer",
                progress -> {
                    progress.accept("reading the zones");
                    SteerNode steer = SteerMain.start(settings);
                    return new ServiceDriver.Service(
                            steer.address() + ", and answers DNS at " + steer.dns(),
                            steer,
                            Optional.empty());
                },
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    /** Not required by picocli, which would require it of the other commands as well. */
    private Path required() {
        return file.orElseThrow(
                () -> new ParameterException(spec.commandLine(), "Missing the settings' FILE"));
    }
}
