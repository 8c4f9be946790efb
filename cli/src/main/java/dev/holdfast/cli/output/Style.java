package dev.holdfast.cli.output;

import picocli.CommandLine.Help.Ansi;

/**
 * Emphasis that only helps: everything is also said in words. Off where {@code NO_COLOR} is set,
 * and where nobody looks at a terminal.
 */
public enum Style {
    PLAIN,
    COLOURED;

    /** What suits the standard output of this process. */
    public static Style ofTerminal() {
        return Ansi.AUTO.enabled() ? COLOURED : PLAIN;
    }

    public String bold(String text) {
        return in("1", text);
    }

    /** What is well: the one accent, a sea green. */
    public String good(String text) {
        return in("36", text);
    }

    public String warning(String text) {
        return in("33", text);
    }

    public String alarm(String text) {
        return in("31", text);
    }

    public String quiet(String text) {
        return in("2", text);
    }

    private String in(String code, String text) {
        return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
