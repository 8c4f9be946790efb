package dev.holdfast.region.database;

/** A database cannot be had or used; the message says what was attempted on what. */
public final class DatabaseException extends RuntimeException {
    public DatabaseException(String message) {
        super(message);
    }

    public DatabaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
