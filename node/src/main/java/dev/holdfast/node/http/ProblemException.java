package dev.holdfast.node.http;

/**
 * Ends a handler with a {@link Problem} as the answer. Without a stack trace: it is no fault of
 * ours.
 */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.code() + ": " + problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
