package dev.holdfast.drill;

import dev.holdfast.cli.HoldfastCommand;
import dev.holdfast.drill.bench.BenchCommand;
import dev.holdfast.drill.fuzz.FuzzCommand;
import dev.holdfast.drill.sim.SimCommand;
import java.util.List;
import picocli.CommandLine;

/**
 * The program that {@code ./holdfast} runs: the command line, and the commands that only a module
 * which sees everything can have.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine line = HoldfastCommand.commandLine();
        for (Object command :
                List.of(
                        DrillCommand.line(),
                        new BenchCommand(),
                        new FuzzCommand(),
                        new SimCommand())) line.addSubcommand(command);
        // A setting reaches the commands that are there when it is made, and no later ones.
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(line.getParameterExceptionHandler())
                .setExecutionExceptionHandler(line.getExecutionExceptionHandler());
    }
}
