package dev.holdfast.cli.node;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A commented settings file, with its blanks filled in. */
public enum SettingsTemplate {
    /** Blanks: file, data, keys, host, port, origins (any number), region (one or more). */
    EDGE("edge.yaml"),
    /**
     * Blanks: file, data, keys, host, port, origins (any number), database-port, namesrv-port,
     * broker-port, home, peers (any number).
     */
    REGION("region.yaml"),
    /**
     * Blanks: file, data, keys, host, port, origins (any number), dns, line, zones, others (names
     * and addresses).
     */
    STEER("steer.yaml"),
    /** Blanks: zone, mailbox. */
    ZONES("zones.yaml");

    private static final String VALUE = "[\\p{L}\\p{N}._:/~+@-]*";
    private static final Set<String> LISTS = Set.of("region", "peers", "origins");
    private static final String PAIR = VALUE + ": " + VALUE;
    private static final Set<String> PAIRS = Set.of("others");
    private static final Pattern BLANK = Pattern.compile("\\{\\{([a-z-]+)}}");

    private final String resource;

    SettingsTemplate(String resource) {
        this.resource = resource;
    }

    /**
     * The text, each blank filled.
     *
     * @throws Failure on a value that would not stay one value within YAML
     */
    public String filled(Map<String, String> values) {
        values.forEach((name, value) -> {
            String form =
                    LISTS.contains(name)
                            ? VALUE + "(, " + VALUE + ")*"
                            : PAIRS.contains(name) ? "(" + PAIR + "(, " + PAIR + ")*)?" : VALUE;
            if (!value.matches(form)) {
                throw new Failure(
                        "\"" + value + "\" cannot be written into the settings",
                        "it holds blanks or signs that mean something in YAML",
                        "use a " + name + " of letters, digits and . _ : / ~ + @ -");
            }
        });
        return BLANK.matcher(text())
                .replaceAll(blank ->
                        Matcher.quoteReplacement(
                                Objects.requireNonNull(
                                        values.get(blank.group(1)), "no value for a blank")));
    }

    /**
     * Writes the filled template.
     *
     * @throws Failure when there is such a file
     */
    public void writeNew(Path file, Map<String, String> values) {
        if (Files.exists(file)) {
            throw new Failure(
                    "there is a file " + file + " already",
                    "settings are never overwritten",
                    "name another file, or move this one away");
        }
        DurableFile.write(
                file,
                filled(values).getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    private String text() {
        try (InputStream in = SettingsTemplate.class.getResourceAsStream(resource)) {
            return new String(
                    Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + resource, e);
        }
    }
}
