package dev.holdfast.node.settings;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a YAML file into a record. Keys are the components' names in lower-case-dashed form. What
 * has no {@link Default} and is not an {@link java.util.Optional} must be there; what is not known
 * must not. Every mistake is reported at once, in words, with its line.
 *
 * <p>Components may be: text, whole numbers, {@code double}, {@code boolean} (true or false),
 * {@link java.time.Duration}, {@link ByteSize}, {@link Path}, {@link java.net.URI}, an enum, and
 * lists, maps by name, optionals and records of them.
 */
public final class SettingsFile {
    private static final long MAX_BYTES = 1 << 20;

    private SettingsFile() {}

    /**
     * Reads {@code file} into a {@code type}.
     *
     * @throws SettingsException when the file cannot be read, or names its mistakes
     */
    public static <R extends Record> R load(Path file, Class<R> type) {
        return parse(read(file), file.toString(), type);
    }

    /** As {@link #load}, from text; {@code origin} names it in problems. */
    public static <R extends Record> R parse(String yaml, String origin, Class<R> type) {
        return parse(yaml, origin, type, (settings, _) -> settings);
    }

    /** Takes or makes something of settings that are right in themselves, and says what is not. */
    @FunctionalInterface
    public interface Check<R, T> {
        T check(R settings, Mistakes mistakes);
    }

    /** Where mistakes are told that only the whole of a file shows. */
    @FunctionalInterface
    public interface Mistakes {
        /**
         * Something is wrong.
         *
         * @param path the names, and for items of lists the numbers, that lead to where it stands
         */
        void at(List<String> path, String sentence);
    }

    /**
     * As {@link #parse(String, String, Class)}, with a look at how its parts go together.
     *
     * @throws SettingsException also when {@code check} told a mistake; what it made is dropped
     */
    public static <R extends Record, T> T parse(
            String yaml, String origin, Class<R> type, Check<R, T> check) {
        Problems problems = new Problems(origin);
        Tree tree = Tree.parse(yaml, problems);
        if (!problems.none()) throw new SettingsException(problems.all());
        Object bound = new Binder(problems).bind(tree, type, "");
        if (!problems.none() || bound == null) throw new SettingsException(problems.all());
        T made =
                check.check(
                        type.cast(bound),
                        (path, sentence) -> problems.add(tree.lineOf(path), sentence));
        if (!problems.none()) throw new SettingsException(problems.all());
        return made;
    }

    /**
     * The text of {@code file}.
     *
     * @throws SettingsException when there is none that settings could be in
     */
    public static String read(Path file) {
        try {
            if (!Files.exists(file)) throw refused(file, "there is no such file");
            if (Files.size(file) > MAX_BYTES)
                throw refused(file, "over 1 MiB, too long for settings");
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw refused(file, "not UTF-8 text");
        } catch (IOException e) {
            throw refused(file, "cannot be read: " + e.getMessage());
        }
    }

    private static SettingsException refused(Path file, String why) {
        return new SettingsException(List.of(file + ": " + why));
    }
}
