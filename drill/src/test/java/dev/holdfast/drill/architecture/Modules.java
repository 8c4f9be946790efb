package dev.holdfast.drill.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The modules of the program, what each may use, and their classes. */
final class Modules {
    /** Each module with those that it may use: DESIGN section 9, transitively. */
    static final Map<String, List<String>> MAY_USE =
            Map.of(
                    "core", List.of(),
                    "keys", List.of("core"),
                    "store", List.of("core", "keys"),
                    "node", List.of("core", "keys"),
                    "device", List.of("core", "keys", "store"),
                    "edge", List.of("core", "keys", "store", "node"),
                    "region", List.of("core", "keys", "node"),
                    "steer", List.of("core", "keys", "node"),
                    "cli",
                            List.of(
                                    "core", "keys", "store", "node", "device", "edge", "region",
                                    "steer"),
                    "drill",
                            List.of(
                                    "core", "keys", "store", "node", "device", "edge", "region",
                                    "steer", "cli"));

    /** Not on the program's class path: a process of its own, and JavaScript. */
    private static final List<String> APART = List.of("broker", "web/core");

    private static final Path ROOT = Path.of("..");

    private Modules() {}

    /** Everything that is shipped; no tests, whether from a folder or from a test jar. */
    static JavaClasses classes() {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.holdfast");
    }

    /** The modules that the root pom builds into the program. */
    static List<String> built() throws IOException {
        Set<String> modules =
                Pattern.compile("(?<=<module>)[^<]+")
                        .matcher(Files.readString(ROOT.resolve("pom.xml")))
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toCollection(TreeSet::new));
        APART.forEach(modules::remove);
        return List.copyOf(modules);
    }

    /** Whether anything has been written in a module yet. */
    static boolean hasSources(String module) throws IOException {
        Path sources = ROOT.resolve(module).resolve("src/main/java");
        if (!Files.isDirectory(sources)) return false;
        try (Stream<Path> files = Files.walk(sources)) {
            return files.map(Path::toString)
                    .anyMatch(
                            name -> name.endsWith(".java") && !name.endsWith("package-info.java"));
        }
    }

    static String packageOf(String module) {
        return "dev.holdfast." + module;
    }
}
