package dev.holdfast.cli.output;

import dev.holdfast.core.MalformedException;
import dev.holdfast.device.DeviceException;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.region.database.DatabaseException;
import dev.holdfast.region.log.LogException;
import dev.holdfast.store.StoreException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells what went wrong in three lines on the standard error, and never with a stack trace. */
public final class Errors {
    /** With it, what nobody foresaw is told with its stack trace. */
    private static final String TRACE_PROPERTY = "holdfast.stack-trace";

    private Errors() {}

    /** The exit code is 2: the command line was wrong, and nothing was done. */
    public static int misused(ParameterException fault, String[] arguments) {
        CommandLine command = fault.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        List<String> near =
                fault instanceof UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        String meant = near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
        tell(
                command.getErr(),
                new Failure(
                        "the command line is not understood",
                        fault.getMessage() + meant,
                        name + " --help"));
        return CommandLine.ExitCode.USAGE;
    }

    /** The exit code is 1: it was understood, and could not be done. */
    public static int failed(Exception fault, CommandLine command, ParseResult parsed) {
        String name = command.getCommandSpec().qualifiedName();
        tell(command.getErr(), explained(fault, name));
        if (Boolean.getBoolean(TRACE_PROPERTY)) fault.printStackTrace(command.getErr());
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static Failure explained(Exception fault, String name) {
        String message = fault.getMessage() == null ? fault.toString() : fault.getMessage();
        return switch (fault) {
            case Failure told -> told;
            case SettingsException _ ->
                    new Failure(
                            "the settings cannot be used",
                            message,
                            "mend the file, or have \""
                                    + name
                                    + " init FILE\" write one that works");
            case KeysException _ ->
                    new Failure(
                            "a key, certificate or file cannot be used",
                            message,
                            "holdfast keys --help");
            case StoreException told ->
                    new Failure("the store cannot be used", message, remedy(told.kind()));
            case DatabaseException _ ->
                    new Failure(
                            "the database cannot be used",
                            message,
                            "mend that and run this again; with jdbc-url in the settings a"
                                    + " PostgreSQL of your own is used");
            case LogException _ ->
                    new Failure(
                            "RocketMQ cannot be used",
                            message,
                            "mend that and run this again; with namesrv-address in the settings a"
                                    + " cluster of your own is used");
            case DeviceException _ ->
                    new Failure(
                            "the device cannot be used", message, "holdfast device init --help");
            case MalformedException _ ->
                    new Failure("a value has not the form it must have", message, name + " --help");
            default ->
                    new Failure(
                            name + " stopped on something nobody foresaw",
                            fault.getClass().getSimpleName() + ": " + message,
                            "HOLDFAST_JAVA_OPTS=-D"
                                    + TRACE_PROPERTY
                                    + "=true "
                                    + name
                                    + " … and report what it prints");
        };
    }

    private static String remedy(StoreException.Kind kind) {
        return switch (kind) {
            case FULL -> "make room on the disk; nothing was written, nothing is lost";
            case CORRUPT -> "move the folder away and take the documents from the node above again";
            case IO -> "look at the disk; then run this again";
            case CLOSED -> "run this again";
            case LOCKED ->
                    "wait for the other command that has it open, or end it (such as \"watch\")";
            case NEWER_VERSION -> "use the newer Holdfast that wrote it";
        };
    }

    private static void tell(PrintWriter err, Failure failure) {
        err.println(failure.text());
        err.flush();
    }
}
