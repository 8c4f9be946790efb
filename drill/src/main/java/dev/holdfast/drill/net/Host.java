package dev.holdfast.drill.net;

/** The machines of a drill. */
public enum Host {
    /** Inside: reaches the edge, and abroad through the border. */
    DEVICE_A,
    /** Abroad: reaches the region. */
    DEVICE_B,
    EDGE,
    /** Abroad: the home region's. */
    CLOUD,
    /** Abroad: of a second region, where there is one. */
    CLOUD_B,
    /** Abroad: of a third. */
    CLOUD_C;

    /** Whether a region is on it. */
    public boolean isCloud() {
        return this == CLOUD || this == CLOUD_B || this == CLOUD_C;
    }
}
