package dev.holdfast.region.database;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** Whose fault a failed transaction is, which decides what to do with its work. */
public enum DatabaseFailure {
    /**
     * The database's: it is down, starting, unreachable, full, out of connections, or a replica
     * that cannot write yet. Wait, and do the same again; it counts against nobody.
     */
    AWAY,
    /** Nobody's: two transactions met. Do the same again at once. */
    COLLISION,
    /** The statement's or its data's: doing it again will fail again. */
    ERROR;

    /**
     * Judges by SQLSTATE (PostgreSQL's appendix A) and by the exceptions that a pool throws without
     * one.
     */
    public static DatabaseFailure of(SQLException failure) {
        Throwable cause = failure;
        // A bound, since chains of causes have been seen to loop.
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof SQLException sql) {
                DatabaseFailure found = ofOne(sql);
                if (found != ERROR) return found;
            }
            cause = cause.getCause();
        }
        return ERROR;
    }

    private static DatabaseFailure ofOne(SQLException failure) {
        if (failure instanceof SQLTransientConnectionException
                || failure instanceof SQLNonTransientConnectionException
                || failure instanceof SQLRecoverableException) return AWAY;
        return ofState(failure.getSQLState());
    }

    private static DatabaseFailure ofState(@Nullable String state) {
        if (state == null) return ERROR;
        boolean away =
                state.startsWith("08") // connection
                        || state.startsWith("53") // out of disk, memory, connections
                        || state.startsWith("57P0") // shut down, crashed, starting
                        || state.equals("58030") // I/O error below the database
                        || state.equals("25006"); // read-only: a replica before its promotion
        if (away) return AWAY;
        return state.equals("40001") || state.equals("40P01") ? COLLISION : ERROR;
    }
}
