package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Style;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A command on an opened device. */
abstract class DeviceAction implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @ParentCommand private DeviceCommand device;

    @Override
    public final Integer call() throws InterruptedException {
        try (OpenDevice open = device.open()) {
            return run(open);
        } finally {
            out().flush();
        }
    }

    /** Does the work; answers the exit code. */
    abstract int run(OpenDevice open) throws InterruptedException;

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final Style style() {
        return Style.ofTerminal();
    }

    final boolean json() {
        return device.json();
    }

    final void print(Value line) {
        out().println(Json.print(line));
    }

    /** The same device in the next command to try. */
    final String again(String command) {
        String store = device.folder().folder().toString();
        return "holdfast device "
                + (store.equals(DeviceCommand.DEFAULT_STORE) ? "" : "--store " + store + " ")
                + command;
    }
}
