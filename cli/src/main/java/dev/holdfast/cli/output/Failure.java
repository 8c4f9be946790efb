package dev.holdfast.cli.output;

/**
 * A command that could not do what was asked, told in three lines: what failed, why, and what to do
 * about it. The exit code is 1.
 */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

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
