package dev.holdfast.keys;

/** A key, certificate or file that could not be read, written or used; the message names which. */
public final class KeysException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public KeysException(String message) {
        super(message);
    }

    public KeysException(String message, Throwable cause) {
        super(message, cause);
    }
}
