package dev.holdfast.core;

/**
 * Bytes or text from outside that do not have the form they must have. The message says what is
 * wrong in words fit for the one who sent it, and never repeats the content.
 */
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedException(String message) {
        super(message);
    }
}
