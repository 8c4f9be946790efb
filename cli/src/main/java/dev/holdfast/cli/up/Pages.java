package dev.holdfast.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Built pages that nodes serve. The launcher builds them where Node and npm are there, and says
 * where they are, or why there are none.
 *
 * @param built the folder of the built pages
 * @param whyNot why there are none; empty when there are
 */
record Pages(Optional<Path> built, String whyNot) {
    private static final String INDEX = "index.html";

    /**
     * Those that the launcher told this process of.
     *
     * @param name of the part of the web that they are
     */
    static Pages ofThisProcess(String name) {
        String property = "holdfast." + name;
        Optional<Path> built =
                Optional.ofNullable(System.getProperty(property))
                        .map(Path::of)
                        .filter(folder -> Files.exists(folder.resolve(INDEX)));
        String whyNot =
                Optional.ofNullable(System.getProperty(property + "-why-not"))
                        .orElse("it was not built; ./holdfast builds it");
        return new Pages(built, built.isPresent() ? "" : whyNot);
    }

    boolean areBuilt() {
        return built.isPresent();
    }

    /**
     * Copies them to the folder from which nodes serve them, beside what they must know of this
     * deployment and cannot ask before they know it; what an earlier start left there goes.
     *
     * @param file that says what they must know
     */
    void publish(Path to, String file, JsonNode known) {
        if (built.isEmpty()) return;
        Path from = built.get();
        try {
            Layout.deleteAll(to);
            for (Path page : files(from)) {
                Path copy = to.resolve(from.relativize(page).toString());
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(page, copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("copying " + from + " to " + to, e);
        }
        DurableFile.write(
                to.resolve(file),
                known.toString().getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    private static Iterable<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
