package dev.holdfast.drill.sim;

import java.util.Locale;

/**
 * One thing that a person or the world does to the system.
 *
 * @param who a device's place for what persons do; for faults, taken modulo what there is
 * @param dice seeds whatever else is open, such as how long a cut lasts
 */
record Act(long atMillis, Kind kind, int who, long dice) {
    enum Kind {
        /** A person writes. */
        WRITE(0),
        /** Two persons write the same field in the same millisecond. */
        DUEL(2),
        /** A device goes elsewhere: its connection ends, and it takes another node. */
        MOVE(2),
        GATEWAY_CUT(4),
        BLACKOUT(4),
        /** Requests pass or replies do, never both, until the end of the history. */
        ONE_WAY_FOR_EVER(1),
        FLICKER(2),
        LOSS(2),
        LATENCY(2),
        REORDERING(2),
        DEVICE_CRASH(4),
        EDGE_CRASH(4),
        REGION_CRASH(3),
        /** The link between two regions is cut. */
        REGIONS_CUT(8, true),
        /** A region is cut from everybody for a long time. */
        REGION_AWAY(3, true),
        /** A region is lost for good; an empty one takes its place. */
        REGION_BURNS(2, true),
        EDGE_BURNS(2),
        DEVICE_CLOCK_STEP(3),
        EDGE_CLOCK_STEP(1),
        CLOCK_DRIFT(1),
        DATABASE_AWAY(3),
        DATABASE_SLOW(2),
        REDELIVERY(2),
        DISK_FULL(3),
        /** A lying edge goes back to what it was some time ago. */
        ROLLBACK(2),
        /** A hostile device names what others have not written yet. */
        NAME_AHEAD(3),
        /** A device whose key was copied signs other bytes under the same numbers. */
        FORK(3),
        /**
         * A device's grant is renewed, and allows less. Never drawn with the others: what was found
         * by a seed before there was this is found by the same.
         */
        GRANT_NARROWED(0);

        /** How often it is drawn, against the others. */
        final int weight;

        /** Whether it takes more than one region. */
        final boolean mirrored;

        Kind(int weight) {
            this(weight, false);
        }

        Kind(int weight, boolean mirrored) {
            this.weight = weight;
            this.mirrored = mirrored;
        }

        String text() {
            return "fault or act: " + name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}
