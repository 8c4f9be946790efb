package dev.holdfast.region.log;

/** The log or its broker cannot be used at all; the message says what was attempted on what. */
public final class LogException extends RuntimeException {
    public LogException(String message) {
        super(message);
    }

    public LogException(String message, Throwable cause) {
        super(message, cause);
    }
}
