package dev.holdfast.drill.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** This very program, run again as a child: the same Java, the same jars, another main class. */
public final class JavaProgram {
    /**
     * What the launcher tells by properties, and a child needs as well; the first is the argument
     * file.
     */
    private static final List<String> HANDED_DOWN =
            List.of("holdfast.arguments", "holdfast.home", "holdfast.broker-lib");

    private JavaProgram() {}

    /**
     * The command that runs {@code main}.
     *
     * @param options further ones for the JVM, such as {@code -Xmx128m}
     */
    public static List<String> command(String main, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        String home = Objects.requireNonNull(System.getProperty("java.home"));
        command.add(Path.of(home, "bin", "java").toString());
        String file = System.getProperty(HANDED_DOWN.getFirst());
        if (file != null) {
            command.add("@" + file);
        } else {
            // Run without the launcher, as tests do.
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("-cp");
            command.add(Objects.requireNonNull(System.getProperty("java.class.path")));
        }
        command.addAll(options);
        for (String name : HANDED_DOWN) {
            String value = System.getProperty(name);
            if (value != null) command.add("-D" + name + "=" + value);
        }
        command.add(main);
        command.addAll(arguments);
        return command;
    }
}
