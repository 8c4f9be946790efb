package dev.holdfast.node.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Single values. What is thrown says what must stand there instead. */
final class Scalars {
    private Scalars() {}

    static Object parse(String text, Class<?> type) {
        if (type == String.class) return text;
        if (type == Duration.class) return Durations.parse(text);
        if (type == ByteSize.class) return ByteSize.parse(text);
        if (type == boolean.class || type == Boolean.class) return truth(text);
        if (type.isEnum()) return choice(text, type);
        if (type == Path.class) return path(text);
        if (type == URI.class) return uri(text);
        return number(text.replace("_", ""), type);
    }

    /**
     * What may stand in an error: not the whole of something long, nothing that moves a terminal's
     * cursor.
     */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 60); i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) ? ' ' : c);
        }
        return text.length() > 60 ? shown + "…" : shown.toString();
    }

    private static Object number(String text, Class<?> type) {
        try {
            if (type == int.class || type == Integer.class) return Integer.valueOf(text);
            if (type == long.class || type == Long.class) return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number", e);
        }
        try {
            if (type == double.class || type == Double.class) return Double.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a number", e);
        }
        throw new IllegalStateException("settings of " + type);
    }

    private static boolean truth(String text) {
        if (text.equals("true")) return true;
        if (text.equals("false")) return false;
        throw new IllegalArgumentException("true or false");
    }

    private static Object choice(String text, Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : Objects.requireNonNull(type.getEnumConstants())) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) return constant;
            names.add(name);
        }
        throw new IllegalArgumentException("one of " + String.join(", ", names));
    }

    private static Path path(String text) {
        if (text.isBlank()) throw new IllegalArgumentException("the name of a file or folder");
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("the name of a file or folder", e);
        }
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text);
            if (uri.isAbsolute()) return uri;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("an address such as https://region.example:8443", e);
        }
        throw new IllegalArgumentException("an address such as https://region.example:8443");
    }
}
