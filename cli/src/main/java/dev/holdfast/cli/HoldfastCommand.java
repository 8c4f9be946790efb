package dev.holdfast.cli;

import dev.holdfast.cli.backbone.BackboneCommand;
import dev.holdfast.cli.device.DeviceCommand;
import dev.holdfast.cli.mirror.MirrorCommand;
import dev.holdfast.cli.node.EdgeCommand;
import dev.holdfast.cli.node.RegionCommand;
import dev.holdfast.cli.output.Errors;
import dev.holdfast.cli.steer.SteerCommand;
import dev.holdfast.cli.trust.GrantCommand;
import dev.holdfast.cli.trust.KeysCommand;
import dev.holdfast.cli.up.UpCommand;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The root of the command line. By itself it only says what there is; each command is a class of
 * its own, added to the {@link CommandLine} that {@link #commandLine()} makes.
 */
@Command(
        name = "holdfast",
        description =
                "Keeps an application working, and its data whole, through an internet shutdown.",
        mixinStandardHelpOptions = true,
        versionProvider = HoldfastCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything asked for was done, and holds",
            "1:it could not be done, or does not hold; three lines on the standard error say why",
            "2:the command line was not understood; nothing was done"
        },
        footer = "%nTo begin: holdfast up")
public final class HoldfastCommand implements Runnable {
    @Spec private CommandSpec spec;

    private HoldfastCommand() {}

    /** The commands of every node and of the device. The drill adds its own. */
    public static CommandLine commandLine() {
        CommandLine line =
                new CommandLine(new HoldfastCommand())
                        .addSubcommand(new UpCommand())
                        .addSubcommand(DeviceCommand.line())
                        .addSubcommand(RegionCommand.line())
                        .addSubcommand(EdgeCommand.line())
                        .addSubcommand(SteerCommand.line())
                        .addSubcommand(MirrorCommand.line())
                        .addSubcommand(KeysCommand.line())
                        .addSubcommand(GrantCommand.line())
                        .addSubcommand(BackboneCommand.line());
        line.getSubcommands().values().forEach(HoldfastCommand::tellVersion);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Errors::misused)
                .setExecutionExceptionHandler(Errors::failed);
    }

    /** The version is the program's, whichever command is asked for it. */
    private static void tellVersion(CommandLine command) {
        command.getCommandSpec().versionProvider(new Version());
        command.getSubcommands().values().forEach(HoldfastCommand::tellVersion);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Read from the jar's manifest, so that the version stands in one place: the root pom. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version =
                    Optional.ofNullable(HoldfastCommand.class.getPackage())
                            .map(Package::getImplementationVersion)
                            .orElse("(not run from a jar)");
            return new String[] {"holdfast " + version};
        }
    }
}
