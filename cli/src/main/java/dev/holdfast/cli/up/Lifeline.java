package dev.holdfast.cli.up;

/**
 * What a node started with {@link #OPTION} says on its standard output, a line each, and when it
 * ends: with its standard input.
 */
public sealed interface Lifeline {
    /** Given to {@code holdfast edge} and {@code holdfast region}. */
    String OPTION = "--lifeline";

    /** The start goes on. */
    record Progress(String words) implements Lifeline {}

    /** It serves. */
    record Ready() implements Lifeline {}

    /** The line that says it. */
    default String line() {
        return switch (this) {
            case Progress(String words) -> "progress " + words.replace('\n', ' ');
            case Ready _ -> "ready";
        };
    }

    /** What a line says; what is not understood is progress. */
    static Lifeline read(String line) {
        if (line.equals("ready")) return new Ready();
        return new Progress(line.startsWith("progress ") ? line.substring(9) : line);
    }
}
