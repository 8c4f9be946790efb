package dev.holdfast.cli.output;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that could not do what was asked, told in three lines: what failed, why, and what to do
 * about it. The exit code is 1.
 */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final Pattern TOLD =
            Pattern.compile("(?m)^holdfast: (.*)\n  why: (.*(?:\n       .*)*)\n  try: (.*)$");

    private final String why;
    private final String remedy;

    /** Each is a phrase without a full stop; {@code remedy} best holds the command to try next. */
    public Failure(String what, String why, String remedy) {
        super(what);
        this.why = why;
        this.remedy = remedy;
    }

    public Failure(String what, String why, String remedy, Throwable cause) {
        super(what, cause);
        this.why = why;
        this.remedy = remedy;
    }

    /**
     * The failure that stands in three lines at the end of {@code text}, as {@link #text} makes
     * them.
     */
    public static Optional<Failure> parse(String text) {
        Matcher found = TOLD.matcher(text);
        Failure last = null;
        while (found.find()) {
            last =
                    new Failure(
                            Objects.requireNonNull(found.group(1)),
                            Objects.requireNonNull(found.group(2)).replace("\n       ", "\n"),
                            Objects.requireNonNull(found.group(3)));
        }
        return Optional.ofNullable(last);
    }

    public String what() {
        return String.valueOf(getMessage());
    }

    public String why() {
        return why;
    }

    public String remedy() {
        return remedy;
    }

    /** The three lines; further lines of a reason are indented below its first. */
    public String text() {
        return "holdfast: "
                + what()
                + "\n  why: "
                + why.strip().replace("\n", "\n       ")
                + "\n  try: "
                + remedy;
    }
}
