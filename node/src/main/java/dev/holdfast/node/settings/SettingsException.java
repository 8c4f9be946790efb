package dev.holdfast.node.settings;

import java.util.List;

/**
 * Settings that a process cannot start with. {@link #problems} holds every mistake, each a sentence
 * with file and line; the message is all of them, one a line.
 */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    public SettingsException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
