package dev.holdfast.cli.node;

import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.region.RegionMain;
import dev.holdfast.region.RegionNode;
import dev.holdfast.region.RegionSettings;
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

/** Runs a region. */
@Command(
        name = "region",
        description = "Runs one region from a settings file, until Ctrl-C or SIGTERM.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "[init]",
        footer = {
            "",
            "Example: holdfast region init singapore.yaml && holdfast region singapore.yaml"
        })
public final class RegionCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ServiceDriver service;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Its settings.")
    private Optional<Path> file = Optional.empty();

    private RegionCommand() {}

    public static CommandLine line() {
        return new CommandLine(new RegionCommand()).addSubcommand(new RegionInitCommand());
    }

    @Override
    public Integer call() throws Exception {
        RegionSettings settings = SettingsFile.load(required(), RegionSettings.class);
        return service.run(
                "region",
                progress -> {
                    RegionNode region = RegionMain.start(settings, progress);
                    // PostgreSQL and RocketMQ end by themselves when their disk fails, and
                    // are started again.
                    return new ServiceDriver.Service(
                            region.address().toString(), region, Optional.empty());
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
