package dev.holdfast.node.backbone;

import dev.holdfast.core.MalformedException;

/** What goes first where not all can go: a link takes control before fresh, fresh before bulk. */
public enum Lane {
    /** Little, and urgent: what keeps the system itself going. */
    CONTROL(0),
    /** What people wait for: writes that leave an edge, and what comes back. */
    FRESH(1),
    /** What may come later: catching up, between regions above all. */
    BULK(2);

    static final int COUNT = 3;

    private final int code;

    Lane(int code) {
        this.code = code;
    }

    static Lane ofCode(long code) {
        for (Lane lane : values()) {
            if (lane.code == code) return lane;
        }
        throw new MalformedException("an unknown lane");
    }

    /** 0 for the most urgent. */
    int code() {
        return code;
    }

    /** Whether this may use what is open down to {@code least}. */
    boolean isWithin(Lane least) {
        return code <= least.code;
    }
}
