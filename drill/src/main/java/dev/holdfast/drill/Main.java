package dev.holdfast.drill;

import dev.holdfast.cli.HoldfastCommand;

/**
 * The program that {@code ./holdfast} runs: the command line, and the commands that only a module
 * which sees everything can have.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(HoldfastCommand.commandLine().execute(arguments));
    }
}
