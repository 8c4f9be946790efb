package dev.holdfast.cli;

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
        versionProvider = HoldfastCommand.Version.class)
public final class HoldfastCommand implements Runnable {
    @Spec private CommandSpec spec;

    private HoldfastCommand() {}

    /** The commands of every node and of the device. The drill adds its own. */
    public static CommandLine commandLine() {
        return new CommandLine(new HoldfastCommand());
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
