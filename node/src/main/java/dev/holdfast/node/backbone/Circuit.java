package dev.holdfast.node.backbone;

import java.util.List;
import java.util.Optional;

/**
 * A stream at one member: what it is, and its two sides, each a neighbour's link or this member
 * itself. Belongs to the {@link Switch}; others may read what does not change.
 */
final class Circuit {
    /** What may be on its way in one direction, and so wait at any one member. */
    static final long WINDOW_BYTES = 256 << 10;

    /** Its number on the link to a neighbour. */
    record Leg(String neighbour, long stream) {}

    /** One of the two sides. */
    static final class Side {
        final Optional<Leg> leg;

        /** What may still come in here. */
        long allowedBytes = WINDOW_BYTES;

        /** What was taken by this member itself and is not said to be yet. */
        long consumedBytes;

        boolean ended;

        Side(Optional<Leg> leg) {
            this.leg = leg;
        }

        boolean isHere() {
            return leg.isEmpty();
        }
    }

    private final List<String> route;
    private final Lane lane;
    final Side towardsOrigin;
    final Side towardsTarget;
    private boolean reset;

    Circuit(
            List<String> route,
            Lane lane,
            Optional<Leg> towardsOrigin,
            Optional<Leg> towardsTarget) {
        this.route = List.copyOf(route);
        this.lane = lane;
        this.towardsOrigin = new Side(towardsOrigin);
        this.towardsTarget = new Side(towardsTarget);
    }

    List<String> route() {
        return route;
    }

    Lane lane() {
        return lane;
    }

    /** The member that opened it. */
    String origin() {
        return route.getFirst();
    }

    String target() {
        return route.getLast();
    }

    boolean isRelayed() {
        return !towardsOrigin.isHere() && !towardsTarget.isHere();
    }

    /** With whose streams this one takes turns: a member's own are one, whatever they are for. */
    String turn() {
        return isRelayed() ? origin() : "";
    }

    Side other(Side side) {
        return side == towardsOrigin ? towardsTarget : towardsOrigin;
    }

    /** The side at which this member itself reads and writes; of a relayed one there is none. */
    Side here() {
        if (towardsOrigin.isHere()) return towardsOrigin;
        if (towardsTarget.isHere()) return towardsTarget;
        throw new IllegalStateException("a relayed stream is nobody's here");
    }

    boolean isReset() {
        return reset;
    }

    void reset() {
        reset = true;
    }
}
