package dev.holdfast.region;

import dev.holdfast.region.log.BrokerSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a process leaves behind that is killed without warning. Its main class starts a service,
 * prints {@code STARTED} and the service's pid on a line, and waits.
 */
public final class KilledParent {
    private KilledParent() {}

    /** Runs the main class, kills it once it has started its service, and returns the service. */
    public static ProcessHandle orphanOf(Class<?> main, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(property("java.home") + "/bin/java");
        command.add(
                "-D" + BrokerSettings.LIB_PROPERTY + "=" + property(BrokerSettings.LIB_PROPERTY));
        command.addAll(List.of("-cp", property("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        Process parent =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (BufferedReader said = parent.inputReader()) {
            return ProcessHandle.of(startedPid(said)).orElseThrow();
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    private static long startedPid(BufferedReader said) throws IOException {
        String line;
        while ((line = said.readLine()) != null)
            if (line.startsWith("STARTED ")) return Long.parseLong(line.substring(8));
        throw new IllegalStateException("it ended without starting its service");
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name);
    }
}
