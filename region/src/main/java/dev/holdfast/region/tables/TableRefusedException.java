package dev.holdfast.region.tables;

import java.util.List;

/** A table that cannot be mirrored, with why, and what to do. */
public final class TableRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TableRefusedException(String name, List<String> reasons) {
        super("The table " + name + " cannot be mirrored: " + String.join("; ", reasons));
    }
}
