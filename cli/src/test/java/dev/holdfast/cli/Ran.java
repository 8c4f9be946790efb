package dev.holdfast.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** What a command did: its exit code and what it printed. */
public record Ran(int code, String out, String err) {
    /** Runs a command in this process. */
    public static Ran holdfast(Object... arguments) {
        return holdfast(List.of(arguments));
    }

    public static Ran holdfast(List<?> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                HoldfastCommand.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err));
        int code = line.execute(arguments.stream().map(String::valueOf).toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }
}
