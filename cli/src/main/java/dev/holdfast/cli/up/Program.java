package dev.holdfast.cli.up;

import dev.holdfast.cli.node.NodeJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * This very program, to be run again as a child: the same Java, the same jars, and what the
 * launcher told it.
 *
 * @param command up to the main class
 */
record Program(List<String> command) {
    /** The launcher names the argument file that holds the class path. */
    private static final String ARGUMENTS = "holdfast.arguments";

    /** The launcher's own properties, which a child needs as well. */
    private static final List<String> HANDED_DOWN =
            List.of(ARGUMENTS, "holdfast.home", "holdfast.broker-lib");

    /** Of module drill, the outermost one, which this module cannot see. */
    private static final String MAIN = "dev.holdfast.drill.Main";

    Program {
        command = List.copyOf(command);
    }

    static Program ofThisProcess() {
        List<String> command = new ArrayList<>();
        Path home = Path.of(Objects.requireNonNull(System.getProperty("java.home")));
        command.add(home.resolve("bin").resolve("java").toString());
        String file = System.getProperty(ARGUMENTS);
        if (file != null) {
            command.add("@" + file);
        } else {
            // Run without the launcher, as tests do.
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
            command.add("-cp");
            command.add(Objects.requireNonNull(System.getProperty("java.class.path")));
        }
        command.addAll(NodeJvm.OPTIONS);
        for (String name : HANDED_DOWN) {
            String value = System.getProperty(name);
            if (value != null) command.add("-D" + name + "=" + value);
        }
        String options = System.getenv("HOLDFAST_JAVA_OPTS");
        if (options != null) {
            Arrays.stream(options.split("\\s+"))
                    .filter(each -> !each.isEmpty())
                    .forEach(command::add);
        }
        command.add(MAIN);
        return new Program(command);
    }

    List<String> with(String... arguments) {
        return Stream.concat(command.stream(), Arrays.stream(arguments)).toList();
    }
}
