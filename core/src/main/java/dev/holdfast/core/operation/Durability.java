package dev.holdfast.core.operation;

import dev.holdfast.core.MalformedException;

/**
 * How safe an operation is known to be; each level includes those before it. The code travels on
 * the wire.
 */
public enum Durability {
    /** Committed to the author's own database, with a flush. */
    DEVICE(0),
    /** Flushed at an edge. */
    EDGE(1),
    /** Accepted by a region's log with a synchronous flush. */
    REGION(2),
    /** Committed in a region's database. */
    APPLIED(3),
    /** Applied in a second region. */
    GLOBAL(4);

    private final int code;

    Durability(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public static Durability ofCode(long code) {
        for (Durability level : values()) {
            if (level.code == code) return level;
        }
        throw new MalformedException("an unknown durability");
    }

    public boolean reaches(Durability other) {
        return compareTo(other) >= 0;
    }
}
