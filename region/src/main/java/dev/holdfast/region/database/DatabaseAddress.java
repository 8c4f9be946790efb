package dev.holdfast.region.database;

/**
 * Where a PostgreSQL is and how to get in.
 *
 * @param url JDBC, without user and password
 */
public record DatabaseAddress(String url, String user, String password) {
    /** Without the password, so that it reaches no log. */
    @Override
    public String toString() {
        return url + " as " + user;
    }
}
