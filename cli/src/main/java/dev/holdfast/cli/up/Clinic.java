package dev.holdfast.cli.up;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The demo's pages, which the edge serves. The launcher builds them where Node and npm are there,
 * and says where they are, or why there are none.
 *
 * @param built the folder of the built pages
 * @param whyNot why there are none; empty when there are
 */
record Clinic(Optional<Path> built, String whyNot) {
    private static final String BUILT = "holdfast.clinic";
    private static final String WHY_NOT = "holdfast.clinic-why-not";
    private static final String INDEX = "index.html";

    /** What the pages must know of the deployment, and cannot ask before they know it. */
    private static final String DEPLOYMENT = "deployment.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    static Clinic ofThisProcess() {
        Optional<Path> built =
                Optional.ofNullable(System.getProperty(BUILT))
                        .map(Path::of)
                        .filter(folder -> Files.exists(folder.resolve(INDEX)));
        String whyNot =
                Optional.ofNullable(System.getProperty(WHY_NOT))
                        .orElse("it was not built; ./holdfast builds it");
        return new Clinic(built, built.isPresent() ? "" : whyNot);
    }

    boolean isBuilt() {
        return built.isPresent();
    }

    /**
     * Copies the pages to the folder from which the edge serves them, beside what they must know of
     * this deployment; what an earlier start left there goes.
     */
    void publish(Layout layout, Deployment deployment) {
        if (built.isEmpty()) return;
        Path from = built.get();
        Path to = layout.site();
        try {
            deleteAll(to);
            for (Path file : files(from)) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(file, copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("copying " + from + " to " + to, e);
        }
        ObjectNode known = JSON.createObjectNode().put("scope", Layout.SCOPE);
        known.putArray("authorities").add(deployment.grantsPublicKey().hex());
        known.put("grantCommand", grantCommand(layout));
        DurableFile.write(
                to.resolve(DEPLOYMENT),
                known.toString().getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    /** Enrols a browser; the page puts its own key in the place of {@code KEY}. */
    static String grantCommand(Layout layout) {
        return "./holdfast grant issue --keys "
                + layout.keys()
                + " --key KEY --subject nurse-chipo --scope "
                + Layout.SCOPE
                + ":read,write=*";
    }

    private static Iterable<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
