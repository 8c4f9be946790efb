package dev.holdfast.region.store;

import dev.holdfast.region.database.DatabaseFailure;

/** A transaction on the region's database failed; nothing of it stands, or all of it. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final DatabaseFailure failure;

    public StoreException(DatabaseFailure failure, String attempt, Throwable cause) {
        super(attempt + ": " + cause.getMessage(), cause);
        this.failure = failure;
    }

    /** What to do about it. */
    public DatabaseFailure failure() {
        return failure;
    }
}
