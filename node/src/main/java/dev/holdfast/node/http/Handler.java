package dev.holdfast.node.http;

/**
 * Answers requests: plain blocking code, on a virtual thread of the request's own. What it throws
 * is a {@link ProblemException}, a {@code MalformedException} (400), or a fault of ours (500).
 */
@FunctionalInterface
public interface Handler {
    Response handle(Request request) throws Exception;
}
