package dev.holdfast.store;

import dev.holdfast.keys.KeysException;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The store could not do what it was asked. The message says what was attempted on which file, and
 * never holds content.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What a caller can do about it. */
    public enum Kind {
        /**
         * The disk, or the store's own limit, is full: nothing was written; free some and retry.
         */
        FULL,
        /** The file is not a store, or is damaged: restore it from the node above. */
        CORRUPT,
        /**
         * The disk failed. After a failed flush, or where it cannot be written at all, every later
         * write is refused until a new start.
         */
        IO,
        /** The store was closed. */
        CLOSED,
        /** Somebody else has the folder open. */
        LOCKED,
        /** A newer version of the program wrote it. */
        NEWER_VERSION
    }

    private final Kind kind;
    private final boolean writeFailed;

    StoreException(Kind kind, String message) {
        this(kind, message, null, false);
    }

    StoreException(Kind kind, String message, Throwable cause) {
        this(kind, message, cause, false);
    }

    private StoreException(
            Kind kind,
            String message,
            @org.jspecify.annotations.Nullable Throwable cause,
            boolean writeFailed) {
        super(message, cause);
        this.kind = kind;
        this.writeFailed = writeFailed;
    }

    public Kind kind() {
        return kind;
    }

    /**
     * Whether a flush failed, after which nobody knows what is on the disk; or a write, which is
     * how a file system tells that it has given up: it takes nothing more until it is mounted anew.
     */
    boolean writeFailed() {
        return writeFailed;
    }

    /** What it means to a caller that a key or the witness could not be kept. */
    static StoreException of(KeysException failure) {
        String message = String.valueOf(failure.getMessage());
        // Java tells a full disk by its words only.
        boolean full = message.contains("No space left");
        return new StoreException(full ? Kind.FULL : Kind.IO, message, failure);
    }

    /**
     * What {@code failure} means to a caller. A broken invariant (a constraint, a misuse) is none
     * of the kinds and comes back as an {@link IllegalStateException}.
     */
    static RuntimeException of(SQLException failure, String attempted) {
        SQLiteErrorCode code =
                failure instanceof SQLiteException sqlite
                        ? sqlite.getResultCode()
                        : SQLiteErrorCode.UNKNOWN_ERROR;
        String message = attempted + ": " + code.name();
        int primary = code.code & 0xff;
        if (primary == SQLiteErrorCode.SQLITE_FULL.code) {
            return new StoreException(
                    Kind.FULL, "The disk is full; nothing was written. " + message, failure);
        }
        if (primary == SQLiteErrorCode.SQLITE_CORRUPT.code
                || primary == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return new StoreException(
                    Kind.CORRUPT, "The store's file is damaged or is none. " + message, failure);
        }
        if (primary == SQLiteErrorCode.SQLITE_BUSY.code
                || primary == SQLiteErrorCode.SQLITE_LOCKED.code) {
            return new StoreException(
                    Kind.LOCKED, "Another process holds the store's file. " + message, failure);
        }
        if (primary == SQLiteErrorCode.SQLITE_IOERR.code
                || primary == SQLiteErrorCode.SQLITE_CANTOPEN.code
                || primary == SQLiteErrorCode.SQLITE_READONLY.code
                || primary == SQLiteErrorCode.SQLITE_NOMEM.code) {
            boolean write =
                    code == SQLiteErrorCode.SQLITE_IOERR_FSYNC
                            || code == SQLiteErrorCode.SQLITE_IOERR_DIR_FSYNC
                            || code == SQLiteErrorCode.SQLITE_IOERR_WRITE;
            return new StoreException(
                    Kind.IO, "The store's disk failed. " + message, failure, write);
        }
        return new IllegalStateException(message, failure);
    }
}
