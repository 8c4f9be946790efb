package dev.holdfast.node.backbone;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host and a port, written {@code jakarta.example:8444}, {@code 10.0.0.5:443}, {@code [::1]:443}.
 */
public record HostPort(String host, int port) {
    private static final Pattern FORM =
            Pattern.compile("(\\[[0-9a-fA-F:.]{2,45}]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})");

    public HostPort {
        host = host.toLowerCase(Locale.ROOT);
        if (port < 1 || port > 65_535)
            throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException when {@code text} is none; the message says what one is
     */
    public static HostPort parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches())
            throw new IllegalArgumentException(
                    "\"" + shortened(text) + "\" is no host:port such as jakarta.example:8444");
        String host = parts.group(1);
        String port = parts.group(2);
        if (host == null || port == null) throw new IllegalStateException("a group that is none");
        boolean bracketed = host.startsWith("[");
        return new HostPort(
                bracketed ? host.substring(1, host.length() - 1) : host,
                Integer.parseInt(port, 10));
    }

    private static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
