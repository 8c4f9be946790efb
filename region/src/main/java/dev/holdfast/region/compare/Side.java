package dev.holdfast.region.compare;

/** One of the two regions that are compared. */
public enum Side {
    /** The region that compares. */
    HERE,
    /** Its peer. */
    THERE;

    Side other() {
        return this == HERE ? THERE : HERE;
    }
}
