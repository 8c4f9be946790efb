package dev.holdfast.region.tables;

/** A table is not the one that was looked at: it is to be looked at anew. */
final class TableChangedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TableChangedException(String name) {
        super("the table " + name + " has changed since it was looked at");
    }
}
